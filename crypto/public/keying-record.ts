import { CryptoError } from './errors.ts';
import type { PublicPrimitives } from './primitives.ts';
import type { Roster } from './roster.ts';
import {
  type KeyPart,
  type KeyPlace,
  MOST_KEY_HOLDERS,
  type SealKey,
  partsNeeded,
  sketchStart,
  taskKeyHash,
  verifyKeyPart,
  verifySealKey,
} from './task-key.ts';

function refuse(expected: string, got: string): never {
  const next = 'take no part in this run; keep the log as evidence and tell the other members';
  throw new CryptoError('LOG_INVALID', { expected, got, next });
}

/**
 * How the key of one run of a sketch task is made, as the log tells it, entry after entry: seal keys, `sealing`, the parts,
 * `keyed`. Everything is verified once; what the protocol does not have in that place condemns the log.
 */
export class KeyingRecord {
  readonly place: KeyPlace;
  readonly #primitives: PublicPrimitives;
  readonly #roster: Roster;
  readonly #keys: SealKey[] = [];
  readonly #parts: KeyPart[] = [];
  #sealing = false;
  #keyHash: string | null = null;

  constructor(primitives: PublicPrimitives, roster: Roster, place: KeyPlace) {
    this.#primitives = primitives;
    this.#roster = roster;
    this.place = place;
  }

  /** Seal keys so far, in the order of the log. */
  get keys(): readonly SealKey[] {
    return this.#keys;
  }

  /** Whose boxes a part must have; null while there may be more. */
  get recipients(): readonly SealKey[] | null {
    return this.#sealing ? this.#keys : null;
  }

  get parts(): readonly KeyPart[] {
    return this.#parts;
  }

  /** Whether the parts that make the key are there. */
  get complete(): boolean {
    return this.#parts.length === partsNeeded(this.#roster);
  }

  /** Public name of the key; null before `keyed`. */
  get keyHash(): string | null {
    return this.#keyHash;
  }

  /** What the first round stands on; null before `keyed`. */
  get start(): string | null {
    return this.#keyHash === null ? null : sketchStart(this.#primitives, this.place, this.#keyHash);
  }

  has(member: string): boolean {
    return this.#keys.some((key) => key.member === member);
  }

  /** @throws CryptoError LOG_INVALID for a second key or one too late; what `verifySealKey` throws */
  addKey(key: SealKey): void {
    if (this.#sealing) refuse('seal keys before the recipients are fixed', `one of ${key.member} after that`);
    if (this.#keys.length === MOST_KEY_HOLDERS)
      refuse(`at most ${MOST_KEY_HOLDERS} seal keys`, 'another one');
    verifySealKey(this.#primitives, key, this.#roster, this.place.run);
    if (this.has(key.member)) refuse('one seal key a member', `two of ${key.member}`);
    this.#keys.push(key);
  }

  /** The recipients are fixed. @throws CryptoError LOG_INVALID */
  seal(): void {
    if (this.#sealing) refuse('recipients that are fixed once', 'a second time');
    if (this.#keys.length < this.#roster.kMin)
      refuse(`at least ${this.#roster.kMin} recipients`, `${this.#keys.length}`);
    this.#sealing = true;
  }

  /** @throws CryptoError LOG_INVALID for a second part of one maker, one too early or one too many; what `verifyKeyPart` throws */
  addPart(part: KeyPart): void {
    if (!this.#sealing || this.complete) refuse('a part when parts are due', `one of ${part.member}`);
    const recipients = this.#keys.map(({ member }) => member);
    verifyKeyPart(this.#primitives, part, this.#roster, this.place, recipients);
    if (this.#parts.some(({ member }) => member === part.member))
      refuse('parts of different makers', `two of ${part.member}`);
    this.#parts.push(part);
  }

  /** The name that the parts so far give the key. */
  nameOfKey(): string {
    return taskKeyHash(this.#primitives, this.place, this.#parts);
  }

  /** The key is made. @throws CryptoError LOG_INVALID for another name than the parts give it */
  finish(keyHash: string): void {
    if (!this.complete || this.#keyHash !== null)
      refuse('the key once its parts are there', 'a key at another time');
    const own = this.nameOfKey();
    if (keyHash !== own) refuse(`key ${own}`, keyHash);
    this.#keyHash = keyHash;
  }
}
