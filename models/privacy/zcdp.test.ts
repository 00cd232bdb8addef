import { describe, expect, it } from 'vitest';
import { distributedGaussianRho, zcdpEpsilon, zcdpRho } from './zcdp.ts';

/**
 * Epsilon of `count` Gaussian releases of noise multiplier z (deviation over L2 sensitivity) at delta, by dp-accounting 0.6.0
 * (Python 3.11): RdpAccountant with orders 1.01, 1.02, ... 11, 11.1, ... 211, 212, 217, ... 20,000, composed of
 * GaussianDpEvent(z), and beside it what PLDAccountant (value_discretization_interval 1e-4) gives, the exact figure but for
 * its grid, below which no bound can be.
 */
const DP_ACCOUNTING: readonly (readonly [
  z: number,
  count: number,
  delta: number,
  rdp: number,
  pld: number,
])[] = [
  [1, 1, 1e-5, 4.728387387137021, 4.37717810002493],
  [4, 1, 1e-6, 1.1429266914572969, 1.0607018640120818],
  [10, 24, 1e-6, 2.365754694383026, 2.2041186409779425],
  [20, 365, 1e-6, 4.958356120348819, 4.638828946839284],
  [40, 365, 1e-5, 2.058633417509359, 1.8938362899764745],
  [70, 8766, 1e-6, 7.280533986682454, 6.827549925897427],
  [100, 8766, 1e-6, 4.847447812421812, 4.534460603765962],
  [200, 8766, 1e-6, 2.2513214694071397, 2.09694321913914],
  [200, 52596, 1e-6, 6.100463838747533, 5.714509262008774],
  [500, 52596, 1e-6, 2.2017944433010914, 2.0505668101017505],
  [0.8, 10, 1e-5, 25.513348844007602, 23.995358989263888],
];

describe('accounting', () => {
  it.each(DP_ACCOUNTING)(
    'agrees with dp-accounting to one in a hundred: z %d, %d releases, delta %d',
    (...row) => {
      const [z, count, delta, rdp, pld] = row;
      const epsilon = zcdpEpsilon(count / (2 * z ** 2), delta);
      expect(Math.abs(epsilon / rdp - 1)).toBeLessThan(0.01);
      expect(epsilon).toBeGreaterThan(pld);
    },
  );

  it('zcdpRho is the inverse, from below', () => {
    for (const [, , delta, epsilon] of DP_ACCOUNTING) {
      const rho = zcdpRho(epsilon, delta);
      expect(zcdpEpsilon(rho, delta)).toBeLessThanOrEqual(epsilon);
      expect(zcdpEpsilon(rho * 1.0001, delta)).toBeGreaterThan(epsilon);
    }
    expect(zcdpRho(Infinity, 1e-6)).toBe(Infinity);
  });

  it('nothing costs nothing, no bound is none, and nonsense is refused', () => {
    expect(zcdpEpsilon(0, 1e-6)).toBe(0);
    expect(zcdpEpsilon(Infinity, 1e-6)).toBe(Infinity);
    for (const [rho, delta] of [
      [-1, 0.1],
      [NaN, 0.1],
      [1, 0],
      [1, 1],
    ] as const)
      expect(() => zcdpEpsilon(rho, delta)).toThrow('VALUE_OUT_OF_RANGE');
  });
});

describe('distributed discrete Gaussian', () => {
  it('one share costs what a Gaussian costs; shares cost a little more, the less the wider each is', () => {
    const distance = { squared: 3, coordinates: 3 };
    const central = 3 / (2 * 4 ** 2);
    expect(distributedGaussianRho(distance, 4, 1)).toBeCloseTo(central, 12);
    const shared = [2, 4, 8, 16].map((shares) => distributedGaussianRho(distance, 4, shares));
    for (const [i, rho] of shared.entries()) {
      expect(rho).toBeGreaterThanOrEqual(central - 1e-12);
      expect(rho).toBeGreaterThanOrEqual((shared[i - 1] ?? 0) - 1e-12);
    }
    expect(distributedGaussianRho(distance, 12, 4)).toBeCloseTo(3 / (2 * 12 ** 2), 12);
  });

  it('the bound covers what two shares do, computed from their exact distribution', () => {
    // Renyi divergence of order alpha between the sum and the sum moved by one, from the exact convolution.
    for (const sigma of [1, 1.5, 3]) {
      const rho = distributedGaussianRho({ squared: 1, coordinates: 1 }, sigma, 2);
      const law = convolve(discreteGaussian(sigma / Math.SQRT2), discreteGaussian(sigma / Math.SQRT2));
      for (const alpha of [1.5, 2, 8])
        expect(renyi(law, alpha)).toBeLessThanOrEqual(rho * alpha * (1 + 1e-9));
    }
  });

  it('says nothing where a share is narrower than the theorem asks', () => {
    expect(distributedGaussianRho({ squared: 1, coordinates: 1 }, 0.9, 4)).toBe(Infinity);
  });
});

/** Odd length, centred, far beyond where it matters. */
function discreteGaussian(sigma: number): number[] {
  const reach = Math.ceil(25 * sigma);
  const law = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const total = law.reduce((sum, p) => sum + p, 0);
  return law.map((p) => p / total);
}

function convolve(a: readonly number[], b: readonly number[]): number[] {
  const out = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((p, i) => b.forEach((q, j) => (out[i + j] = (out[i + j] ?? 0) + p * q)));
  return out;
}

function renyi(law: readonly number[], alpha: number): number {
  let sum = 0;
  for (let i = 1; i < law.length; i++) {
    const [p, q] = [law[i] ?? 0, law[i - 1] ?? 0];
    if (p > 1e-290 && q > 1e-290) sum += p * Math.exp((alpha - 1) * (Math.log(p) - Math.log(q)));
  }
  return Math.log(sum) / (alpha - 1);
}
