import { type Quantiser, quantiserOffset, quantiserScale } from '../../models/detection/quantiser.ts';
import { distributedGaussianRho, zcdpEpsilon, zcdpRho } from '../../models/privacy/zcdp.ts';
import { roundedNormBound } from '../../participant/privatise/clip-and-quantise.ts';
import { DiscreteGaussian } from '../../participant/privatise/discrete-gaussian.ts';
import { seededStream } from '../../participant/train/seeded-stream.ts';
import { CordonError } from '../../protocol/errors.ts';

/**
 * Differential privacy of federated weights: what anybody can tell from all sums of a run about whether an organisation
 * trained on its data or sent nothing (an update of zero). Every round counts in full: who takes part is known.
 */
export interface TrainingPrivacy {
  readonly epsilon: number;
  readonly delta: number;
  readonly unit: 'organisation';
  /** Least contributors of a round, and how many of them may collude and keep their noise back. */
  readonly atLeast: number;
  readonly colluding: number;
}

/** How members noise their updates so that a run keeps to its epsilon. */
export interface NoisePlan {
  /** Of the update before the noise: fewer bits, so that the noised value fits those of the task. */
  readonly quantiser: Quantiser;
  /** Of the noised values: the same whole numbers per unit. */
  readonly sum: Quantiser;
  /** Deviation of the noise of so many honest members, in whole numbers; each adds sigma^2 / shares. */
  readonly sigma: number;
  readonly shares: number;
  /** What the whole run costs, at most what was asked for. */
  readonly epsilon: number;
}

/** Bits of a noised value. */
const BITS = 16;
/** A value is cut to the range where its noise is more than so many deviations: rarer than 1e-32. */
const TAIL = 12;

/**
 * @param length values of an update
 * @throws CordonError CONFIG_INVALID where so much noise leaves no room for the update in 16 bits
 */
export function planNoise(
  privacy: TrainingPrivacy,
  {
    length,
    clipNorm,
    rounds,
  }: { readonly length: number; readonly clipNorm: number; readonly rounds: number },
): NoisePlan {
  const { epsilon, delta, atLeast, colluding } = privacy;
  const shares = atLeast - colluding;
  const rho = zcdpRho(epsilon, delta) / rounds;
  for (let bits = BITS - 1; bits >= 2; bits--) {
    const quantiser = { clipNorm, bits };
    const bound = roundedNormBound(clipNorm * quantiserScale(quantiser), length);
    const moved = { squared: bound ** 2, coordinates: length };
    const sigma = leastSigma((value) => distributedGaussianRho(moved, value, shares), rho);
    const room = 2 ** (BITS - 1) - 1 - (2 ** (bits - 1) - 1);
    if (TAIL * (sigma / Math.sqrt(shares)) > room) continue;
    return {
      quantiser,
      sum: { clipNorm: (2 ** (BITS - 1) - 1) / quantiserScale(quantiser), bits: BITS },
      sigma,
      shares,
      epsilon: zcdpEpsilon(rounds * distributedGaussianRho(moved, sigma, shares), delta),
    };
  }
  throw new CordonError('CONFIG_INVALID', {
    expected: `noise for epsilon ${epsilon} over ${rounds} rounds that leaves room for an update in ${BITS} bits`,
    got: 'more noise than that',
    next: 'choose a larger epsilon or fewer rounds',
  });
}

/** Least sigma whose cost is at most `rho`, to one part in 10^9 and never below it. */
function leastSigma(cost: (sigma: number) => number, rho: number): number {
  let [low, high] = [0.5, 1];
  while (cost(high) > rho) high *= 2;
  for (let i = 0; i < 100 && high / low - 1 > 1e-9; i++) {
    const middle = Math.sqrt(low * high);
    if (cost(middle) > rho) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * A member's update as it would be encrypted: its share of the noise added in the whole numbers. The noise comes from the
 * seed, so that it can be repeated: a simulation's, which protects nothing.
 */
export function noised(
  values: Uint32Array,
  { quantiser, sum, sigma, shares }: NoisePlan,
  seed: number | string,
  round: number,
): Uint32Array {
  const stream = seededStream('training noise', seed, round);
  const gaussian = new DiscreteGaussian(sigma ** 2 / shares, (length) => {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => stream.nextUint32());
    return new Uint8Array(words.buffer, 0, length);
  });
  const shift = quantiserOffset(sum) - quantiserOffset(quantiser);
  const most = 2 ** sum.bits - 1;
  return values.map((value) => Math.min(most, Math.max(0, value + shift + gaussian.next())));
}
