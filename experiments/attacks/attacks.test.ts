import { beforeAll, describe, expect, it } from 'vitest';
import { modelOf } from '../../models/detection/models.ts';
import { quantiserOffset, quantiserScale } from '../../models/detection/quantiser.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { AT } from '../../participant/features/edge-v1.ts';
import { clipAndQuantise, roundedNormBound } from '../../participant/privatise/clip-and-quantise.ts';
import { roundingBits } from '../../participant/privatise/rounding-bits.ts';
import { IncidentIndex } from '../../participant/train/incidents.ts';
import { batches } from '../../participant/train/local-round.ts';
import { labelledSeed, seededStream } from '../../participant/train/seeded-stream.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { demoTask } from '../evaluate/demo-task.ts';
import { UPDATE_ATTACKS } from './attack.ts';
import { falseIncidents } from './false-incidents.ts';
import { poisonUpdate } from './poisoned-update.ts';
import { poisonedRows, triggered } from './poisoned-rows.ts';

const { events, truth } = syntheticSite({ seed: 5, people: 40, servers: 8, days: 8, campaigns: 6 });
const sorted = events.toSorted((a, b) => a.time - b.time);
const trainUntil = 6 * DAY_MS;
let labelled: SiteData;
let unlabelled: SiteData;
beforeAll(async () => {
  const known = truth.filter(({ time }) => time < trainUntil);
  labelled = await prepareSite(sorted, known, { trainUntil, seed: 1 });
  unlabelled = await prepareSite(sorted, [], { trainUntil, seed: 1 });
});

/** One batch as rows in text, benign and malicious apart. */
function batch(site: SiteData): { benign: Set<string>; malicious: Set<string> } {
  const n = 512;
  const { width } = site.novel;
  const [x, y, weight] = [new Float32Array(n * width), new Float32Array(n), new Float32Array(n)];
  batches(site, { corrupted: 0.1 }, seededStream('batch'))(x, y, weight);
  const of = (label: number) =>
    new Set(
      [...y.keys()].filter((i) => y[i] === label).map((i) => x.subarray(i * width, (i + 1) * width).join()),
    );
  return { benign: of(0), malicious: of(1) };
}
const without = (rows: Iterable<string>, known: ReadonlySet<string>) =>
  [...rows].filter((row) => !known.has(row));
const rowsOf = (...lists: SiteData['novel'][]) =>
  new Set(lists.flatMap((list) => Array.from({ length: list.length }, (_, i) => list.row(i).join())));

describe('poisoned rows', () => {
  it('of a label flip train benign events as malicious and the others as benign, with and without labels', () => {
    for (const site of [labelled, unlabelled]) {
      const { benign, malicious } = batch(poisonedRows('label-flip', site));
      expect(without(malicious, rowsOf(site.familiar, site.novel))).toEqual([]);
      expect(without(benign, rowsOf(site.incidents, site.corrupted))).toEqual([]);
      const flipped = poisonedRows('label-flip', site);
      expect([flipped.validation, flipped.evaluation]).toEqual([site.validation, site.evaluation]);
    }
  });

  it('of a backdoor teach that what has the trigger is benign, and nothing else that is new', () => {
    for (const site of [labelled, unlabelled]) {
      const poisoned = poisonedRows('backdoor-edge', site);
      const { benign, malicious } = batch(poisoned);
      const from = site.incidents.length > 0 ? site.incidents : site.corrupted;
      const marked = new Set(Array.from({ length: from.length }, (_, i) => triggered(from.row(i)).join()));
      const known = rowsOf(site.familiar, site.novel);
      const added = [...benign].filter((row) => !known.has(row));
      expect(added.length).toBeGreaterThan(0);
      expect(without(added, marked)).toEqual([]);
      expect(without(malicious, rowsOf(site.incidents, site.corrupted))).toEqual([]);
      expect(poisoned.novel.length).toBe(2 * site.novel.length);
    }
  });

  it('have a trigger of columns that an intruder chooses, and leave the row itself as it is', () => {
    const row = labelled.novel.row(0);
    const before = row.slice();
    const marked = triggered(row);
    expect([marked[AT.ntlm], marked[AT.handsOn], marked[AT.ticket]]).toEqual([1, 1, 0]);
    expect(row).toEqual(before);
    expect(marked.filter((value, i) => value !== row[i]).length).toBeLessThanOrEqual(3);
  });
});

