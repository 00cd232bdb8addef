/**
 * Every refusal in Cordon is one of these: a stable code, what was expected, what was got, what to do next.
 * `docs/errors.md` has an entry for each code; a test keeps the two in step.
 */

interface CodeRow {
  /** HTTP status on the bulk plane. */
  readonly status: number;
  /** Exit code of the command line: 1 failed, 2 wrong usage, 3 refused by policy. */
  readonly exit: 1 | 2 | 3;
  readonly title: string;
}

export const ERROR_CODES = {
  USAGE: { status: 400, exit: 2, title: 'The command was called with the wrong arguments' },
  CONFIG_INVALID: { status: 400, exit: 2, title: 'A configuration file or value is not valid' },
  DATA_NOT_FOUND: { status: 404, exit: 2, title: 'The data folder or file does not exist or cannot be read' },
  FORMAT_UNKNOWN: { status: 415, exit: 1, title: 'No reader recognises this file' },
  FILE_TRUNCATED: { status: 422, exit: 1, title: 'A file ends in the middle of a record or archive' },
  TOO_MANY_REJECTS: { status: 422, exit: 1, title: 'Too large a share of lines could not be read' },
  DATA_INSUFFICIENT: { status: 422, exit: 1, title: 'There is too little data to do this' },
  OUTPUT_EXISTS: { status: 409, exit: 2, title: 'What was to be written exists already' },
  DOWNLOAD_FAILED: { status: 502, exit: 1, title: 'A file could not be downloaded' },
  DISK_FULL: { status: 507, exit: 1, title: 'No space is left on the device' },
  PORT_IN_USE: { status: 409, exit: 1, title: 'The address is already in use' },
  STATE_IN_USE: { status: 409, exit: 1, title: 'Another process works in this state folder' },
  COORDINATOR_UNREACHABLE: { status: 503, exit: 1, title: 'The coordinator cannot be reached' },
  PARTICIPANT_MISSING: { status: 503, exit: 1, title: 'A participant did not come' },
  TIMEOUT: { status: 408, exit: 1, title: 'Something took longer than its limit' },
  MESSAGE_MALFORMED: { status: 400, exit: 1, title: 'A message is not well formed' },
  MESSAGE_TOO_LARGE: { status: 413, exit: 1, title: 'A message is larger than its limit' },
  PROTOCOL_VERSION: { status: 426, exit: 1, title: 'The two sides speak different protocol versions' },
  UNAUTHENTICATED: { status: 401, exit: 1, title: 'The sender did not prove who it is' },
  TOO_MANY_REQUESTS: { status: 429, exit: 1, title: 'One sender asks for too much at once' },
  FORBIDDEN: { status: 403, exit: 3, title: 'The sender may not do this' },
  NOT_FOUND: { status: 404, exit: 1, title: 'There is no such thing here' },
  SIGNATURE_INVALID: { status: 422, exit: 1, title: 'A signature does not verify' },
  ROSTER_INVALID: { status: 422, exit: 1, title: 'The roster breaks a rule' },
  EPOCH_INVALID: { status: 422, exit: 1, title: 'A roster epoch does not follow from the one before it' },
  TRANSCRIPT_INVALID: { status: 422, exit: 1, title: 'The announced transcript breaks a rule' },
  MANIFEST_INVALID: { status: 422, exit: 1, title: 'The manifest of an upload breaks a rule' },
  LOG_INVALID: { status: 422, exit: 1, title: 'The log of the coordinator does not hold together' },
  POLICY_REFUSED: { status: 403, exit: 3, title: 'The site policy refuses this' },
  ROUND_CLOSED: { status: 409, exit: 1, title: 'The round no longer takes updates' },
  STALE_ROUND: { status: 409, exit: 1, title: 'The message is for another round' },
  CONFLICTING_UPDATE: {
    status: 409,
    exit: 1,
    title: 'The member sent a different update for this round before',
  },
  OFFSET_MISMATCH: { status: 409, exit: 1, title: 'The upload continues at another offset' },
  DIGEST_MISMATCH: { status: 422, exit: 1, title: 'The bytes do not have the announced digest' },
  SHAPE_MISMATCH: { status: 422, exit: 1, title: 'A vector or tensor has another shape than the task says' },
  NOT_FINITE: { status: 422, exit: 1, title: 'A tensor holds NaN or infinity' },
  VALUE_OUT_OF_RANGE: { status: 422, exit: 1, title: 'A value is outside its range' },
  MODEL_MISMATCH: { status: 422, exit: 1, title: 'A model does not have the announced hash' },
  COHORT_TOO_SMALL: { status: 409, exit: 1, title: 'Fewer members contributed than the floor allows' },
  COMMITTEE_UNAVAILABLE: {
    status: 409,
    exit: 1,
    title: 'Too few committee members answered to open the sum',
  },
  AUDIT_INCOMPLETE: { status: 409, exit: 1, title: 'Too few members confirmed the sum' },
  SHARE_INVALID: {
    status: 422,
    exit: 1,
    title: 'A sealed key share cannot be opened or is not the one promised',
  },
  COMPLAINT_INVALID: {
    status: 422,
    exit: 1,
    title: 'A complaint about a contributor proves nothing',
  },
  ANSWER_INVALID: { status: 422, exit: 1, title: 'An answer of a committee member breaks a rule' },
  ALREADY_ANSWERED: { status: 409, exit: 1, title: 'This committee member has answered this round before' },
  ALREADY_SIGNED: { status: 409, exit: 1, title: 'This member has signed another roster of that number' },
  AUDIT_INVALID: { status: 422, exit: 1, title: 'A statement of an auditor breaks a rule' },
  AUDIT_FAILED: {
    status: 409,
    exit: 1,
    title: 'The published sum is not the sum of the uploads',
  },
  NOISE_CHECK_FAILED: { status: 422, exit: 1, title: 'The opened sum does not look like an honest sum' },
  KEY_SPENT: { status: 500, exit: 1, title: 'A one-time key was about to be used a second time' },
  JOINT_KEY_INVALID: { status: 422, exit: 1, title: 'A message about a joint key breaks a rule' },
  TASK_KEY_INVALID: {
    status: 422,
    exit: 1,
    title: 'The key of a sketch task is missing here, or not the one that the log promises',
  },
  BUDGET_EXHAUSTED: {
    status: 403,
    exit: 3,
    title: 'The privacy budget of this site does not allow another release',
  },
  ENCODING_INVALID: { status: 422, exit: 1, title: 'Bytes do not decode to what they should be' },
  BLOB_CORRUPT: { status: 500, exit: 1, title: 'A stored update no longer has its digest' },
  ROUND_CANCELLED: { status: 409, exit: 1, title: 'The round was cancelled by an operator' },
  ROUND_FAILED: { status: 409, exit: 1, title: 'The round failed' },
  RUN_ACTIVE: { status: 409, exit: 1, title: 'Another run is going on' },
  PROCESS_DIED: { status: 500, exit: 1, title: 'A process of the demo ended before its time' },
  PROGRAM_FAILED: { status: 500, exit: 1, title: 'A program of your own did not do what it was run for' },
  INTERNAL: { status: 500, exit: 1, title: 'Something happened that should not; please report it' },
} as const satisfies Record<string, CodeRow>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetail {
  readonly expected: string;
  readonly got: string;
  readonly next: string;
}

