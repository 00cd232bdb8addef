import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { type EdgeScorerArchitecture, weightCount } from '../models/detection/architecture.ts';
import { edgeScorer } from '../models/detection/feature-sets.ts';
import { modelHash } from '../models/detection/model-hash.ts';
import { AlertDesk, type AlertDeskSnapshot, type AlertOptions } from '../participant/alerts/alert-desk.ts';
import { AlertStore } from '../participant/alerts/alert-store.ts';
import type { ScoringModel } from '../participant/alerts/scoring-model.ts';
import { Suppressions } from '../participant/alerts/suppression-book.ts';
import { AT, type FeatureName } from '../participant/features/edge-v1.ts';
import { IncidentIndex } from '../participant/train/incidents.ts';
import { SiteBuilder, type SiteSnapshot } from '../participant/train/site-builder.ts';
import type { AuthEvent } from '../protocol/events/canonical.ts';
import { quietLogger } from './running-coordinator.ts';

/** A model that adds up some features: its scores can be told in advance. */
export function addingModel(weightOf: Partial<Record<FeatureName, number>>, from = 'run-1'): ScoringModel {
  const architecture: EdgeScorerArchitecture = edgeScorer({ features: 'edge-v1', hidden: 1 });
  const weights = new Float32Array(weightCount(architecture));
  for (const [name, weight] of Object.entries(weightOf)) weights[AT[name as FeatureName]] = weight;
  const { inputs } = architecture;
  // Behind W1 come the bias, which keeps the unit above zero, and its weight.
  weights.set([10, 1, -10], inputs);
  return { from, hash: modelHash(nodePrimitives.sha256, architecture, weights), architecture, weights };
}

/** What is new about an event, and nothing else. */
export const NOVELTY = addingModel({ edgeNew: 2, accountDestinationNew: 1, sourceNewBurst: 1, failed: 0.5 });

/** A site's learner and alert desk without logs around them: events in, lines on disk out. */
export class DeskSite {
  readonly state: string;
  readonly findings: string[] = [];
  labels = new IncidentIndex([]);
  desk: AlertDesk;
  private builder: SiteBuilder;
  private store: AlertStore;
  private readonly options: AlertOptions;
  /** Written into lines. */
  now = 1_000;

  private constructor(options: Partial<AlertOptions>) {
    this.state = mkdtempSync(join(tmpdir(), 'cordon-alerts-'));
    this.options = { member: 'acme', perDay: 1, mostPerDay: 100, features: 'edge-v1', ...options };
    this.builder = this.#builder();
    this.store = this.#open();
    this.desk = this.#desk();
  }

  static async start(options: Partial<AlertOptions> = {}): Promise<DeskSite> {
    const site = new DeskSite(options);
    await site.desk.begin(null);
    return site;
  }

  add(events: Iterable<AuthEvent>): void {
    for (const event of events) {
      const row = this.builder.add(event);
      if (row !== null) this.desk.take(row, event);
    }
  }

  /** As a checkpoint holds it, in the form in which it is written. */
  async checkpoint(): Promise<DeskCheckpoint> {
    await this.desk.settle();
    const desk = JSON.parse(JSON.stringify(this.desk.snapshot())) as AlertDeskSnapshot;
    const { samples, history } = this.builder.snapshot();
    return { desk, site: { samples: samples.slice(), history: history.slice() } };
  }

  /** As after kill -9: what is on disk, and a checkpoint or none. */
  async restart(from: DeskCheckpoint | null): Promise<void> {
    this.builder = this.#builder();
    if (from !== null) this.builder.restore(from.site);
    this.store = this.#open();
    this.desk = this.#desk();
    await this.desk.begin(from?.desk ?? null);
  }

  end(): void {
    rmSync(this.state, { recursive: true, force: true });
  }

  #builder(): SiteBuilder {
    return new SiteBuilder(this.labels, { trainUntil: null, seed: 1, scoredRows: 5000, scored: 'recent' });
  }

  #open(): AlertStore {
    return AlertStore.open(this.state, this.options.member, () => this.now);
  }

  #desk(): AlertDesk {
    return new AlertDesk(this.options, {
      store: this.store,
      suppressions: new Suppressions(this.state),
      labels: () => this.labels,
      site: () => this.builder.site(),
      since: () => 0,
      accountSince: () => 0,
      onFindings: (lines) => this.findings.push(lines),
      logger: quietLogger(),
    });
  }
}

export interface DeskCheckpoint {
  readonly desk: AlertDeskSnapshot;
  readonly site: SiteSnapshot;
}