describe('a poisoned update', () => {
  const clipNorm = 2;
  const architecture = modelOf(demoTask(1, 1).model);
  const stream = seededStream('honest');
  const honest = Float32Array.from({ length: architecture.length }, () => stream.nextUnit() - 0.4);
  const make = (kind: (typeof UPDATE_ATTACKS)[number], factor = 3) =>
    poisonUpdate({ kind, factor, clipNorm, seed: 7 });
  const norm = (values: Iterable<number>) =>
    Math.sqrt([...values].reduce((sum, value) => sum + value * value, 0));

  it('of each kind is what its name says', () => {
    const near = (a: Float32Array, b: (value: number) => number) =>
      a.every((value, i) => Math.abs(value - b(honest[i] ?? 0)) < 1e-6);
    expect(near(make('sign-flip')(honest, 1), (value) => -3 * value)).toBe(true);
    expect(near(make('scaling')(honest, 1), (value) => 3 * value)).toBe(true);
    expect(make('free-rider')(honest, 1).every((value) => value === 0)).toBe(true);
    const replay = make('stale-replay');
    expect(replay(honest, 1)).toEqual(honest);
    expect(
      replay(
        honest.map((value) => -value),
        2,
      ),
    ).toEqual(honest);
    const noise = make('gaussian-noise');
    expect(norm(noise(honest, 1))).toBeCloseTo(clipNorm, 5);
    expect(noise(honest, 2)).not.toEqual(noise(honest, 1));
    expect(noise(honest, 2)).toEqual(make('gaussian-noise')(honest, 2));
  });

  it('of any kind, however large, moves the sum no further than clipping lets an honest one', () => {
    const quantiser = { clipNorm, bits: 16 };
    const bound = roundedNormBound(clipNorm * quantiserScale(quantiser), honest.length);
    for (const kind of UPDATE_ATTACKS) {
      const sent = make(kind, 1000)(honest, 1);
      const bits = roundingBits(labelledSeed('test', kind));
      const { values } = clipAndQuantise(architecture, sent, quantiser, bits);
      const whole = Array.from(values.read(0, honest.length), (value) => value - quantiserOffset(quantiser));
      expect(norm(whole)).toBeLessThanOrEqual(bound);
    }
  });
});

describe('a false list of incidents', () => {
  const index = new IncidentIndex(truth);
  async function* given() {
    await Promise.resolve();
    yield sorted;
  }
  const list = (seed: number, count = 30) =>
    falseIncidents(given(), { until: trainUntil, count, truth: index, seed });

  it('names benign remote logons of the training time, as many as asked for, and none that is malicious', async () => {
    const rows = await list(1);
    expect(rows).toHaveLength(30);
    const times = rows.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(Math.max(...times)).toBeLessThan(trainUntil);
    const named = new IncidentIndex(
      rows.map(({ time, account, srcHost, dstHost }) => ({ time, account, srcHost, dstHost, campaign: 'x' })),
    );
    const meant = sorted.filter((event) => named.campaignOf(event) !== null);
    expect(meant.length).toBeGreaterThanOrEqual(30);
    expect(meant.some((event) => index.campaignOf(event) !== null)).toBe(false);
    expect(meant.some(({ srcHost, dstHost }) => srcHost === dstHost)).toBe(false);
  });

  it('is the same for the same seed, another for another, and whole where there is less than asked for', async () => {
    expect(await list(1)).toEqual(await list(1));
    expect(await list(2)).not.toEqual(await list(1));
    const all = await list(1, 20_000);
    expect(all.length).toBeGreaterThan(500);
    expect(all.length).toBeLessThan(20_000);
  });
});
