import { toHex } from '../../public/encoding.ts';
import { CryptoError } from '../../public/errors.ts';
import { base64url, checkShape, hash, identifier } from '../../public/shape.ts';
import { checkSigned } from '../../public/signed.ts';
import type { JointSession } from './joint-session.ts';
import { checkTranscript, commitmentOf } from './key-commitment.ts';
import type { KeyCommitment } from './key-commitment.ts';
import { verifyPossession } from './possession.ts';
import { unpackResidues } from './residues.ts';
import type { Residues } from './residues.ts';

/** A member's second message, once it has seen all commitments; the bytes of key and proof travel beside it. */
export type KeyReveal = {
  readonly member: string;
  readonly transcriptHash: string;
  /** `aggregateCommitments`: what it saw before it revealed */
  readonly commitmentsHash: string;
  /** SHA-256 of the packed b_i, hex */
  readonly keyHash: string;
  /** base64url, 32 bytes */
  readonly nonce: string;
  /** SHA-256 of the proof of possession, hex */
  readonly proofHash: string;
  readonly signature: string;
};

/** What a member publishes of its part of the joint key. */
export interface JointSharePublic {
  readonly reveal: KeyReveal;
  /** b_i = -(a*s_i + e_i), NTT form, key level, packed. */
  readonly key: Uint8Array;
  readonly proof: Uint8Array;
}

/**
 * Checks a revealed key against its commitment, its signature and its proof of possession.
 * @param commitments all of them; @param commitmentsHash their `aggregateCommitments`
 * @returns b_i
 * @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID, ENCODING_INVALID
 */
export function verifyKeyReveal(
  session: JointSession,
  { reveal, key, proof }: JointSharePublic,
  commitments: readonly KeyCommitment[],
  commitmentsHash: string,
): Residues {
  checkShape('JOINT_KEY_INVALID', 'key reveal', reveal, {
    member: identifier,
    transcriptHash: hash,
    commitmentsHash: hash,
    keyHash: hash,
    nonce: base64url(32),
    proofHash: hash,
    signature: base64url(64),
  });
  const { member } = reveal;
  const { primitives } = session;
  checkTranscript(session, reveal, 'a revealed key');
  checkSigned(primitives, session.signKeyOf(member), 'cordon/v1/joint-key-reveal', reveal, {
    who: member,
    what: 'its revealed key',
  });
  const need = (ok: boolean, expected: string, got: string): void => {
    if (ok) return;
    const next = `begin a new query; if it happens again, without ${member}`;
    throw new CryptoError('JOINT_KEY_INVALID', { expected, got, next });
  };
  need(
    reveal.commitmentsHash === commitmentsHash,
    `${member} to have seen the same commitments`,
    'others, or a commitment that changed',
  );
  need(
    commitments.some((one) => one.member === member && one.commitment === commitmentOf(primitives, reveal)),
    `the key that ${member} committed to`,
    'another key or nonce',
  );
  need(
    toHex(primitives.sha256(key)) === reveal.keyHash && toHex(primitives.sha256(proof)) === reveal.proofHash,
    `key and proof as ${member} signed them`,
    'other bytes',
  );
  const residues = unpackResidues(key, session.context.parameters.degree, session.context.keyPrimes);
  verifyPossession(session, member, reveal.keyHash, residues, proof);
  return residues;
}
