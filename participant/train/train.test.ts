import { beforeAll, describe, expect, test } from 'vitest';
import { architectureOf, modelWith } from '../../models/detection/models.ts';
import { demoTask } from '../../experiments/evaluate/demo-task.ts';
import { FederatedModel } from '../../models/federated/federated-model.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { rocAuc } from '../../models/metrics/ranking.ts';
import { SeededStream } from '../../models/seeded-stream.ts';
import { CordonError } from '../../protocol/errors.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { FeatureExtractor } from '../features/extractor.ts';
import { Corrupter, isFamiliar } from './corrupt.ts';
import { IncidentIndex } from './incidents.ts';
import { localSteps } from './local-round.ts';
import { atOnce } from '../../models/in-steps.ts';
import { quantisedRound } from './local-update.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import type { SiteData } from './site-data.ts';
import { RowReservoir } from './rows.ts';
import { topAlerts } from './top-alerts.ts';

const localRound = (...args: Parameters<typeof localSteps>) => atOnce(localSteps(...args));

const { events, truth } = syntheticSite({ seed: 9, people: 60, servers: 12, days: 10, campaigns: 8 });
const trainUntil = 6 * DAY_MS;
const known = truth.filter(({ time }) => time < trainUntil);
// The demo's 1000 steps would learn this tiny world by heart.
const gentle = { steps: 20, batch: 128, learningRate: 0.005, corrupted: 0.1 };
const task = { ...demoTask(8, 1), training: gentle };
const architecture = architectureOf(task.model);

const untimed = (): number => 0;

function train(site: SiteData, rounds: number): Float32Array {
  let weights = modelWith(architecture).initialWeights(task.seed);
  for (let round = 1; round <= rounds; round++) {
    const { delta } = localRound(weights, site, task, round, 'test', untimed);
    weights = weights.map((value, i) => value + (delta[i] ?? 0));
  }
  return weights;
}

function auc(site: SiteData, weights: Float32Array): number | null {
  const index = new IncidentIndex(truth);
  const labels = site.evaluation.events.map((event) => (index.campaignOf(event) === null ? 0 : 1));
  return rocAuc(labels, modelWith(architecture).scores(weights, site.evaluation.list.rows));
}

describe('prepareSite', () => {
  let site: SiteData;
  beforeAll(async () => {
    site = await prepareSite(events, known, { trainUntil, seed: 1 });
  });

  test('training and validation end before the evaluation begins', () => {
    expect(Math.max(...site.validation.events.map((e) => e.time))).toBeLessThan(trainUntil);
    expect(Math.min(...site.evaluation.events.map((e) => e.time))).toBeGreaterThanOrEqual(trainUntil);
    const later = events.filter((e) => e.time >= trainUntil && e.action === 'LogOn');
    expect(site.evaluation.events).toHaveLength(later.length);
  });

  test('what comes after trainUntil cannot change what is trained on', async () => {
    const early = events.filter((e) => e.time < trainUntil);
    const cut = await prepareSite(early, known, { trainUntil, seed: 1 });
    for (const part of ['familiar', 'novel', 'corrupted', 'incidents'] as const) {
      expect(cut[part].rows).toEqual(site[part].rows);
    }
  });

  test('own incidents are the labelled rows and stand in neither the benign rows nor the validation', () => {
    expect(site.incidents.length).toBe(known.length);
    const index = new IncidentIndex(known);
    expect(site.validation.events.some((e) => index.campaignOf(e) !== null)).toBe(false);
  });

  test('incidents after trainUntil teach nothing', async () => {
    const all = await prepareSite(events, truth, { trainUntil, seed: 1 });
    expect(all.incidents.rows).toEqual(site.incidents.rows);
  });

  test('the validation holds whole groups of source and day, about the share it names', () => {
    const group = (e: { srcHost: string; time: number }): string =>
      `${e.srcHost} ${Math.floor(e.time / DAY_MS)}`;
    const held = new Set(site.validation.events.map(group));
    const later = events.filter((e) => e.action === 'LogOn' && e.time >= DAY_MS * 2 && e.time < trainUntil);
    const all = new Set(later.map(group));
    const share = [...all].filter((g) => held.has(g)).length / all.size;
    expect(Math.abs(share - site.validationShare)).toBeLessThan(0.1);
    const benign = later.filter((e) => held.has(group(e)) && new IncidentIndex(known).campaignOf(e) === null);
    const heldLater = site.validation.events.filter((e) => e.time >= DAY_MS * 2);
    expect(heldLater).toHaveLength(benign.length);
  });

  test('an async source gives the same as an array', async () => {
    async function* source(): AsyncGenerator<(typeof events)[number]> {
      for (const event of events) yield await Promise.resolve(event);
    }
    const streamed = await prepareSite(source(), known, { trainUntil, seed: 1 });
    expect(streamed.corrupted.rows).toEqual(site.corrupted.rows);
    expect(streamed.evaluation.list.rows).toEqual(site.evaluation.list.rows);
  });

  test('no usable event gives DATA_INSUFFICIENT with the counts', async () => {
    const silent = events.slice(0, 5).map((event) => ({ ...event, action: 'LogOff' as const }));
    for (const list of [[], silent]) {
      const failure: unknown = await prepareSite(list, [], { trainUntil, seed: 1 }).catch((e: unknown) => e);
      expect(failure).toBeInstanceOf(CordonError);
      expect(failure).toMatchObject({ code: 'DATA_INSUFFICIENT' });
      expect(String(failure)).toContain(`${list.length} events`);
    }
  });
});

