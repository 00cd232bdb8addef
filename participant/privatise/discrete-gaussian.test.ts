import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../crypto/identity/node-primitives.ts';
import { SeededStream } from '../../models/seeded-stream.ts';
import { DiscreteGaussian } from './discrete-gaussian.ts';

/** Repeatable bytes: a test that fails now and then proves nothing. */
function seeded(seed: number): (length: number) => Uint8Array {
  const stream = SeededStream.fromNumber(seed);
  return (length) => Uint8Array.from({ length }, () => stream.nextUint32() >>> 24);
}

/** P(x) of the discrete Gaussian by its definition. */
function law(variance: number): (x: number) => number {
  const weight = (x: number) => Math.exp((-x * x) / (2 * variance));
  let total = 0;
  for (let x = -400; x <= 400; x++) total += weight(x);
  return (x) => weight(x) / total;
}

describe('discrete Gaussian', () => {
  it.each([0.25, 1, 2.5, 17.3, 400])(
    'draws follow the definition: chi-squared at variance %d',
    (variance) => {
      const draws = 60_000;
      const exact = law(Math.ceil(variance * 1024) / 1024);
      const gaussian = new DiscreteGaussian(variance, seeded(variance * 8));
      const counts = new Map<number, number>();
      for (let i = 0; i < draws; i++) {
        const x = gaussian.next();
        counts.set(x, (counts.get(x) ?? 0) + 1);
      }
      let [chi, cells, [seen, mass]] = [0, 0, [0, 0]];
      for (let x = -400; x <= 400; x++) {
        const expected = draws * exact(x);
        if (expected < 20) continue;
        const got = counts.get(x) ?? 0;
        [seen, mass] = [seen + got, mass + expected];
        chi += (got - expected) ** 2 / expected;
        cells++;
      }
      chi += (draws - seen - (draws - mass)) ** 2 / Math.max(1, draws - mass);
      // Mean `cells`, deviation sqrt(2 cells); five of them with fixed seeds.
      expect(chi).toBeLessThan(cells + 5 * Math.sqrt(2 * cells));
      expect(chi).toBeGreaterThan(cells - 5 * Math.sqrt(2 * cells));
    },
  );

  it('goes no further than its sub-Gaussian bound says, and is centred', () => {
    const gaussian = new DiscreteGaussian(9, seeded(3));
    const draws = Array.from({ length: 50_000 }, () => gaussian.next());
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan((4 * 3) / Math.sqrt(draws.length));
    for (const t of [1, 2, 3]) {
      const share = draws.filter((x) => Math.abs(x) >= 3 * t).length / draws.length;
      expect(share).toBeLessThan(2 * Math.exp((-t * t) / 2));
    }
  });

  it('the noise of several members has the variances of its parts, added', () => {
    const parts = [1, 2, 3, 4].map((seed) => new DiscreteGaussian(4, seeded(seed)));
    const sums = Array.from({ length: 20_000 }, () => parts.reduce((sum, one) => sum + one.next(), 0));
    const variance = sums.reduce((sum, x) => sum + x * x, 0) / sums.length;
    expect(Math.abs(variance / 16 - 1)).toBeLessThan(4 * Math.sqrt(2 / sums.length));
  });

  it('goes on drawing bits where 32 do not decide: a source that sits on the border changes nothing else', () => {
    // Words equal to the border of 1/2 decide nothing by themselves; the next word does.
    const border = [0x00, 0x00, 0x00, 0x80];
    const script = (after: number) => {
      let at = 0;
      return (length: number) =>
        Uint8Array.from({ length }, () => (at++ < 8 ? (border[(at - 1) % 4] ?? 0) : after));
    };
    expect(() => new DiscreteGaussian(1, script(0xff)).next()).not.toThrow();
    expect(new DiscreteGaussian(5, seeded(9)).next()).toBe(new DiscreteGaussian(5, seeded(9)).next());
  });

  it('takes its bits from the source that it is given, and refuses a variance that is none', () => {
    for (const bad of [0, -1, NaN, Infinity, 2 ** 31]) {
      expect(() => new DiscreteGaussian(bad, systemRandom)).toThrow('variance');
    }
    let asked = 0;
    const counted = new DiscreteGaussian(4, (length) => {
      asked += length;
      return systemRandom(length);
    });
    const draws = Array.from({ length: 2000 }, () => counted.next());
    expect(asked).toBeGreaterThan(0);
    expect(new Set(draws).size).toBeGreaterThan(5);
    counted.erase();
    counted.next();
    expect(asked % (4 * 4096)).toBe(0);
  });
});
