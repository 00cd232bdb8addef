import { hashObject } from '../../public/hash-object.ts';
import type { PublicPrimitives } from '../../public/primitives.ts';
import { checkShape, hash, identifier, base64url } from '../../public/shape.ts';
import { checkSigned } from '../../public/signed.ts';
import { CryptoError } from '../../public/errors.ts';
import type { JointSession } from './joint-session.ts';

/** A member's first message: it has fixed its part of the key before it sees anybody else's. */
export type KeyCommitment = {
  readonly member: string;
  readonly transcriptHash: string;
  /** `commitmentOf`, hex */
  readonly commitment: string;
  readonly signature: string;
};

/** What a commitment hides and binds. */
export interface CommitmentOpening {
  readonly member: string;
  readonly transcriptHash: string;
  /** SHA-256 of the packed b_i, hex */
  readonly keyHash: string;
  /** 32 random bytes, base64url */
  readonly nonce: string;
}

/** SHA-256 of the opening under its domain, hex: hiding by the nonce, binding by the hash. */
export function commitmentOf(primitives: PublicPrimitives, opening: CommitmentOpening): string {
  const { member, transcriptHash, keyHash, nonce } = opening;
  return hashObject(primitives, 'cordon/v1/joint-key-opening', { member, transcriptHash, keyHash, nonce });
}

/** @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID */
export function verifyKeyCommitment(session: JointSession, commitment: KeyCommitment): void {
  checkShape('JOINT_KEY_INVALID', 'key commitment', commitment, {
    member: identifier,
    transcriptHash: hash,
    commitment: hash,
    signature: base64url(64),
  });
  checkTranscript(session, commitment, 'a commitment');
  checkSigned(
    session.primitives,
    session.signKeyOf(commitment.member),
    'cordon/v1/joint-key-commitment',
    commitment,
    { who: commitment.member, what: 'its key commitment' },
  );
}

/**
 * Checks that there is exactly one commitment of each member and that all are good.
 * @returns hash of all of them in roster order: two parties that saw different ones notice it here
 * @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID
 */
export function aggregateCommitments(session: JointSession, commitments: readonly KeyCommitment[]): string {
  checkEachOnce(session, commitments, 'commitment');
  for (const commitment of commitments) verifyKeyCommitment(session, commitment);
  const inOrder = session.transcript.members.map((id) => commitments.find(({ member }) => member === id));
  return hashObject(session.primitives, 'cordon/v1/joint-key-commitments', inOrder);
}

/**
 * Looks at nothing but the names, and relies on no decoder for them.
 * @throws CryptoError JOINT_KEY_INVALID naming the first member that is missing, doubled or strange
 */
export function checkEachOnce(
  session: JointSession,
  messages: readonly { readonly member: string }[],
  what: string,
): void {
  const { members } = session.transcript;
  const names = messages.map((message: { readonly member?: unknown } | null) => String(message?.member));
  const wrong =
    members.find((id) => names.filter((name) => name === id).length !== 1) ??
    names.find((name) => !members.includes(name));
  if (wrong === undefined) return;
  throw new CryptoError('JOINT_KEY_INVALID', {
    expected: `one ${what} of each of ${members.join(', ')}`,
    got: `${names.filter((name) => name === wrong).length} of ${JSON.stringify(wrong.slice(0, 80))}`,
    next: 'wait for it, or begin a query without that member: a joint key needs all of them',
  });
}

/** @throws CryptoError JOINT_KEY_INVALID where the message is of another query */
export function checkTranscript(
  session: JointSession,
  message: { readonly transcriptHash: string },
  what: string,
): void {
  if (message.transcriptHash === session.hash) return;
  throw new CryptoError('JOINT_KEY_INVALID', {
    expected: `${what} for transcript ${session.hash}`,
    got: message.transcriptHash,
    next: 'refuse it; it belongs to another query',
  });
}
