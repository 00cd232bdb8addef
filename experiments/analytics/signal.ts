#!/usr/bin/env node
// Whether the columns of the federation carry signal on the simulator: an illustration on one development seed.
//
//   node experiments/analytics/signal.ts [seed]     a minute or two
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CampaignTruth } from '../../datasets/simulator/truth.ts';
import { STATISTICS } from '../../models/analytics/count-sketch.ts';
import { bitsNeeded } from '../../models/analytics/sketch-answer.ts';
import { sketchPrivacy } from '../../models/analytics/sketch-privacy.ts';
import { architectureOf } from '../../models/detection/models.ts';
import { SeededStream } from '../../models/seeded-stream.ts';
import { AnswerBook } from '../../participant/analytics/answer-book.ts';
import { PeriodCounts } from '../../participant/analytics/period-counts.ts';
import { rocAuc } from '../../models/metrics/ranking.ts';
import { FEDERATION, FEDERATION_AT, FederatedExtractor } from '../../participant/features/edge-v2.ts';
import { prepareFiles } from '../../participant/telemetry/prepare.ts';
import { IncidentIndex } from '../../participant/train/incidents.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import type { CountSketchTask, TrainTask } from '../../protocol/task.ts';
import { incidentsOf } from '../demo/compare.ts';
import { type DemoData, type WorldSize, simulatedData } from '../demo/data.ts';
import { Workspace } from '../demo/workspace.ts';
import { trainLocalOnly } from '../evaluate/baselines.ts';
import { demoTask } from '../evaluate/demo-task.ts';
import { type Evaluation, evaluate } from '../evaluate/evaluate.ts';
import { trainFederatedPlain } from '../evaluate/federated-plain.ts';
import { SIMULATED_KEY, plainAnswers } from './plain-answers.ts';
import { columnsText, signalText } from './signal-text.ts';

/** One way to count: its interval, floor and noise. */
export interface SignalSetting {
  readonly name: string;
  readonly seconds: 600 | 3600 | 86_400;
  readonly floor: number;
  /** Deviation of the noise of a sum; 0 for none. */
  readonly sigma: number;
}

export interface SignalRow {
  readonly name: string;
  /** Epsilon of one period and of a year at delta 1e-6; null without noise or without sums. */
  readonly epsilon: { readonly period: number | null; readonly year: number | null };
  readonly alone: Pick<Evaluation, 'ap' | 'auc' | 'memberRecall'>;
  readonly federated: Pick<Evaluation, 'ap' | 'auc' | 'memberRecall'>;
  /** Of each column of the federation by itself: AUC over all test events; below .5 a low value is suspicious. */
  readonly columns: readonly { readonly name: string; readonly auc: number | null }[];
}

export interface SignalOptions {
  readonly seed: number;
  readonly members: number;
  readonly world: WorldSize;
  readonly rounds: number;
  readonly settings: readonly SignalSetting[];
}

const DELTA = 1e-6;
const SETTINGS: readonly SignalSetting[] = [
  { name: 'hourly, exact, floor 1', seconds: 3600, floor: 1, sigma: 0 },
  { name: 'hourly, exact, floor 3', seconds: 3600, floor: 3, sigma: 0 },
  { name: 'hourly, noise 1.5, floor 1', seconds: 3600, floor: 1, sigma: 1.5 },
  { name: 'daily, exact, floor 1', seconds: 86_400, floor: 1, sigma: 0 },
];

/** A setting's task over a simulated world. */
export function signalTask({ name, seconds, floor, sigma }: SignalSetting, days: number): CountSketchTask {
  const sketch = { width: 1024, depth: 3, statistics: [...STATISTICS], cap: 4, sources: 3 };
  const noise =
    sigma === 0 ? null : ({ mechanism: 'discrete-gaussian', sigma, shares: 2, delta: DELTA } as const);
  return {
    kind: 'count-sketch',
    name,
    rounds: (days * 86_400) / seconds,
    pace: 'replay',
    period: { seconds, first: 0, delaySeconds: 120 },
    sketch,
    noise,
    floor,
    encoding: { bits: bitsNeeded(sketch, noise), layout: '3x26' },
    kMin: 3,
    deadlines: { advertiseSeconds: 1, collectSeconds: 1, graceSeconds: 0, openSeconds: 1 },
  };
}

