/**
 * The key of a sketch task: identifiers enter a sketch by their HMAC under it alone. The members make it for one run in one
 * roster epoch, and the coordinator relays what it cannot read:
 *
 * 1. every member that takes part shows a pair of keys made for this run (`SealKey`);
 * 2. the recipients are fixed in the log; each may draw 32 random bytes and seal them to every recipient (`KeyPart`);
 * 3. the first cRoster + 1 parts in the log make the key, so that one of them at least is of a member that does not collude
 *    with the coordinator. The key's hash binds the rounds of the run: members with different keys have different
 *    transcripts, so what they send does not add up.
 */
import { canonicalBytes, utf8 } from './canonical.ts';
import { fromBase64Url, toHex } from './encoding.ts';
import { CryptoError } from './errors.ts';
import { hashObject } from './hash-object.ts';
import { PAIR_BYTES } from './pair-sizes.ts';
import { isUsablePair } from './pair-keys.ts';
import type { PublicPrimitives } from './primitives.ts';
import { type Roster, memberOf } from './roster.ts';
import { SEAL_OVERHEAD } from './sealed-share.ts';
import { base64url, checkShape, hash, identifier, integer, label, list } from './shape.ts';
import { checkSigned } from './signed.ts';

export const TASK_KEY_BYTES = 32;
/** A part, sealed: 1,169 bytes. */
export const KEY_BOX_BYTES = TASK_KEY_BYTES + SEAL_OVERHEAD;
/** Most members of a sketch task: the boxes of a part stand in one entry of the log. */
export const MOST_KEY_HOLDERS = 32;

/** The run that a key is for. */
export type KeyPlace = {
  readonly consortium: string;
  readonly epoch: number;
  readonly rosterHash: string;
  readonly run: string;
  readonly taskHash: string;
};

/** What a member seals and opens with in one run: X25519 || ML-KEM-768 public keys, signed by its long-term key. */
export type SealKey = {
  readonly consortium: string;
  readonly epoch: number;
  readonly run: string;
  readonly member: string;
  /** 1,216 bytes, base64url */
  readonly keys: string;
  readonly signature: string;
};

/** One member's part of a key, sealed to every recipient, signed by its long-term key. */
export type KeyPart = {
  readonly consortium: string;
  readonly epoch: number;
  readonly run: string;
  readonly taskHash: string;
  readonly member: string;
  /** `partCommitment` of the part, hex */
  readonly commitment: string;
  /** In the order of the recipients. */
  readonly boxes: readonly { readonly member: string; readonly box: string }[];
  readonly signature: string;
};

function need(ok: boolean, expected: string, got: string): void {
  if (ok) return;
  const next = 'take no part in this run; the log shows who said so';
  throw new CryptoError('TASK_KEY_INVALID', { expected, got, next });
}

/** @throws CryptoError TASK_KEY_INVALID, SIGNATURE_INVALID; ROSTER_INVALID for a stranger */
export function verifySealKey(primitives: PublicPrimitives, key: SealKey, roster: Roster, run: string): void {
  checkShape('TASK_KEY_INVALID', 'seal key', key, {
    consortium: identifier,
    epoch: integer(0),
    run: label,
    member: identifier,
    keys: base64url(PAIR_BYTES),
    signature: base64url(64),
  });
  const expected = `a key for ${run} in epoch ${roster.epoch} of ${roster.consortium}`;
  const got = `one for ${key.run} in epoch ${key.epoch} of ${key.consortium}`;
  need(key.run === run && key.epoch === roster.epoch && key.consortium === roster.consortium, expected, got);
  const { signKey } = memberOf(roster, key.member);
  checkSigned(primitives, signKey, 'cordon/v1/seal-key', key, { who: key.member, what: 'its seal key' });
  const usable = isUsablePair(fromBase64Url(key.keys, PAIR_BYTES));
  need(
    usable,
    `usable X25519 and ML-KEM-768 keys of ${key.member}`,
    'keys that no secret can be agreed with',
  );
}

/**
 * Whether a part is for this run and has a box for every recipient. Whether the boxes hold the part, each recipient finds
 * out by itself.
 * @throws CryptoError TASK_KEY_INVALID, SIGNATURE_INVALID; ROSTER_INVALID for a stranger
 */
