/** Codes of crypto; each is also a code of `protocol/errors.ts`, which maps it to the wire. */
export type CryptoErrorCode =
  | 'ROSTER_INVALID'
  | 'EPOCH_INVALID'
  | 'TRANSCRIPT_INVALID'
  | 'MANIFEST_INVALID'
  | 'SIGNATURE_INVALID'
  | 'LOG_INVALID'
  | 'SHAPE_MISMATCH'
  | 'VALUE_OUT_OF_RANGE'
  | 'SHARE_INVALID'
  | 'COMPLAINT_INVALID'
  | 'ANSWER_INVALID'
  | 'ALREADY_ANSWERED'
  | 'ALREADY_SIGNED'
  | 'AUDIT_INVALID'
  | 'AUDIT_FAILED'
  | 'COHORT_TOO_SMALL'
  | 'COMMITTEE_UNAVAILABLE'
  | 'NOISE_CHECK_FAILED'
  | 'DIGEST_MISMATCH'
  | 'KEY_SPENT'
  | 'JOINT_KEY_INVALID'
  | 'TASK_KEY_INVALID'
  | 'ENCODING_INVALID'
  | 'CONFIG_INVALID'
  | 'STATE_IN_USE';

/** The one error class of crypto. It never carries key material, shares or plaintext values. */
export class CryptoError extends Error {
  readonly code: CryptoErrorCode;
  readonly expected: string;
  readonly got: string;
  readonly next: string;

  constructor(code: CryptoErrorCode, detail: { expected: string; got: string; next: string }) {
    super(`${code}: expected ${detail.expected}, got ${detail.got}`);
    this.name = 'CryptoError';
    this.code = code;
    this.expected = detail.expected;
    this.got = detail.got;
    this.next = detail.next;
  }
}