/** Own features alone, then each setting beside it; everything by the simulator's truth over the test time. */
export async function signal(options: SignalOptions, say: (text: string) => void): Promise<SignalRow[]> {
  const { seed, members, world, rounds, settings } = options;
  const folder = await mkdtemp(join(tmpdir(), 'cordon-signal-'));
  try {
    const workspace = await Workspace.create(join(folder, 'world'));
    const data = await simulatedData(workspace, members, world, seed, () => undefined);
    const truth = JSON.parse(
      await readFile(join(data.truth ?? '', 'campaigns.json'), 'utf8'),
    ) as CampaignTruth[];
    const counts = new Map<string, PeriodCounts>();
    const own = await prepared(data, (member) => {
      const periods = new PeriodCounts();
      counts.set(member, periods);
      return { onEvent: periods.add.bind(periods) };
    });
    const task = demoTask(rounds, seed);
    const none: SignalRow['epsilon'] = { period: null, year: null };
    const rows: SignalRow[] = [
      { name: 'own features', epsilon: none, ...figures(own, task, truth), columns: [] },
    ];
    for (const setting of settings) {
      say(setting.name);
      const sums = signalTask(setting, world.days);
      const answers = plainAnswers(sums, counts, seededBytes(seed));
      const sites = await prepared(data, (member) => ({
        extractor: new FederatedExtractor(new AnswerBook(() => SIMULATED_KEY, answers.get(member))),
      }));
      const { periodEpsilon, yearEpsilon } = sketchPrivacy(sums, DELTA);
      const epsilon = sums.noise === null ? none : { period: periodEpsilon, year: yearEpsilon };
      const model = { ...task.model, features: 'edge-v2' as const };
      const columns = columnsOf(sites, truth);
      rows.push({ name: setting.name, epsilon, ...figures(sites, { ...task, model }, truth), columns });
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Reading = Pick<Parameters<typeof prepareFiles>[0], 'extractor' | 'onEvent'>;

async function prepared(
  data: DemoData,
  reading: (member: string) => Reading,
): Promise<Map<string, SiteData>> {
  const sites = new Map<string, SiteData>();
  for (const [member, files] of data.sites) {
    const now = Number.MAX_SAFE_INTEGER;
    const { site } = await prepareFiles({ ...files, ...reading(member), seed: 1, rejectFile: null, now });
    sites.set(member, site);
  }
  return sites;
}

function figures(sites: ReadonlyMap<string, SiteData>, task: TrainTask, campaigns: readonly CampaignTruth[]) {
  const architecture = architectureOf(task.model);
  const members = [...sites].map(([organisation, site]) => ({
    organisation,
    site,
    truth: incidentsOf(campaigns, organisation),
  }));
  const weights = trainFederatedPlain(
    members.map(({ organisation, site }, seed) => ({ organisation, site, seed })),
    task,
  );
  const alone = new Map([...sites].map(([member, site]) => [member, trainLocalOnly(site, task)]));
  return {
    alone: shown(evaluate(architecture, members, (member) => alone.get(member) ?? weights)),
    federated: shown(evaluate(architecture, members, () => weights)),
  };
}

/** How well each column of the federation tells malicious from benign test events, without any model. */
function columnsOf(sites: ReadonlyMap<string, SiteData>, campaigns: readonly CampaignTruth[]) {
  const labels: number[] = [];
  const values = FEDERATION.map(() => [] as number[]);
  for (const [organisation, { evaluation }] of sites) {
    const truth = new IncidentIndex(incidentsOf(campaigns, organisation));
    evaluation.events.forEach((event, i) => {
      labels.push(truth.campaignOf(event) === null ? 0 : 1);
      const row = evaluation.list.row(i);
      FEDERATION.forEach(({ name }, column) => values[column]?.push(row[FEDERATION_AT[name]] ?? 0));
    });
  }
  return FEDERATION.map(({ name }, column) => ({ name, auc: rocAuc(labels, values[column] ?? []) }));
}

function shown({ ap, auc, memberRecall }: Evaluation): Pick<Evaluation, 'ap' | 'auc' | 'memberRecall'> {
  return { ap, auc, memberRecall };
}

function seededBytes(seed: number): (length: number) => Uint8Array {
  const stream = SeededStream.fromNumber(seed);
  return (length) => {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => stream.nextUint32());
    return new Uint8Array(words.buffer, 0, length);
  };
}

if (import.meta.main) {
  const seed = Number(process.argv[2] ?? 3);
  const world = { hosts: 60, accounts: 90, days: 10, trainDays: 6 };
  const options = { seed, members: 6, world, rounds: 20, settings: SETTINGS };
  const rows = await signal(options, (what) => process.stderr.write(`${what} ...\n`));
  process.stdout.write(`${signalText(rows)}\n\n${columnsText(rows)}\n`);
}
