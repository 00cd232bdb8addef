import { utf8 } from './canonical.ts';
import type { JsonObject } from './canonical.ts';
import { fromBase64Url, fromHex, toBase64Url } from './encoding.ts';
import { CryptoError } from './errors.ts';
import { hashObject } from './hash-object.ts';
import type { PublicPrimitives } from './primitives.ts';
import { base64url, checkShape, hash, integer, nested, oneOf } from './shape.ts';
import type { Sign } from './signed.ts';

const KINDS = [
  'genesis',
  'epoch',
  'task',
  'seal-key',
  'sealing',
  'key-part',
  'keyed',
  'announce',
  'upload',
  'close',
  'complaint',
  'checked',
  'answer',
  'opened',
  'audit',
  'publish',
  'abort',
  'finish',
] as const;
export type LogKind = (typeof KINDS)[number];

export type LogEntry = {
  /** 0, 1, 2, ... without gaps */
  readonly index: number;
  /** Hash of the entry before, hex; 64 zeros for the first. */
  readonly prev: string;
  /** Milliseconds since 1970, the coordinator's clock. */
  readonly time: number;
  readonly kind: LogKind;
  readonly body: JsonObject;
};

export type SignedLogEntry = {
  readonly entry: LogEntry;
  /** SHA-256 of the entry under its domain, hex */
  readonly hash: string;
  /** The coordinator's, over `logSigningBytes(hash)`; base64url */
  readonly signature: string;
};

/** All that a party must remember of a log to notice any change of its past. */
export type LogHead = { readonly size: number; readonly hash: string };
export const EMPTY_LOG: LogHead = { size: 0, hash: '0'.repeat(64) };

export function headOf(signed: SignedLogEntry): LogHead {
  return { size: signed.entry.index + 1, hash: signed.hash };
}

function entryHash(primitives: PublicPrimitives, entry: LogEntry): string {
  return hashObject(primitives, 'cordon/v1/log', entry);
}

/** What the coordinator signs: utf8(`cordon/v1/log`), a zero byte, the 32 bytes of the hash. */
export function logSigningBytes(entryDigest: string): Uint8Array {
  const domain = utf8('cordon/v1/log\u0000');
  const bytes = new Uint8Array(domain.length + 32);
  bytes.set(domain);
  bytes.set(fromHex(entryDigest, 32), domain.length);
  return bytes;
}

/** The next entry after `previous`, hashed and signed; the caller stores it before anyone hears of it. */
export function appendEntry(
  primitives: PublicPrimitives,
  sign: Sign,
  previous: LogHead,
  fields: { readonly time: number; readonly kind: LogKind; readonly body: JsonObject },
): SignedLogEntry {
  const entry: LogEntry = { index: previous.size, prev: previous.hash, ...fields };
  const digest = entryHash(primitives, entry);
  return { entry, hash: digest, signature: toBase64Url(sign(logSigningBytes(digest))) };
}

/**
 * One entry on its own: shape, hash and the coordinator's signature. A receipt is checked this way.
 * @throws CryptoError LOG_INVALID, SIGNATURE_INVALID
 */
export function verifyEntry(
  primitives: PublicPrimitives,
  signed: SignedLogEntry,
  coordinatorKey: string,
): void {
  checkEntryHash(primitives, signed);
  checkEntrySignature(primitives, signed, coordinatorKey);
}

/** Shape and hash of one entry. @throws CryptoError LOG_INVALID */
export function checkEntryHash(primitives: PublicPrimitives, signed: SignedLogEntry): void {
  checkShape('LOG_INVALID', 'signed entry', signed, { entry: nested, hash, signature: base64url(64) });
  checkShape('LOG_INVALID', 'entry', signed.entry, {
    index: integer(0),
    prev: hash,
    time: integer(0),
    kind: oneOf(KINDS),
    body: nested,
  });
  const digest = entryHash(primitives, signed.entry);
  if (signed.hash === digest) return;
  throw new CryptoError('LOG_INVALID', {
    expected: `hash ${digest} of entry ${signed.entry.index}`,
    got: signed.hash,
    next: 'trust nothing after the last good entry; keep both versions as evidence and ask the other members',
  });
}

/** The coordinator's signature on an entry whose hash was checked. @throws CryptoError SIGNATURE_INVALID */
export function checkEntrySignature(
  primitives: PublicPrimitives,
  signed: SignedLogEntry,
  coordinatorKey: string,
): void {
  const valid = primitives.verifyEd25519(
    fromBase64Url(coordinatorKey, 32),
    logSigningBytes(signed.hash),
    fromBase64Url(signed.signature, 64),
  );
  if (valid) return;
  throw new CryptoError('SIGNATURE_INVALID', {
    expected: `the coordinator's signature on log entry ${signed.entry.index}`,
    got: 'a signature that does not verify',
    next: 'refuse it; compare the coordinator key with the roster that was signed',
  });
}
