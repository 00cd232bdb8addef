import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { fromHex } from '../../crypto/public/encoding.ts';
import { CryptoError } from '../../crypto/public/errors.ts';
import type { ShareSum } from '../../crypto/public/key-shares.ts';
import { interpolateAnswers } from '../../crypto/public/key-sum.ts';
import { type SumOpener, openSum } from '../../crypto/public/open-sum.ts';
import type { CoordinatorModules } from '../modules.ts';

export interface OpenedKey {
  readonly keySum: Int32Array;
  readonly opener: SumOpener;
}

/**
 * The key sum from the answers, and the opener it makes. Where answers contradict each other and nobody can be named, it is
 * the key sum with which the first chunk opens: a wrong one leaves no small noise.
 * @param firstChunk packed sum of the first chunks of all uploads
 * @throws CryptoError COMMITTEE_UNAVAILABLE, ANSWER_INVALID, NOISE_CHECK_FAILED, ENCODING_INVALID
 */
export function openKey(
  set: ContributorSet,
  answers: readonly ShareSum[],
  firstChunk: Uint8Array,
  { primitives, roster, logger }: Pick<CoordinatorModules, 'primitives' | 'roster' | 'logger'>,
): OpenedKey {
  const { layout, length } = set.transcript;
  const transcriptHash = fromHex(set.transcriptHash, 32);
  const members = set.contributors.length;
  const openerOf = (keySum: Int32Array) =>
    openSum(primitives, { transcriptHash, keySum, members, layout, length });
  const opens = (keySum: Int32Array): boolean => {
    try {
      openerOf(keySum).openChunk(0, firstChunk);
      return true;
    } catch (error) {
      if (error instanceof CryptoError && error.code === 'NOISE_CHECK_FAILED') return false;
      throw error;
    }
  };
  const { keySum, leftOut, certain } = interpolateAnswers(roster.threshold, answers, members, opens);
  if (leftOut.length > 0) {
    const named = leftOut.map((index) => roster.committee[index - 1]);
    const what = certain
      ? 'wrong answers of committee members, left out'
      : 'answers of committee members contradict each other; without these the sum opens';
    logger.error({ members: named }, what);
  }
  return { keySum, opener: openerOf(keySum) };
}
