import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alertGroups,
  campaignRecall,
  DAY_MS,
  memberRecall,
  thresholdAt,
  type ScoredEvent,
} from './alerts.ts';
import { averagePrecision, rocAuc, tprAtFpr } from './ranking.ts';

const oracle = JSON.parse(
  gunzipSync(readFileSync(new URL('./vectors/metrics-sklearn.json.gz', import.meta.url))).toString('utf8'),
) as {
  cases: { y: number[]; score: number[]; auc: number; ap: number; tpr_at_fpr: Record<string, number> }[];
};

describe('ranking metrics', () => {
  test.each(oracle.cases.map((c, i) => [i, c] as const))('scikit-learn case %i', (_, c) => {
    expect(rocAuc(c.y, c.score)).toBeCloseTo(c.auc, 12);
    expect(averagePrecision(c.y, c.score)).toBeCloseTo(c.ap, 12);
    for (const [limit, tpr] of Object.entries(c.tpr_at_fpr)) {
      expect(tprAtFpr(c.y, c.score, Number(limit))).toBeCloseTo(tpr, 12);
    }
  });

  test('AUC is the share of pairs in the right order, ties half', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 6 })));
    fc.assert(
      fc.property(rows, (list) => {
        let [sum, pairs] = [0, 0];
        for (const [y, s] of list) {
          for (const [y2, s2] of list) {
            if (y !== 1 || y2 !== 0) continue;
            pairs++;
            sum += s > s2 ? 1 : s === s2 ? 0.5 : 0;
          }
        }
        const auc = rocAuc(
          list.map(([y]) => y),
          list.map(([, s]) => s),
        );
        if (pairs === 0) expect(auc).toBeNull();
        else expect(auc).toBeCloseTo(sum / pairs, 12);
      }),
    );
  });

  test('one class alone gives null, NaN scores and unequal lengths are refused', () => {
    expect([rocAuc([0, 0], [1, 2]), averagePrecision([0], [1]), tprAtFpr([1], [1], 0.1)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(() => rocAuc([0, 1], [NaN, 1])).toThrow(/NaN at row/);
    expect(() => rocAuc([0, 1], [1])).toThrow(/SHAPE_MISMATCH/);
  });
});

describe('alerts', () => {
  const event = (score: number, day: number, srcHost: string, ...campaigns: string[]): ScoredEvent => ({
    score,
    time: day * DAY_MS + 1000,
    srcHost,
    campaigns,
  });

  test('events of one source and day are one alert with the highest score', () => {
    const groups = alertGroups('org', [
      event(1, 0, 'a'),
      event(3, 0, 'a', 'x'),
      event(2, 0, 'b'),
      event(9, 1, 'a'),
    ]);
    expect(groups.map((g) => [g.srcHost, g.day, g.score, g.events])).toEqual([
      ['a', 1, 9, 1],
      ['a', 0, 3, 2],
      ['b', 0, 2, 1],
    ]);
  });

  test('the threshold allows as many benign groups as asked for a day', () => {
    const benign = [event(5, 0, 'a'), event(4, 0, 'b'), event(3, 1, 'a'), event(2, 1, 'b'), event(1, 1, 'c')];
    const threshold = thresholdAt(1, benign);
    expect(threshold).toBe(3);
    expect(alertGroups('', benign).filter((g) => g.score > threshold)).toHaveLength(2);
    expect(thresholdAt(1, benign.slice(0, 1))).toBe(-Infinity);
  });

  test('member recall counts campaigns, not events, and reports the alerts it really took', () => {
    const benign = [event(3, 0, 'a'), event(2, 0, 'b')];
    const seen = [event(4, 2, 'p', 'x'), event(5, 2, 'q', 'x'), event(1, 2, 'r', 'y'), event(2.5, 3, 's')];
    expect(memberRecall('org', benign, seen)).toEqual({
      organisation: 'org',
      threshold: 2,
      alerts: 3,
      alertsPerDay: 1.5,
      falseAlertsPerDay: 0.5,
      campaigns: 2,
      caught: 1,
      recall: 0.5,
    });
    expect(memberRecall('org', benign, [event(9, 1, 'a')]).recall).toBeNull();
  });

  test('campaign recall looks at the highest groups of each day over all organisations', () => {
    const groups = [
      ...alertGroups('one', [event(9, 0, 'a'), event(8, 0, 'b', 'x'), event(1, 1, 'c', 'y')]),
      ...alertGroups('two', [event(8.5, 0, 'a'), event(0, 1, 'b')]),
    ];
    expect(campaignRecall(groups, 1)).toBe(0.5);
    expect(campaignRecall(groups, 3)).toBe(1);
    expect(campaignRecall([], 3)).toBeNull();
  });
});
