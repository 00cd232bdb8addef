import { CryptoError } from '../../public/errors.ts';
import { bitLength, freshNoise, productNoise, roundingNoise, switchedNoise } from './noise.ts';
import { BFV_SETS, PLAIN_MODULUS } from './parameters.ts';
import type { BfvParameters, ParameterSet } from './parameters.ts';

/** What will be computed: `x <- x_1 + sum of at most `terms` products`, `crossings` times; then the blinded sum. */
export interface Use {
  readonly members: number;
  readonly crossings: number;
  /** Products in one sum. */
  readonly terms: number;
}

/** Bits of the total statistical distance that smudging leaves, over all coefficients of all partial decryptions. */
export const SMUDGING_SECURITY = 40;

/** What follows from a parameter set and a use; every party computes the same. */
export interface Plan {
  readonly set: ParameterSet;
  readonly parameters: BfvParameters;
  readonly use: Use;
  /** Primes of the vectors that enter crossing 0, 1, ...; the last is that of the target. */
  readonly levels: readonly number[];
  readonly targetLevel: number;
  /** Primes left for the partial decryptions. */
  readonly finalLevel: number;
  /** Bound of the noise of the sum of blinded targets at the final level. */
  readonly finalNoise: bigint;
  /** A member's smudging noise is uniform in [-2^k, 2^k). */
  readonly smudgingBits: number;
  /** SEAL's invariant noise budget is at least this after all partial decryptions, or somebody deviated. */
  readonly budgetBits: number;
}

/**
 * Fixes levels, smudging and the noise budget that must be left, from worst-case bounds alone (`noise.ts`).
 *
 * Levels: a prime is dropped as soon as the noise stays above the rounding it costs, at most one bit a drop.
 *
 * Smudging (Asharov et al. 2012; Mouchet et al. 2021): a partial decryption shows c1*s_i + e, and
 * with all the others it shows w + e. Uniform e in [-B, B) moved by w differs from e by |w|/(2B) in statistical distance
 * for each coefficient. One honest member must do: each adds a full e. With |w| <= V over N coefficients and n partials,
 * `B >= 2^39 * n * N * V` leaves 2^-40 in total. The key serves one ciphertext, so nothing adds up over queries.
 *
 * Correct while `t * (V + n*B) < q/2`; the smallest level at which at least two bits of that are left is the final one.
 * @throws CryptoError CONFIG_INVALID where the use does not fit the set
 */
export function plan(set: ParameterSet, use: Use): Plan {
  const parameters = BFV_SETS[set];
  const { members, crossings, terms } = use;
  const fresh = freshNoise(parameters, members);
  const rounding = roundingNoise(parameters, members);
  const added = fresh + rounding; // a fresh ciphertext at any level
  let level = parameters.primes.length;
  let noise = fresh;
  const levels = [level];
  for (let crossing = 0; crossing < crossings; crossing++) {
    noise = BigInt(terms) * productNoise(parameters, noise) + 2n * added;
    for (; level > 1; level--) {
      const prime = parameters.primes[level - 1] ?? 1n;
      if (noise / prime < rounding) break;
      noise = switchedNoise(parameters, members, noise, prime);
    }
    levels.push(level);
  }
  const targetLevel = level;
  noise = BigInt(members) * (productNoise(parameters, noise) + added);

  let best: Ending | null = null;
  for (; level >= 1; level--) {
    best = ending(parameters, members, level, noise) ?? best;
    noise = switchedNoise(parameters, members, noise, parameters.primes[level - 1] ?? 1n);
  }
  if (best === null) {
    throw new CryptoError('CONFIG_INVALID', {
      expected: `parameters with room for ${crossings} crossings of ${terms} terms by ${members} members`,
      got: set,
      next: 'take a larger parameter set, fewer crossings or fewer border services',
    });
  }
  return { set, parameters, use, levels, targetLevel, ...best };
}

type Ending = Pick<Plan, 'finalLevel' | 'finalNoise' | 'smudgingBits' | 'budgetBits'>;

/** Partial decryption at a level, or null where two bits of budget would not be left. */
function ending(parameters: BfvParameters, members: number, level: number, noise: bigint): Ending | null {
  const n = BigInt(members);
  const smudgingBits = bitLength(2n ** BigInt(SMUDGING_SECURITY - 1) * n * BigInt(parameters.degree) * noise);
  const total = BigInt(PLAIN_MODULUS) * (noise + n * 2n ** BigInt(smudgingBits));
  const q = parameters.primes.slice(0, level).reduce((product, prime) => product * prime, 1n);
  // SEAL rounds both numbers of its budget to whole bits: up to two less than log2(q / total)
  const budgetBits = bitLength(q / total) - 2;
  return budgetBits < 2 ? null : { finalLevel: level, finalNoise: noise, smudgingBits, budgetBits };
}