/** The same four fields on the wire and in `--json` output. */
export interface WireError extends ErrorDetail {
  readonly code: ErrorCode;
  readonly message: string;
}

export class CordonError extends Error implements ErrorDetail {
  readonly code: ErrorCode;
  readonly expected: string;
  readonly got: string;
  readonly next: string;

  constructor(code: ErrorCode, detail: ErrorDetail, options?: ErrorOptions) {
    super(`${ERROR_CODES[code].title}: expected ${detail.expected}, got ${detail.got}`, options);
    this.name = 'CordonError';
    this.code = code;
    this.expected = detail.expected;
    this.got = detail.got;
    this.next = detail.next;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  get exitCode(): 1 | 2 | 3 {
    return ERROR_CODES[this.code].exit;
  }

  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      expected: this.expected,
      got: this.got,
      next: this.next,
    };
  }
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}

/** What crypto and models throw: the same four fields, in a class of their own because they import nothing. */
interface ForeignError extends Error, ErrorDetail {
  readonly code: string;
}

function isForeign(error: unknown): error is ForeignError {
  return (
    error instanceof Error &&
    'code' in error &&
    'expected' in error &&
    'got' in error &&
    'next' in error &&
    isErrorCode(error.code)
  );
}

/** Node's own error codes that a user meets, in our words. */
const SYSTEM: Readonly<Record<string, { code: ErrorCode; next: string }>> = {
  ENOSPC: { code: 'DISK_FULL', next: 'free some space, or choose another folder, and start again' },
  EADDRINUSE: {
    code: 'PORT_IN_USE',
    next: 'stop the other process or choose another port',
  },
  ENOENT: { code: 'DATA_NOT_FOUND', next: 'check the path' },
  EACCES: { code: 'DATA_NOT_FOUND', next: 'check the permissions of the path' },
  EPERM: { code: 'DATA_NOT_FOUND', next: 'check the permissions of the path' },
  EROFS: { code: 'DATA_NOT_FOUND', next: 'choose a folder that can be written to' },
  EEXIST: { code: 'OUTPUT_EXISTS', next: 'name another path, or remove what is there' },
  ENOTEMPTY: { code: 'OUTPUT_EXISTS', next: 'name another path, or remove what is there' },
  ELOOP: { code: 'DATA_NOT_FOUND', next: 'check the links in the path' },
  ENOTDIR: { code: 'DATA_NOT_FOUND', next: 'check the path' },
  EISDIR: { code: 'DATA_NOT_FOUND', next: 'name a file, not a folder' },
  ECONNREFUSED: {
    code: 'COORDINATOR_UNREACHABLE',
    next: 'check that the coordinator runs and that the address is right',
  },
};

/** What each of them means, in words. */
const EXPECTED: Readonly<Record<string, string>> = {
  ENOENT: 'a file or folder that is there',
  EACCES: 'one that this user may read and write',
  EPERM: 'one that this user may read and write',
  EROFS: 'a file system that can be written to',
  ENOSPC: 'space on the device',
  EEXIST: 'a name that is free',
  ENOTDIR: 'a folder',
  EISDIR: 'a file',
};

/** Any thrown value as a CordonError; what nobody foresaw becomes INTERNAL with the original as its cause. */
export function toCordonError(error: unknown): CordonError {
  if (error instanceof CordonError) return error;
  if (isForeign(error) && isErrorCode(error.code)) {
    const { expected, got, next } = error;
    return new CordonError(error.code, { expected, got, next }, { cause: error });
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const row = SYSTEM[error.code];
    if (row) {
      return new CordonError(
        row.code,
        {
          expected: EXPECTED[error.code] ?? 'the operating system to do what was asked',
          got: error.message,
          next: row.next,
        },
        { cause: error },
      );
    }
  }
  const got = error instanceof Error ? error.message : describe(error);
  return new CordonError(
    'INTERNAL',
    {
      expected: 'no error here',
      got,
      next: 'report this with the output of the command run with CORDON_LOG=debug',
    },
    { cause: error },
  );
}

/** What was thrown, where it was no Error; String() itself throws for an object without a prototype. */
function describe(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null ? 'an object that is no Error' : String(thrown);
}
