import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelWith } from '../../../models/detection/models.ts';
import { rankingFigures } from '../../../models/metrics/ranking.ts';
import { SeededStream } from '../../../models/seeded-stream.ts';
import { madeModel } from '../../../test/made-model.ts';
import { AnswerBook } from '../../analytics/answer-book.ts';
import { FederatedExtractor, edgeV1Extractor } from '../../features/edge-v2.ts';
import { openIncidents } from '../../telemetry/load-incidents.ts';
import { prepareFiles } from '../../telemetry/prepare.ts';
import { topAlerts } from '../../train/top-alerts.ts';
import { type ScoreOptions, scoreLogs } from './score-logs.ts';

const DAY_S = 86_400;
const NOW = Date.UTC(2026, 0, 1);
let folder = '';
let log = '';
let redTeam = '';

/** Three days of 30 hosts and 12 accounts; on the third one account goes where it never was. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-score-'));
  log = join(folder, 'auth.txt');
  redTeam = join(folder, 'redteam.txt');
  const stream = SeededStream.fromNumber(5);
  const lines: string[] = [];
  const labels: string[] = [];
  for (let i = 0; i < 3000; i++) {
    const second = Math.floor((i * 3 * DAY_S) / 3000);
    const user = stream.nextBelow(12);
    const isAttack = i > 2500 && i % 60 === 0;
    const from = isAttack ? 'C3' : `C${stream.nextBelow(6) + user}`;
    const to = isAttack ? `C${10 + stream.nextBelow(20)}` : `C${20 + stream.nextBelow(3)}`;
    const account = `U${isAttack ? 1 : user}@DOM1`;
    const outcome = stream.nextBelow(50) === 0 ? 'Fail' : 'Success';
    const action = stream.nextBelow(9) === 0 ? 'LogOff' : 'LogOn';
    lines.push(
      `${second},${account},${account},${from},${to},Kerberos,Network,${isAttack ? 'LogOn' : action},${outcome}`,
    );
    if (isAttack) labels.push(`${second},${account},${from},${to}`);
  }
  await writeFile(log, `${lines.join('\n')}\n`);
  await writeFile(redTeam, `${labels.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const TRAIN_UNTIL = 2 * DAY_S * 1000;

function score(given: Partial<ScoreOptions> = {}) {
  return scoreLogs({
    path: log,
    model: madeModel(),
    answers: new AnswerBook(() => null),
    trainUntil: TRAIN_UNTIL,
    alerts: 7,
    out: null,
    labels: null,
    now: NOW,
    signal: new AbortController().signal,
    onEvents: () => undefined,
    ...given,
  });
}

/** The same logs as a participant prepares them. */
async function prepared(features: 'edge-v1' | 'edge-v2') {
  const extractor =
    features === 'edge-v1' ? edgeV1Extractor() : new FederatedExtractor(new AnswerBook(() => null));
  const files = { events: log, incidents: null, rejectFile: null, now: NOW };
  const { site } = await prepareFiles({ ...files, trainUntil: TRAIN_UNTIL, seed: 1, extractor });
  const { version, weights } = madeModel({ features });
  const { architecture } = version;
  const scores = modelWith(architecture).scores(weights, site.evaluation.list.rows);
  return { site, scores, events: site.evaluation.events, architecture, weights };
}

interface Line {
  readonly time: number;
  readonly srcHost: string;
  readonly dstHost: string;
  readonly account: string;
  readonly score: number;
  readonly alert: number | null;
  readonly reasons: string[];
}

const linesOf = async (path: string): Promise<Line[]> =>
  (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('logs that are scored', () => {
  it.each(['edge-v1', 'edge-v2'] as const)(
    'get the scores and alerts that a participant gives the same events (%s)',
    async (features) => {
      const path = join(folder, `${features}.jsonl`);
      const result = await score({ model: madeModel({ features }), out: { path, format: 'jsonl' } });
      const { site, scores, events, architecture, weights } = await prepared(features);
      const lines = await linesOf(path);
      expect(lines.map(({ score: one }) => Math.fround(one))).toEqual([...scores]);
      expect(lines.map(({ time, srcHost }) => [time, srcHost])).toEqual(
        events.map(({ time, srcHost }) => [time, srcHost]),
      );
      expect(result.scored).toBe(events.length);
      const top = topAlerts(architecture, weights, site, 7);
      const named = ({ time, srcHost, account, score: one, events: count }: (typeof top)[number]) =>
        [time, srcHost, account, one, count] as const;
      expect(result.alerts.map(named)).toEqual(top.map(named));
      expect(result.alerts.map(({ dstHosts }) => dstHosts)).toEqual(top.map(({ dstHosts }) => dstHosts));
    },
  );

  it('say of each line which alert it belongs to, and of the highest event of each why', async () => {
    const path = join(folder, 'ranks.jsonl');
    const { alerts, groups } = await score({ out: { path, format: 'jsonl' } });
    expect(groups).toBeGreaterThan(7);
    const lines = await linesOf(path);
    for (const { rank, srcHost, events, score: highest, reasons, time } of alerts) {
      const own = lines.filter(({ alert }) => alert === rank);
      expect(own).toHaveLength(events);
      expect(new Set(own.map((line) => line.srcHost))).toEqual(new Set([srcHost]));
      expect(Math.max(...own.map((line) => Math.fround(line.score)))).toBe(highest);
      expect(own.filter((line) => line.reasons.length > 0).map((line) => [line.time, line.reasons])).toEqual(
        reasons.length > 0 ? [[time, reasons]] : [],
      );
    }
    expect(lines.filter(({ alert }) => alert === null).length).toBe(
      lines.length - alerts.reduce((sum, { events }) => sum + events, 0),
    );
    const lowest = Math.min(...alerts.map((alert) => alert.score));
    const others = lines.filter(({ alert }) => alert === null).map((line) => line.score);
    expect(Math.max(...others)).toBeLessThanOrEqual(lowest);
  });

  it('are compared with labels, event by event and group by group', async () => {
    const labels = await openIncidents({ incidents: redTeam });
    const path = join(folder, 'labelled.jsonl');
    const { evaluation, alerts } = await score({ labels, out: { path, format: 'jsonl' } });
    const { scores, events } = await prepared('edge-v1');
    const truth = events.map((event) => (labels.campaignOf(event) === null ? 0 : 1));
    const attacks = truth.filter((one) => one === 1).length;
    expect(attacks).toBe((await readFile(redTeam, 'utf8')).trim().split('\n').length);
    expect(evaluation).toMatchObject({
      ...rankingFigures(truth, scores),
      events: events.length,
      labelled: attacks,
      // All from one host on one day.
      groups: 1,
      groupsFound: alerts.filter(({ isLabelled }) => isLabelled).length,
    });
  });

  it('without an end of history are all scored, and nothing is left where none asks for access or it is broken off', async () => {
    const { scored, counts } = await score({ trainUntil: null });
    expect(scored).toBeGreaterThan(2500);
    expect(scored).toBeLessThan(counts.events.auth);
    const names = await readdir(folder);
    const out = { path: join(folder, 'none.csv'), format: 'csv' } as const;
    await expect(score({ trainUntil: 9 * DAY_S * 1000, out })).rejects.toMatchObject({
      code: 'DATA_INSUFFICIENT',
    });
    await expect(score({ path: join(folder, 'nothing'), out })).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
    });
    expect(await readdir(folder)).toEqual(names);
  });
});
