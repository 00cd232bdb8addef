import type { Answer } from './answer.ts';
import { fromBase64Url } from './encoding.ts';
import { findWrongAnswers, interpolateKeySum } from './key-shares.ts';
import { N } from './params.ts';
import { unpackField } from './share-packing.ts';

export interface InterpolatedKeySum {
  /** K: 4,096 centred coefficients. */
  readonly keySum: Int32Array;
  /** Committee indices whose answers were certainly wrong, and left out. */
  readonly wrong: readonly number[];
}

/**
 * K from the answers in the log, in whatever order: wrong ones are left out where t + 2e answers name them. Coordinator
 * and members run this and must get the same.
 * @param answers verified (`verifyAnswer`), of different committee members
 * @param members contributors in the sum
 * @throws CryptoError COMMITTEE_UNAVAILABLE, ANSWER_INVALID (contradictions that name nobody), NOISE_CHECK_FAILED,
 *   ENCODING_INVALID
 */
export function interpolateAnswers(
  threshold: number,
  answers: readonly Answer[],
  members: number,
): InterpolatedKeySum {
  const sums = answers.map(({ committeeIndex, shares }) => ({
    committeeIndex,
    shareSum: unpackField(fromBase64Url(shares), N),
  }));
  const wrong = findWrongAnswers(threshold, sums) ?? [];
  const consistent = sums.filter(({ committeeIndex }) => !wrong.includes(committeeIndex));
  return { keySum: interpolateKeySum(threshold, consistent, members), wrong };
}
