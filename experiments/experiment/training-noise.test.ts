import { describe, expect, it } from 'vitest';
import { quantiserOffset, quantiserScale } from '../../models/detection/quantiser.ts';
import { roundedNormBound } from '../../participant/privatise/clip-and-quantise.ts';
import { type NoisePlan, noised, planNoise } from './training-noise.ts';

const LENGTH = 625;
const privacy = { epsilon: 8, delta: 1e-5, unit: 'organisation', atLeast: 8, colluding: 1 } as const;
const plan = (epsilon: number, rounds: number, clipNorm = 1) =>
  planNoise({ ...privacy, epsilon }, { length: LENGTH, clipNorm, rounds });

/** Deviation of the honest members' noise over how far an organisation can move the sum. */
const multiplier = ({ quantiser, sigma }: NoisePlan) =>
  sigma / roundedNormBound(quantiser.clipNorm * quantiserScale(quantiser), LENGTH);

// dp-accounting 0.6.0: RdpAccountant, GaussianDpEvent(multiplier) composed so many times, delta 1e-5.
const DP_ACCOUNTING = [
  [1, 2, 2.1491],
  [1, 8, 0.6377],
  [1, 50, 0.1554],
  [20, 2, 9.6111],
  [20, 8, 2.8517],
  [20, 50, 0.6949],
  [200, 2, 30.393],
  [200, 8, 9.018],
  [200, 50, 2.1974],
] as const;

describe('noise of training', () => {
  it.each(DP_ACCOUNTING)(
    'of %d rounds at epsilon %d is what dp-accounting asks for',
    (rounds, epsilon, expected) => {
      const planned = plan(epsilon, rounds);
      expect(planned.epsilon).toBeLessThanOrEqual(epsilon);
      expect(planned.epsilon).toBeGreaterThan(0.9999 * epsilon);
      expect(Math.abs(multiplier(planned) / expected - 1)).toBeLessThan(0.01);
    },
  );

  it('leaves the honest members that are sure to be there enough, and room for the noise in the bits of a task', () => {
    const { quantiser, sum, sigma, shares } = plan(2, 200);
    expect(shares).toBe(7);
    expect(quantiserScale(sum)).toBeCloseTo(quantiserScale(quantiser), 6);
    const most = 2 ** (quantiser.bits - 1) + 12 * (sigma / Math.sqrt(shares));
    expect(most).toBeLessThanOrEqual(2 ** (sum.bits - 1));
    // One bit more for the update would not fit.
    const finer = 2 ** quantiser.bits + 2 * 12 * (sigma / Math.sqrt(shares));
    expect(finer).toBeGreaterThan(2 ** (sum.bits - 1));
    expect(() => plan(0.01, 100_000)).toThrow(/leaves room/);
  });

  it('has the mean and the variance of the shares, in whole numbers around the offset of the task', () => {
    const planned = plan(8, 20);
    const still = new Uint32Array(20_000).fill(quantiserOffset(planned.quantiser));
    const values = Array.from(noised(still, planned, 1, 1), (value) => value - quantiserOffset(planned.sum));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    const expected = planned.sigma ** 2 / planned.shares;
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(expected / values.length));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length));
    expect(noised(still, planned, 1, 1)).toEqual(noised(still, planned, 1, 1));
    expect(noised(still, planned, 1, 2)).not.toEqual(noised(still, planned, 1, 1));
  });
});
