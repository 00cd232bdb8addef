import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meanInterval, pairedDifference } from './intervals.ts';
import { studentCdf, studentQuantile } from './student.ts';
import { median } from './summary.ts';

// Computed once with SciPy 1.17.1: scipy.stats.t.ppf(p, df), where p = (1 + confidence) / 2.
const QUANTILES = [
  [1, 0.8, 3.0776835371752544],
  [1, 0.95, 12.706204736174694],
  [2, 0.95, 4.302652729749462],
  [2, 0.99, 9.924843200918287],
  [3, 0.95, 3.1824463052837078],
  [4, 0.8, 1.533206274058944],
  [9, 0.95, 2.262157162798205],
  [29, 0.99, 2.756385903670605],
  [200, 0.95, 1.9718962236339088],
  [1000, 0.95, 1.9623390808264083],
] as const;

describe('Student t', () => {
  test.each(QUANTILES)('%i degrees of freedom, confidence %d', (df, confidence, t) => {
    expect(studentQuantile(confidence, df)).toBeCloseTo(t, 10);
    expect(studentCdf(t, df)).toBeCloseTo((1 + confidence) / 2, 13);
    expect(studentCdf(-t, df)).toBeCloseTo((1 - confidence) / 2, 13);
  });

  test('other points of the distribution, by scipy.stats.t.cdf', () => {
    expect(studentCdf(0.5, 1)).toBeCloseTo(0.6475836176504333, 14);
    expect(studentCdf(-2.2, 3)).toBeCloseTo(0.05758597598823534, 14);
    expect(studentCdf(5, 40)).toBeCloseTo(0.9999940799671652, 14);
  });

  test('broken degrees of freedom and confidences are refused', () => {
    expect(() => studentQuantile(0.95, 0)).toThrow(/VALUE_OUT_OF_RANGE/);
    expect(() => studentCdf(1, 2.5)).toThrow(/VALUE_OUT_OF_RANGE/);
    expect(() => studentQuantile(1, 3)).toThrow(/VALUE_OUT_OF_RANGE/);
  });
});

const federated = [0.71, 0.64, 0.8, 0.77, 0.69, 0.75, 0.73, 0.81, 0.66, 0.7];
const alone = [0.52, 0.6, 0.58, 0.63, 0.49, 0.61, 0.5, 0.66, 0.62, 0.47];

const RESAMPLED: [number[], number, number][] = [
  [[0.1, 0.18, 0.05], 0.060833333333333336, 0.16266666666666663],
  [[0.19, 0.04, 0.22, 0.14, 0.2], 0.096, 0.20600000000000002],
  [[0.2, -0.1, 0.05, 0.3, 0.12, 0.01], -0.006666666666666668, 0.20166666666666666],
];

describe('intervals over seeds', () => {
  test('a mean with its interval, by scipy.stats.t.interval', () => {
    const { n, mean, interval } = meanInterval(federated);
    expect(n).toBe(10);
    expect(mean).toBeCloseTo(0.726, 12);
    expect(interval?.low).toBeCloseTo(0.6853650410431903, 12);
    expect(interval?.high).toBeCloseTo(0.7666349589568099, 12);
  });

  test('a paired difference, by scipy.stats.ttest_rel', () => {
    const ten = pairedDifference(federated, alone);
    expect(ten.mean).toBeCloseTo(0.158, 12);
    expect(ten.deviation).toBeCloseTo(0.07114929530376404, 12);
    expect(ten.p).toBeCloseTo(6.170336923838794e-5, 14);
    expect(ten.interval?.low).toBeCloseTo(0.10710286024950622, 12);
    expect(ten.interval?.high).toBeCloseTo(0.2088971397504938, 12);
    const three = pairedDifference([0.5, 0.7, 0.55], [0.4, 0.52, 0.5]);
    expect(three.p).toBeCloseTo(0.10085415439408339, 12);
    expect(three.interval?.low).toBeCloseTo(-0.0528958033070302, 12);
    expect(three.interval?.high).toBeCloseTo(0.27289580330703017, 12);
  });

  test('the bootstrap of ten is that of scipy.stats.bootstrap (percentile, 200,000 resamples) to the second digit', () => {
    const { bootstrap } = pairedDifference(federated, alone);
    expect(Math.abs((bootstrap?.low ?? NaN) - 0.114)).toBeLessThan(0.003);
    expect(Math.abs((bootstrap?.high ?? NaN) - 0.197)).toBeLessThan(0.003);
    expect(pairedDifference(federated, alone).bootstrap).toEqual(bootstrap);
  });

  // numpy.percentile over the means of itertools.product(values, repeat=n), NumPy's default interpolation.
  test.each(RESAMPLED)('the bootstrap of few values goes through every resample: %j', (values, low, high) => {
    const { bootstrap } = meanInterval(values);
    expect(bootstrap?.low).toBeCloseTo(low, 12);
    expect(bootstrap?.high).toBeCloseTo(high, 12);
  });

  test('an interval of five normal values holds the truth about 95 times in a hundred', () => {
    let held = 0;
    const stream = normal(7);
    for (let trial = 0; trial < 600; trial++) {
      const { interval } = meanInterval(Array.from({ length: 5 }, stream));
      if (interval !== null && interval.low <= 0 && interval.high >= 0) held++;
    }
    // Four standard errors of a share of .95 over 600; with the normal 1.96 in place of t it would be .88.
    expect(Math.abs(held / 600 - 0.95)).toBeLessThan(0.036);
  });

  test('what is undefined is null: no values, one value, pairs with a gap, differences without spread', () => {
    const nothing = { n: 0, mean: null, deviation: null, interval: null, bootstrap: null };
    expect(meanInterval([null])).toEqual(nothing);
    expect(meanInterval([0.5, null])).toEqual({ ...nothing, n: 1, mean: 0.5 });
    expect(pairedDifference([1, null, 3], [null, 2, 1])).toEqual({ ...nothing, n: 1, mean: 2, p: null });
    expect(pairedDifference([2, 3], [1, 2])).toMatchObject({
      mean: 1,
      interval: { low: 1, high: 1 },
      p: null,
    });
    expect(() => pairedDifference([1], [1, 2])).toThrow(/SHAPE_MISMATCH/);
  });

  test('the median is the middle value, gaps left out', () => {
    const numbers = fc.array(fc.option(fc.integer({ min: -50, max: 50 })));
    fc.assert(
      fc.property(numbers, (values) => {
        const known = values.filter((value) => value !== null);
        const middle = median(values);
        if (known.length === 0) {
          expect(middle).toBeNull();
          return;
        }
        const below = known.filter((value) => value < (middle ?? NaN)).length;
        const above = known.filter((value) => value > (middle ?? NaN)).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(known.length / 2);
        if (known.length % 2 === 1) expect(known).toContain(middle);
      }),
    );
  });
});

/** Box and Muller 1958 over a small linear congruential generator: not the project's own stream. */
function normal(seed: number): () => number {
  let state = seed;
  const unit = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit());
}
