/**
 * One pass over an organisation's events: history, features, and the samples that training, thresholds and alerts need.
 */
import { DAY_MS } from '../../models/metrics/alerts.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { CordonError } from '../../protocol/errors.ts';
import { EDGE_V1 } from '../features/edge-v1.ts';
import { FeatureExtractor } from '../features/extractor.ts';
import { isScored } from '../features/event-kind.ts';
import { Corrupter, isFamiliar } from './corrupt.ts';
import { IncidentIndex, type Incident } from './incidents.ts';
import { RowList, RowReservoir, ScoredEvents } from './rows.ts';
import { seededStream } from './seeded-stream.ts';

/** What decides how an organisation's events are divided. */
export interface PrepareOptions {
  /**
   * Milliseconds on the clock of the events: earlier ones train, this and later ones are evaluated. null where the data
   * has no such split: every event then trains, gives thresholds and is evaluated; nothing may be concluded about accuracy.
   */
  readonly trainUntil: number | null;
  readonly seed: number | string;
}

/** An organisation's data as training, thresholds and alerts need it; rows are of `edge-v1`. It stays at the site. */
export interface SiteData {
  /** Benign training events without and with something new; samples. */
  readonly familiar: RowList;
  readonly novel: RowList;
  /** Corrupted copies, degree-matched; empty where the site knows nothing to mix, for example one host alone. */
  readonly corrupted: RowList;
  /** Own labelled incidents before `trainUntil`. */
  readonly incidents: RowList;
  /** Benign events before `trainUntil` that do not train: thresholds come from here. */
  readonly validation: ScoredEvents;
  /** Share of the (source host, day) groups that `validation` holds. */
  readonly validationShare: number;
  /** From `trainUntil` on. */
  readonly evaluation: ScoredEvents;
  readonly events: number;
  /** Events that ask for access. */
  readonly scored: number;
}

/** Rows kept of each training sample. */
const SAMPLE = 20_000;
/** Rows of validation and of evaluation; beyond it events with nothing new are counted only. */
const SCORED_LIMIT = 400_000;
/** Share of the training time that only fills the history: at first everything is new. */
const WARM_UP = 0.15;
/** Whole (source host, day) groups are held out, by hash: a stretch of time could be all weekend. */
const HELD_OUT = 0.5;

/**
 * Events must come in the order of their time. `incidents` are the organisation's own.
 * Throws CordonError DATA_INSUFFICIENT where no event before `trainUntil` asks for access.
 */
export async function prepareSite(
  events: AsyncIterable<AuthEvent> | Iterable<AuthEvent>,
  incidents: Iterable<Incident>,
  { trainUntil, seed }: PrepareOptions,
): Promise<SiteData> {
  const builder = new SiteBuilder(new IncidentIndex(incidents), trainUntil, seed);
  if (Symbol.asyncIterator in events) for await (const event of events) builder.add(event);
  else for (const event of events) builder.add(event);
  return builder.finish();
}

interface Contrast {
  readonly corrupter: Corrupter;
  readonly rows: RowReservoir;
}

class SiteBuilder {
  readonly #extractor = new FeatureExtractor();
  readonly #labels: IncidentIndex;
  readonly #trainUntil: number | null;
  readonly #remote: Contrast;
  readonly #local: Contrast;
  readonly #familiar: RowReservoir;
  readonly #novel: RowReservoir;
  readonly #incidents = new RowList(EDGE_V1.length);
  readonly #validation = new ScoredEvents(EDGE_V1.length, SCORED_LIMIT);
  readonly #evaluation = new ScoredEvents(EDGE_V1.length, SCORED_LIMIT);
  #first: number | null = null;
  #events = 0;
  #scored = 0;

  constructor(labels: IncidentIndex, trainUntil: number | null, seed: number | string) {
    const reservoir = (name: string): RowReservoir =>
      new RowReservoir(EDGE_V1.length, SAMPLE, seededStream('prepare', seed, name));
    this.#labels = labels;
    this.#trainUntil = trainUntil;
    const contrast = (name: string): Contrast => ({
      corrupter: new Corrupter(seededStream('prepare', seed, 'corrupt', name)),
      rows: reservoir(`corrupted ${name}`),
    });
    this.#remote = contrast('remote');
    this.#local = contrast('local');
    this.#familiar = reservoir('familiar');
    this.#novel = reservoir('novel');
  }

  add(event: AuthEvent): void {
    this.#events++;
    this.#first ??= event.time;
    const part = this.#partOf(event);
    const training = part === 'train' || part === 'everything';
    const contrast = event.srcHost === event.dstHost ? this.#local : this.#remote;
    // A corrupted copy must be seen against the same history as the event itself, so it comes before the push.
    if (training && isScored(event)) {
      contrast.rows.offer(() => contrast.corrupter.row(event, this.#extractor));
    }
    const row = this.#extractor.push(event);
    if (row === null) return;
    this.#scored++;
    contrast.corrupter.learn(event);
    if (part === 'evaluation') {
      this.#evaluation.add(row, event, isFamiliar(row));
      return;
    }
    if (part === 'everything') this.#evaluation.add(row, event, isFamiliar(row));
    if (this.#labels.campaignOf(event) !== null) {
      this.#incidents.add(row);
      return;
    }
    if (part !== 'warm-up' && part !== 'train') this.#validation.add(row, event, isFamiliar(row));
    if (training) (isFamiliar(row) ? this.#familiar : this.#novel).offer(() => row);
  }

  #partOf({ time, srcHost }: AuthEvent): 'warm-up' | 'train' | 'validation' | 'evaluation' | 'everything' {
    if (this.#trainUntil === null) return 'everything';
    if (time >= this.#trainUntil) return 'evaluation';
    const first = this.#first ?? time;
    if (time - first < WARM_UP * (this.#trainUntil - first)) return 'warm-up';
    return groupHash(srcHost, Math.floor(time / DAY_MS)) < HELD_OUT * 2 ** 32 ? 'validation' : 'train';
  }

  finish(): SiteData {
    if (this.#familiar.list.length + this.#novel.list.length === 0) {
      throw new CordonError('DATA_INSUFFICIENT', {
        expected: 'at least one event that asks for access in the training time',
        got: `${this.#events} events, ${this.#scored} of them logons or tickets, none to train on`,
        next: 'add authentication logs of this organisation, or choose a later end of the training time',
      });
    }
    return {
      familiar: this.#familiar.list,
      novel: this.#novel.list,
      // Local events mixed into remote ones are poor copies: only for a site that has seen no remote event.
      corrupted: (this.#remote.rows.list.length > 0 ? this.#remote : this.#local).rows.list,
      incidents: this.#incidents,
      validation: this.#validation,
      validationShare: this.#trainUntil === null ? 1 : HELD_OUT,
      evaluation: this.#evaluation,
      events: this.#events,
      scored: this.#scored,
    };
  }
}

/** FNV-1a over the name, mixed with the day; uniform enough to hold groups out by. */
function groupHash(name: string, day: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(day, 0x9e3779b1);
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
}
