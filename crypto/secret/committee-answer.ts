import type { Answer } from '../public/answer.ts';
import type { ContributorSet } from '../public/contributor-set.ts';
import { toBase64Url } from '../public/encoding.ts';
import { CryptoError } from '../public/errors.ts';
import type { PublicPrimitives } from '../public/primitives.ts';
import { packField } from '../public/share-packing.ts';
import { signFields } from '../public/signed.ts';
import type { Sign } from '../public/signed.ts';
import type { AnswerJournal } from './answer-journal.ts';
import type { TestedShares } from './tested-shares.ts';

export interface AnswerModules {
  readonly primitives: PublicPrimitives;
  /** The member's long-term key. */
  readonly sign: Sign;
  readonly journal: Pick<AnswerJournal, 'lookup' | 'record'>;
}

export interface AnswerRequest {
  /** S, as this member computed it from its own log; it never comes with the request. */
  readonly set: ContributorSet;
  /** This member's shares of the round, tested; null after a restart: they do not survive one. */
  readonly tested: TestedShares | null;
}

/**
 * The committee member's part of the opening, in the order of the protocol: the cohort, the sum of the tested shares over
 * S, signature, journal (synced), key erased, reply. A journalled answer of the round is returned as it is; without tested
 * shares and journal the member is silent.
 * @throws CryptoError COHORT_TOO_SMALL; SHARE_INVALID naming a contributor in S that this member complains of;
 *   ALREADY_ANSWERED for another transcript or set than was answered; KEY_SPENT after a restart
 */
export async function answerRound(
  { sign, journal }: AnswerModules,
  { set, tested }: AnswerRequest,
): Promise<Answer> {
  const { consortium, round } = set.transcript;
  set.assertCohort();
  const journalled = await journal.lookup(set.transcript);
  if (journalled !== null) {
    tested?.wipe();
    tested?.key.erase();
    return sameQuestion(journalled, set);
  }
  const shares = ownShares(tested, set);
  const sum = shares.sumOver(set);
  const answer = signFields(sign, 'cordon/v1/answer', {
    consortium,
    round,
    member: shares.key.public.member,
    committeeIndex: shares.key.public.committeeIndex,
    transcriptHash: set.transcriptHash,
    setHash: set.setHash,
    shares: toBase64Url(packField(sum)),
  });
  const recorded = await journal.record(set.transcript, answer);
  shares.wipe();
  shares.key.erase();
  return recorded;
}

function sameQuestion(journalled: Answer, set: ContributorSet): Answer {
  if (journalled.transcriptHash === set.transcriptHash && journalled.setHash === set.setHash) {
    return journalled;
  }
  throw new CryptoError('ALREADY_ANSWERED', {
    expected: `set ${journalled.setHash}, which was answered in round ${journalled.round}`,
    got: `set ${set.setHash}`,
    next: 'answer nothing; two sets for one round are evidence against the coordinator',
  });
}

/** The shares that were tested for this transcript, with their key. */
function ownShares(tested: TestedShares | null, set: ContributorSet): TestedShares {
  if (tested !== null && !tested.key.erased && tested.closed.transcriptHash === set.transcriptHash) {
    return tested;
  }
  throw new CryptoError('KEY_SPENT', {
    expected: `the shares of round ${set.transcript.round}, tested with the key that this member advertised`,
    got:
      tested === null
        ? 'none: they do not survive a restart'
        : 'those of another transcript, or of an erased key',
    next: 'be silent for this round; the others can open it if the threshold allows',
  });
}
