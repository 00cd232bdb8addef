import { CryptoError } from './errors.ts';
import {
  areConsistent,
  findWrongAnswers,
  interpolateConsistent,
  interpolateKeySum,
  subsets,
} from './key-shares.ts';
import type { ShareSum } from './key-shares.ts';

export interface InterpolatedKeySum {
  /** K: 4,096 centred coefficients. */
  readonly keySum: Int32Array;
  /** Committee indices whose answers were left out. */
  readonly leftOut: readonly number[];
  /**
   * Whether these answers certainly are the wrong ones. Where they were found by what opens, two liars whose errors cancel
   * in K could have put an honest answer in their place.
   */
  readonly certain: boolean;
}

/** Ways of leaving answers out that are tried. */
const MAX_TRIES = 1000;

/**
 * K from the answers in the log, in whatever order: wrong ones are left out where t + 2e answers name them, or, where a
 * caller can tell, where the rest opens the sum. Coordinator and members run this and must get the same.
 * @param sums of different committee members, as `verifyAnswer` gives them
 * @param members contributors in the sum
 * @param opens whether a key sum is the one: the coordinator tries it on the sum (its noise check), a member compares it with
 *   the one in the log, which its auditors try on the sum. Asked only where answers contradict each other
 * @throws CryptoError COMMITTEE_UNAVAILABLE, ANSWER_INVALID (contradictions that cannot be resolved), NOISE_CHECK_FAILED,
 *   ENCODING_INVALID
 */
export function interpolateAnswers(
  threshold: number,
  sums: readonly ShareSum[],
  members: number,
  opens: ((keySum: Int32Array) => boolean) | null = null,
): InterpolatedKeySum {
  const wrong = findWrongAnswers(threshold, sums);
  if (wrong?.length === 0) {
    return { keySum: interpolateConsistent(threshold, sums, members), leftOut: [], certain: true };
  }
  const usual = () => ({
    keySum: interpolateKeySum(threshold, without(sums, wrong ?? []), members),
    leftOut: wrong ?? [],
    certain: true,
  });
  if (opens === null) return usual();
  for (const leftOut of choices(threshold, sums, wrong)) {
    const keySum = keySumOf(threshold, without(sums, leftOut), members);
    if (keySum && opens(keySum)) return { keySum, leftOut, certain: leftOut === wrong };
  }
  return usual();
}

/** What to leave out: the answers that are named, then more than can be named, the fewest first, as long as t are left. */
function* choices(
  threshold: number,
  sums: readonly ShareSum[],
  named: number[] | null,
): Generator<readonly number[]> {
  if (named !== null) yield named;
  let tries = 0;
  for (let count = Math.floor((sums.length - threshold) / 2) + 1; count <= sums.length - threshold; count++) {
    for (const places of subsets(sums.length, count)) {
      tries += 1;
      if (tries > MAX_TRIES) return;
      yield places.map((place) => sums[place]?.committeeIndex ?? 0);
    }
  }
}

/** Null for answers that contradict each other, or cannot be those of so many keys. */
function keySumOf(threshold: number, sums: readonly ShareSum[], members: number): Int32Array | null {
  if (!areConsistent(threshold, sums)) return null;
  try {
    return interpolateKeySum(threshold, sums, members);
  } catch (error) {
    if (error instanceof CryptoError && error.code === 'NOISE_CHECK_FAILED') return null;
    throw error;
  }
}

function without(sums: readonly ShareSum[], indices: readonly number[]): ShareSum[] {
  return sums.filter(({ committeeIndex }) => !indices.includes(committeeIndex));
}
