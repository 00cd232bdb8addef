import { createHmac, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { fromBase64Url, toBase64Url } from '../public/encoding.ts';
import { CryptoError } from '../public/errors.ts';
import { PAIR_BYTES, PAIR_SECRET_BYTES } from '../public/pair-sizes.ts';
import type { PublicPrimitives, RandomBytes } from '../public/primitives.ts';
import { openBox } from '../public/sealed-share.ts';
import { type Sign, signFields } from '../public/signed.ts';
import {
  KEY_BOX_BYTES,
  type KeyPart,
  type KeyPlace,
  type SealKey,
  TASK_KEY_BYTES,
  combineParts,
  keyBoxInfo,
  partCommitment,
  taskKeyHash,
} from '../public/task-key.ts';
import { wipeableBytes } from '../public/wipeable.ts';
import { Sealer } from './seal.ts';

export interface TaskKeyModules {
  readonly primitives: PublicPrimitives;
  readonly random: RandomBytes;
  /** The member's long-term key. */
  readonly sign: Sign;
}

/** The secret half of what a member shows for one run; in memory only, until the key of the run is made. */
export class SealSecret {
  readonly public: SealKey;
  readonly #primitives: PublicPrimitives;
  #secret: Uint8Array | null;

  constructor(
    { primitives, random, sign }: TaskKeyModules,
    place: Pick<SealKey, 'consortium' | 'epoch' | 'run' | 'member'>,
  ) {
    this.#primitives = primitives;
    this.#secret = wipeableBytes(PAIR_SECRET_BYTES);
    const drawn = random(PAIR_SECRET_BYTES);
    this.#secret.set(drawn);
    drawn.fill(0);
    const { consortium, epoch, run, member } = place;
    const keys = toBase64Url(primitives.pairOfSecret(this.#secret));
    this.public = signFields(sign, 'cordon/v1/seal-key', { consortium, epoch, run, member, keys });
  }

  /**
   * The key that these parts make.
   * @param parts of the log, verified, in its order
   * @throws CryptoError TASK_KEY_INVALID naming whose box does not open, or holds another part than its maker committed to
   */
  open(place: KeyPlace, parts: readonly KeyPart[]): TaskKey {
    const opened: Uint8Array[] = [];
    try {
      for (const part of parts) opened.push(this.#openPart(place, part));
      const hash = taskKeyHash(this.#primitives, place, parts);
      const bytes = combineParts(this.#primitives, hash, opened);
      try {
        return new TaskKey(hash, bytes);
      } finally {
        bytes.fill(0);
      }
    } finally {
      for (const part of opened) part.fill(0);
    }
  }

  erase(): void {
    this.#secret?.fill(0);
    this.#secret = null;
  }

  toJSON(): SealKey {
    return this.public;
  }

  [inspect.custom](): string {
    return `SealSecret(${this.public.run} ${this.public.member}${this.#secret ? '' : ', erased'})`;
  }

  #openPart(place: KeyPlace, { member: maker, boxes, commitment }: KeyPart): Uint8Array {
    const own = boxes.find(({ member }) => member === this.public.member);
    const secret = this.#secret;
    const box = own && secret ? fromBase64Url(own.box, KEY_BOX_BYTES) : null;
    const infoOf = (header: Uint8Array) =>
      keyBoxInfo(this.#primitives, place, { maker, recipient: this.public }, header);
    const part =
      box && secret
        ? openBox(this.#primitives, infoOf, box, (x25519, mlkem768) =>
            this.#primitives.agreeWithSecret(secret, x25519, mlkem768),
          )
        : null;
    if (
      part?.length === TASK_KEY_BYTES &&
      partCommitment(this.#primitives, place, maker, part) === commitment
    ) {
      return part;
    }
    part?.fill(0);
    throw new CryptoError('TASK_KEY_INVALID', {
      expected: `a box of ${maker} for ${this.public.member} that holds the part it committed to`,
      got: part ? 'another part' : 'one that does not open',
      next: `sit this run out and tell the consortium: ${maker} signed it, or the log was changed on the way`,
    });
  }
}

/**
 * A fresh part of a key, sealed to every recipient, the maker too.
 * @param recipients verified seal keys, in the order of the log
 */
export function makeKeyPart(
  { primitives, random, sign }: TaskKeyModules,
  place: KeyPlace,
  member: string,
  recipients: readonly SealKey[],
): KeyPart {
  const part = wipeableBytes(TASK_KEY_BYTES);
  const drawn = random(TASK_KEY_BYTES);
  part.set(drawn);
  drawn.fill(0);
  const sealer = new Sealer(primitives);
  const boxes = recipients.map((recipient) => {
    const infoOf = (header: Uint8Array) =>
      keyBoxInfo(primitives, place, { maker: member, recipient }, header);
    const box = sealer.sealTo(fromBase64Url(recipient.keys, PAIR_BYTES), infoOf, part);
    if (box) return { member: recipient.member, box: toBase64Url(box) };
    throw new CryptoError('TASK_KEY_INVALID', {
      expected: `usable keys of ${recipient.member}`,
      got: 'keys that no secret can be agreed with',
      next: 'leave that member out of the recipients',
    });
  });
  const commitment = partCommitment(primitives, place, member, part);
  part.fill(0);
  const { consortium, epoch, run, taskHash } = place;
  return signFields(sign, 'cordon/v1/key-part', {
    consortium,
    epoch,
    run,
    taskHash,
    member,
    commitment,
    boxes,
  });
}

/** What a key is used for; a name of one kind never hashes like one of another. */
export type MacKind = 'account' | 'source' | 'pair';

/**
 * The key of a sketch task. Its bytes are never printed; it lies in OpenSSL's memory, which cleanses it when the garbage
 * collector frees the object.
 */
export class TaskKey {
  /** Public name, `taskKeyHash`. */
  readonly hash: string;
  #key: KeyObject | null;

  /** @param bytes copied; the caller overwrites them */
  constructor(hash: string, bytes: Uint8Array) {
    if (bytes.length !== TASK_KEY_BYTES) throw new RangeError('a task key of another length');
    this.hash = hash;
    this.#key = createSecretKey(bytes);
  }

  /** HMAC-SHA256 of a kind and names, each with its length before it; 32 bytes. @throws TypeError after `erase` */
  mac(kind: MacKind, ...names: readonly string[]): Uint8Array {
    if (this.#key === null) throw new TypeError('this task key was erased');
    const hmac = createHmac('sha256', this.#key).update(`cordon/v1/sketch ${kind}\0`);
    for (const name of names) {
      const bytes = Buffer.from(name, 'utf8');
      hmac.update(`${bytes.length}\0`).update(bytes);
    }
    return new Uint8Array(hmac.digest());
  }

  /** The bytes, for the one file that keeps them; the caller overwrites what it gets. @throws TypeError after `erase` */
  reveal(): Uint8Array {
    if (this.#key === null) throw new TypeError('this task key was erased');
    return this.#key.export();
  }

  erase(): void {
    this.#key = null;
  }

  toJSON(): { hash: string } {
    return { hash: this.hash };
  }

  [inspect.custom](): string {
    return `TaskKey(${this.hash.slice(0, 16)}${this.#key ? '' : ', erased'})`;
  }
}
