import { toHex } from '../../public/encoding.ts';
import { CryptoError } from '../../public/errors.ts';
import { base64url, checkShape, hash, identifier } from '../../public/shape.ts';
import { checkSigned } from '../../public/signed.ts';
import type { SummedTarget } from './blinded-target.ts';
import { checkTranscript } from './key-commitment.ts';
import { unpackResidues } from './residues.ts';
import type { Residues } from './residues.ts';

/** A member's last message: its partial decryption of the one sum. */
export type PartialDecryption = {
  readonly member: string;
  readonly transcriptHash: string;
  readonly jointKeyHash: string;
  /** hash of the summed target, as this member computed it */
  readonly sumHash: string;
  /** SHA-256 of the partial's bytes, hex */
  readonly partialHash: string;
  readonly signature: string;
};

/** The message and c1*s_i + e, NTT form, final level, packed. */
export interface PartialShare {
  readonly message: PartialDecryption;
  readonly bytes: Uint8Array;
}

/**
 * Checks that a member of the query signed these bytes for this sum.
 * @throws CryptoError JOINT_KEY_INVALID, ANSWER_INVALID (another key or another sum), SIGNATURE_INVALID, DIGEST_MISMATCH,
 *   ENCODING_INVALID
 */
export function verifyPartial(target: SummedTarget, { message, bytes }: PartialShare): Residues {
  const { session, hash: jointKeyHash } = target.jointKey;
  checkShape('ANSWER_INVALID', 'partial decryption', message, {
    member: identifier,
    transcriptHash: hash,
    jointKeyHash: hash,
    sumHash: hash,
    partialHash: hash,
    signature: base64url(64),
  });
  const { member } = message;
  checkTranscript(session, message, 'a partial decryption');
  if (message.jointKeyHash !== jointKeyHash || message.sumHash !== target.hash) {
    throw new CryptoError('ANSWER_INVALID', {
      expected: `a partial decryption of sum ${target.hash} under key ${jointKeyHash}`,
      got: `one of ${message.sumHash} under ${message.jointKeyHash} from ${member}`,
      next: 'refuse it; a member answers for the sum that it computed from the signed parts',
    });
  }
  checkSigned(session.primitives, session.signKeyOf(member), 'cordon/v1/joint-key-partial', message, {
    who: member,
    what: 'its partial decryption',
  });
  if (toHex(session.primitives.sha256(bytes)) !== message.partialHash) {
    throw new CryptoError('DIGEST_MISMATCH', {
      expected: `the partial decryption that ${member} signed`,
      got: 'other bytes',
      next: 'fetch it again',
    });
  }
  const { degree } = session.context.parameters;
  return unpackResidues(bytes, degree, session.context.primesAt(session.plan.finalLevel));
}
