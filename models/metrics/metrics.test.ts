import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Ranking, rankingFigures, rocAuc } from './ranking.ts';

const oracle = JSON.parse(
  gunzipSync(readFileSync(new URL('./vectors/metrics-sklearn.json.gz', import.meta.url))).toString('utf8'),
) as {
  cases: { y: number[]; score: number[]; auc: number; ap: number; tpr_at_fpr: Record<string, number> }[];
};

describe('ranking metrics', () => {
  test.each(oracle.cases.map((c, i) => [i, c] as const))('scikit-learn case %i', (_, c) => {
    const ranking = new Ranking(c.y, c.score);
    expect(ranking.auc).toBeCloseTo(c.auc, 12);
    expect(ranking.ap).toBeCloseTo(c.ap, 12);
    for (const [limit, tpr] of Object.entries(c.tpr_at_fpr)) {
      expect(ranking.tprAt(Number(limit))).toBeCloseTo(tpr, 12);
    }
    const figures = rankingFigures(c.y, c.score);
    expect(figures).toMatchObject({ auc: rocAuc(c.y, c.score), ap: ranking.ap });
    expect(figures.tpr).toBeCloseTo(c.tpr_at_fpr['0.001'] ?? NaN, 12);
  });

  test('true-positive rates at one false alarm in a thousand and in ten thousand, by hand', () => {
    // 20,000 benign: 3 above everything, 20 more above the last malicious one.
    const benign = Array.from({ length: 20_000 }, (_, i) => (i < 3 ? 9 : i < 23 ? 5 : 0));
    const scores = [...benign, 10, 7, 6, 3];
    const labels = scores.map((_, i) => (i < 20_000 ? 0 : 1));
    expect(rankingFigures(labels, scores)).toMatchObject({ tpr: 0.75, tprStrict: 0.25 });
    expect(new Ranking(labels, scores).tprAt(23 / 20_000)).toBe(1);
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
    const none = { auc: null, ap: null, tpr: null, tprStrict: null };
    expect(rankingFigures([0, 0], [1, 2])).toEqual(none);
    expect(rankingFigures([], [])).toEqual(none);
    expect(rankingFigures([1], [1])).toEqual({ ...none, ap: 1 });
    expect(() => rocAuc([0, 1], [NaN, 1])).toThrow(/NaN at row/);
    expect(() => rocAuc([0, 1], [1])).toThrow(/SHAPE_MISMATCH/);
  });
});
