import { CryptoError } from '../../public/errors.ts';
import { hashObject } from '../../public/hash-object.ts';
import type { PublicPrimitives } from '../../public/primitives.ts';
import { base64url, checkShape, hash, identifier } from '../../public/shape.ts';
import { checkSigned } from '../../public/signed.ts';
import type { JointTarget } from './joint-target.ts';
import { checkEachOnce, checkTranscript } from './key-commitment.ts';

/**
 * A member has fixed its blinded part before it sees anybody else's. Whoever could choose a part after the others' would
 * subtract them and have any ciphertext of its choice opened in the place of the target, one that tells the joint key too.
 */
export type PartCommitment = {
  readonly member: string;
  readonly transcriptHash: string;
  readonly jointKeyHash: string;
  /** SHA-256 of the target's bytes, hex */
  readonly targetHash: string;
  /** `partCommitmentOf`, hex */
  readonly commitment: string;
  readonly signature: string;
};

/** What a commitment hides and binds. */
export interface PartOpening {
  readonly member: string;
  readonly transcriptHash: string;
  readonly jointKeyHash: string;
  readonly targetHash: string;
  /** SHA-256 of the part's bytes, hex */
  readonly partHash: string;
  /** 32 random bytes, base64url */
  readonly nonce: string;
}

/** What of a target its commitments hang on. */
export type CommittedTarget = Pick<JointTarget, 'jointKey' | 'hash'>;

/** SHA-256 of the opening under its domain, hex: hiding by the nonce, binding by the hash, of use to one member only. */
export function partCommitmentOf(primitives: PublicPrimitives, opening: PartOpening): string {
  const { member, transcriptHash, jointKeyHash, targetHash, partHash, nonce } = opening;
  return hashObject(primitives, 'cordon/v1/joint-key-part-opening', {
    member,
    transcriptHash,
    jointKeyHash,
    targetHash,
    partHash,
    nonce,
  });
}

/**
 * Checks that there is exactly one commitment of each member, all good and for this target.
 * @returns hash of all of them in roster order: two parties that saw different ones notice it here
 * @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID
 */
export function aggregatePartCommitments(
  target: CommittedTarget,
  commitments: readonly PartCommitment[],
): string {
  const { session } = target.jointKey;
  checkEachOnce(session, commitments, 'commitment to a blinded target');
  for (const commitment of commitments) verifyPartCommitment(target, commitment);
  const inOrder = session.transcript.members.map((id) => commitments.find(({ member }) => member === id));
  return hashObject(session.primitives, 'cordon/v1/joint-key-part-commitments', inOrder);
}

function verifyPartCommitment({ jointKey, hash: targetHash }: CommittedTarget, one: PartCommitment): void {
  const { session, hash: jointKeyHash } = jointKey;
  checkShape('JOINT_KEY_INVALID', 'part commitment', one, {
    member: identifier,
    transcriptHash: hash,
    jointKeyHash: hash,
    targetHash: hash,
    commitment: hash,
    signature: base64url(64),
  });
  checkTranscript(session, one, 'a part commitment');
  checkSigned(session.primitives, session.signKeyOf(one.member), 'cordon/v1/joint-key-part-commitment', one, {
    who: one.member,
    what: 'the commitment to its blinded target',
  });
  if (one.jointKeyHash === jointKeyHash && one.targetHash === targetHash) return;
  throw new CryptoError('JOINT_KEY_INVALID', {
    expected: `a commitment for target ${targetHash} under joint key ${jointKeyHash}`,
    got: `one for another from ${one.member}`,
    next: 'show no part; the owner signed two targets, or somebody passes on the wrong one',
  });
}