describe('training', () => {
  test('with labels it finds later intruders', async () => {
    const site = await prepareSite(events, known, { trainUntil, seed: 1 });
    const before = auc(site, modelWith(architecture).initialWeights(task.seed)) ?? 0;
    const after = auc(site, train(site, 8)) ?? 0;
    expect(after).toBeGreaterThan(0.97);
    expect(after).toBeGreaterThan(before);
  });

  test('without any label it learns by contrast alone', async () => {
    const site = await prepareSite(events, [], { trainUntil, seed: 1 });
    expect(site.incidents.length).toBe(0);
    expect(auc(site, train(site, 8))).toBeGreaterThan(0.9);
  });

  test('a handful of events without split or labels still trains and gives alerts', async () => {
    for (const count of [1, 2, 40]) {
      const few = events.filter((e) => e.action === 'LogOn').slice(0, count);
      const site = await prepareSite(few, [], { trainUntil: null, seed: 1 });
      const weights = train(site, 3);
      expect(site.validationShare).toBe(1);
      expect(topAlerts(architecture, weights, site, 3).length).toBeGreaterThan(0);
    }
  });

  test('a site with only local logons still has something to contrast; one host alone adds nothing', async () => {
    const local = events.filter((e) => e.srcHost === e.dstHost).slice(0, 200);
    const site = await prepareSite(local, [], { trainUntil: null, seed: 1 });
    expect(site.corrupted.length).toBeGreaterThan(20);
    const alone = local.filter((e) => e.srcHost === local[0]?.srcHost);
    const lonely = await prepareSite(alone, [], { trainUntil: null, seed: 1 });
    expect(lonely.corrupted.length).toBe(0);
    const { delta } = localRound(modelWith(architecture).initialWeights(1), lonely, task, 1, 'a', untimed);
    expect(delta.every((value) => value === 0)).toBe(true);
  });

  test('the same seed, round and weights give the same bits; another round or member others', async () => {
    const site = await prepareSite(events, known, { trainUntil, seed: 1 });
    const again = await prepareSite(events, known, { trainUntil, seed: 1 });
    const weights = modelWith(architecture).initialWeights(1);
    const { delta, loss, steps } = localRound(weights, site, task, 3, 'a', untimed);
    expect(localRound(weights, again, task, 3, 'a', untimed)).toMatchObject({ delta, loss, steps });
    expect(localRound(weights, site, task, 4, 'a', untimed).delta).not.toEqual(delta);
    expect(localRound(weights, site, task, 3, 'b', untimed).delta).not.toEqual(delta);
  });

  test('what a round costs is told by the clock that is handed in', async () => {
    const site = await prepareSite(events.slice(0, 500), [], { trainUntil: null, seed: 1 });
    const times = [10, 50, 50, 57];
    const read: number[] = [];
    const elapsed = (): number => {
      read.push(times[read.length] ?? NaN);
      return read.at(-1) ?? NaN;
    };
    const federated = new FederatedModel(task, 1);
    const start = { federated, state: federated.firstState(), own: null };
    const { trained, quantiseMs } = quantisedRound(start, site, task, 1, 'a', elapsed);
    expect([trained.ms, quantiseMs, read]).toEqual([40, 7, [10, 50, 50, 57]]);
  });

  test('alerts are one for each source and day, highest first, with reasons in words', async () => {
    const site = await prepareSite(events, known, { trainUntil, seed: 1 });
    const alerts = topAlerts(architecture, train(site, 8), site, 5);
    expect(alerts).toHaveLength(5);
    expect(alerts.map(({ score }) => score)).toEqual(
      alerts.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    const groups = alerts.map((a) => `${a.srcHost} ${Math.floor(a.time / DAY_MS)}`);
    expect(new Set(groups).size).toBe(5);
    expect(alerts[0]?.reasons).toHaveLength(3);
    const intruders = new Set(truth.map(({ srcHost }) => srcHost));
    expect(intruders.has(alerts[0]?.srcHost ?? '')).toBe(true);
  });
});

describe('samples', () => {
  test('corrupted copies have something new and are drawn as often as hosts occur', () => {
    const extractor = new FeatureExtractor();
    const corrupter = new Corrupter(SeededStream.fromNumber(2));
    let made = 0;
    for (const event of events.slice(0, 3000)) {
      const row = corrupter.row(event, extractor)?.slice();
      extractor.push(event);
      corrupter.learn(event);
      if (row === undefined) continue;
      made++;
      expect(isFamiliar(row)).toBe(false);
      expect(row.every((value) => Number.isFinite(value) && Math.abs(value) <= 4)).toBe(true);
    }
    expect(made).toBeGreaterThan(1000);
  });

  test('a reservoir is a uniform sample', () => {
    const counts = Array.from({ length: 20 }, () => 0);
    for (let run = 0; run < 3000; run++) {
      const reservoir = new RowReservoir(1, 5, SeededStream.fromNumber(run));
      for (let i = 0; i < 20; i++) reservoir.offer(() => Float32Array.of(i));
      for (const value of reservoir.list.rows) counts[value] = (counts[value] ?? 0) + 1;
    }
    // Expected 750 each, standard deviation 24: five of them.
    for (const count of counts) expect(Math.abs(count - 750)).toBeLessThan(120);
  });

  test('an offer without a row keeps its place free, and a full sample makes no row that it does not take', () => {
    const reservoir = new RowReservoir(1, 3, SeededStream.fromNumber(1));
    const add = (value: number): void => reservoir.offer(() => Float32Array.of(value));
    for (const value of [1, 2]) {
      reservoir.offer(() => null);
      add(value);
    }
    expect([...reservoir.list.rows]).toEqual([1, 2]);
    add(3);
    let made = 0;
    for (let i = 0; i < 1000; i++) {
      reservoir.offer(() => {
        made++;
        return null;
      });
    }
    expect([...reservoir.list.rows]).toEqual([1, 2, 3]);
    // Expected 3 x (ln 1003 - ln 3) = 17 takings.
    expect(made).toBeLessThan(60);
  });

  test('an incident is found by either account and by the second', () => {
    const index = new IncidentIndex([
      { time: 7000, account: 'a', srcHost: 'x', dstHost: 'y', campaign: 'c' },
    ]);
    const [event] = events;
    if (event === undefined) throw new Error('no events');
    const base = { ...event, time: 7400, srcHost: 'x', dstHost: 'y', srcAccount: 'a', dstAccount: 'b' };
    expect(index.campaignOf(base)).toBe('c');
    expect(index.campaignOf({ ...base, srcAccount: 'b', dstAccount: 'a' })).toBe('c');
    expect(index.campaignOf({ ...base, time: 8000 })).toBeNull();
    expect(index.campaignOf({ ...base, srcAccount: 'b' })).toBeNull();
  });
});