export function verifyKeyPart(
  primitives: PublicPrimitives,
  part: KeyPart,
  roster: Roster,
  place: KeyPlace,
  recipients: readonly string[],
): void {
  checkShape('TASK_KEY_INVALID', 'key part', part, {
    consortium: identifier,
    epoch: integer(0),
    run: label,
    taskHash: hash,
    member: identifier,
    commitment: hash,
    boxes: list(1, MOST_KEY_HOLDERS),
    signature: base64url(64),
  });
  for (const field of ['consortium', 'epoch', 'run', 'taskHash'] as const) {
    need(
      part[field] === place[field],
      `${field} ${place[field]}`,
      `${part[field]} in the part of ${part.member}`,
    );
  }
  need(recipients.includes(part.member), 'a part of one of the recipients', `one of ${part.member}`);
  for (const box of part.boxes) {
    checkShape('TASK_KEY_INVALID', 'key box', box, { member: identifier, box: base64url(KEY_BOX_BYTES) });
  }
  const names = part.boxes.map(({ member }) => member).join();
  need(names === recipients.join(), `boxes for ${recipients.join()}`, `boxes for ${names} of ${part.member}`);
  const { signKey } = memberOf(roster, part.member);
  checkSigned(primitives, signKey, 'cordon/v1/key-part', part, { who: part.member, what: 'its key part' });
}

/** What binds a maker to its part without showing it; hex. */
export function partCommitment(
  primitives: PublicPrimitives,
  place: KeyPlace,
  maker: string,
  part: Uint8Array,
): string {
  const bytes = canonicalBytes('cordon/v1/key-part-commitment', { ...place, maker });
  return toHex(primitives.sha256(bytes, new Uint8Array(1), part));
}

/** Public name of the key that these parts make; every member gets it from the log. @param parts in the order of the log */
export function taskKeyHash(
  primitives: PublicPrimitives,
  place: KeyPlace,
  parts: readonly Pick<KeyPart, 'member' | 'commitment'>[],
): string {
  const made = parts.map(({ member, commitment }) => ({ member, commitment }));
  return hashObject(primitives, 'cordon/v1/task-key', { ...place, parts: made });
}

/** Parts of so many members make a key: one more than may collude with the coordinator. */
export function partsNeeded({ cRoster }: Pick<Roster, 'cRoster'>): number {
  return cRoster + 1;
}

/**
 * The key: HKDF-SHA256 of the parts one after another, bound to its public name. The caller overwrites the parts.
 * @param keyHash `taskKeyHash` of the same parts
 */
export function combineParts(
  primitives: PublicPrimitives,
  keyHash: string,
  parts: readonly Uint8Array[],
): Uint8Array {
  const secret = new Uint8Array(parts.length * TASK_KEY_BYTES);
  parts.forEach((part, i) => secret.set(part, i * TASK_KEY_BYTES));
  const key = primitives.hkdfSha256(secret, utf8('cordon/v1/task-key'), utf8(keyHash), TASK_KEY_BYTES);
  secret.fill(0);
  return key;
}

/** Info of the box's HKDF: it opens for this recipient, from this maker, in this run, and nowhere else. */
export function keyBoxInfo(
  primitives: PublicPrimitives,
  place: KeyPlace,
  { maker, recipient }: { readonly maker: string; readonly recipient: SealKey },
  header: Uint8Array,
): Uint8Array {
  return primitives.sha256(
    canonicalBytes('cordon/v1/key-box', {
      ...place,
      maker,
      recipient: recipient.member,
      keys: recipient.keys,
      header: toHex(primitives.sha256(header)),
    }),
  );
}

/**
 * What a round of a sketch task stands on, in the place where a round of training has its model's hash: 64 hexadecimal
 * digits over the key and all answers so far, of which this is the newest.
 */
export function sketchStart(primitives: PublicPrimitives, place: KeyPlace, keyHash: string): string {
  return hashObject(primitives, 'cordon/v1/sketch-start', { ...place, keyHash });
}

/** The same after one more answer. @param cells SHA-256 of the answer's cells as little-endian 32-bit numbers, hex */
export function sketchAfter(
  primitives: PublicPrimitives,
  before: string,
  answer: { readonly round: number; readonly members: number; readonly cells: string },
): string {
  return hashObject(primitives, 'cordon/v1/sketch-answer', { before, ...answer });
}
