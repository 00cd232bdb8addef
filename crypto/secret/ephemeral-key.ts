import { createSecretKey, decapsulate, diffieHellman, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { utf8 } from '../public/canonical.ts';
import { toBase64Url, toHex } from '../public/encoding.ts';
import type { EphemeralPublic } from '../public/ephemeral.ts';
import { CryptoError } from '../public/errors.ts';
import { PairTree, pairAt } from '../public/pair-keys.ts';
import {
  MLKEM768_CIPHERTEXT_BYTES,
  PAIR_BYTES,
  PAIR_SECRET_BYTES,
  X25519_BYTES,
} from '../public/pair-sizes.ts';
import type { PublicPrimitives, RandomBytes } from '../public/primitives.ts';
import { signFields } from '../public/signed.ts';
import type { Sign } from '../public/signed.ts';
import { wipeableBytes } from '../public/wipeable.ts';
import { importPrivate, importPublic, rawPublic } from './key-objects.ts';

const MASTER_BYTES = 32;
const PAIR_INFO = utf8('cordon/v1/pair');

/** What an ephemeral key belongs to. */
export type EphemeralSeat = Pick<
  EphemeralPublic,
  'consortium' | 'epoch' | 'round' | 'member' | 'committeeIndex'
>;

export interface EphemeralModules {
  readonly primitives: PublicPrimitives;
  readonly random: RandomBytes;
  /** The member's long-term key. */
  readonly sign: Sign;
}

interface PairKeys {
  readonly x25519: KeyObject;
  readonly mlkem768: KeyObject;
}

/** What a complaint shows of one pair. */
export interface RevealedPair {
  /** 96 bytes, base64url */
  readonly pairSecret: string;
  readonly proof: string[];
}

/**
 * The secret half of what a committee member advertises for one round: a pair of keys for every member of the roster, all
 * derived from 32 bytes that live in this memory and nowhere else. A backup or a clone of the machine's disk cannot answer
 * with them. They serve the one transcript they are bound to, until they are erased.
 *
 * `erase()` overwrites the 32 bytes and drops the parsed keys; those live in native memory that OpenSSL overwrites when it
 * is freed, which happens when the garbage collector gets there.
 */
export class EphemeralKey {
  readonly public: EphemeralPublic;
  /** The public halves, 1,216 bytes a member, in the order of the members' indices. */
  readonly keys: Uint8Array;
  readonly #primitives: PublicPrimitives;
  readonly #master: Uint8Array;
  #pairs: PairKeys[] | null;
  #transcriptHash: string | null = null;

  private constructor(
    { primitives, random, sign }: EphemeralModules,
    { consortium, epoch, round, member, committeeIndex }: EphemeralSeat,
    members: number,
  ) {
    this.#primitives = primitives;
    this.#master = random(MASTER_BYTES);
    this.#pairs = [];
    this.keys = new Uint8Array(members * PAIR_BYTES);
    for (let index = 0; index < members; index++) {
      const secret = pairSecret(this.#master, index);
      const pair = {
        x25519: importPrivate('x25519', secret.subarray(0, X25519_BYTES)),
        mlkem768: importPrivate('ml-kem-768', secret.subarray(X25519_BYTES)),
      };
      secret.fill(0);
      this.#pairs.push(pair);
      this.keys.set(rawPublic('x25519', pair.x25519), index * PAIR_BYTES);
      this.keys.set(rawPublic('ml-kem-768', pair.mlkem768), index * PAIR_BYTES + X25519_BYTES);
    }
    this.public = signFields(sign, 'cordon/v1/ephemeral', {
      consortium,
      epoch,
      round,
      member,
      committeeIndex,
      keys: members,
      keysRoot: toHex(this.#tree().root()),
    });
  }

  /** @param members of the roster: so many pairs */
  static generate(modules: EphemeralModules, seat: EphemeralSeat, members: number): EphemeralKey {
    return new EphemeralKey(modules, seat, members);
  }

  /** The public half of one pair. @param index 0 for member index 1 */
  pair(index: number): Uint8Array {
    return pairAt(this.keys, index);
  }

  /**
   * Binds the key to the transcript it will serve; the same one again changes nothing.
   * @throws CryptoError KEY_SPENT for another transcript, or after erase()
   */
  bind(transcriptHash: string): void {
    this.#alive();
    if (this.#transcriptHash !== null && this.#transcriptHash !== transcriptHash) {
      spent(`transcript ${this.#transcriptHash}, to which the key is bound`, transcriptHash);
    }
    this.#transcriptHash = transcriptHash;
  }

  /**
   * X25519 secret || ML-KEM secret of a message sealed to one pair, 64 bytes; for `seal.ts` alone.
   * @returns null where the sender's key or ciphertext is none, or X25519 gives zero
   * @throws CryptoError KEY_SPENT where the key is erased or bound to another transcript or to none
   */
  agree(
    transcriptHash: string,
    index: number,
    theirX25519: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | null {
    const pair = this.#bound(transcriptHash)[index];
    if (pair === undefined || ciphertext.length !== MLKEM768_CIPHERTEXT_BYTES) return null;
    const first = agreeX25519(pair.x25519, theirX25519);
    if (first === null) return null;
    const second = decapsulate(pair.mlkem768, ciphertext);
    const secret = wipeableBytes(first.length + second.length);
    secret.set(first);
    secret.set(second, first.length);
    for (const part of [first, second]) part.fill(0);
    return secret;
  }

  /**
   * The secret of one pair and its place under the root, for a complaint: from then on whoever reads it can open what was
   * sealed to this pair, and nothing else.
   * @throws CryptoError KEY_SPENT as `agree`
   */
  reveal(transcriptHash: string, index: number): RevealedPair {
    this.#bound(transcriptHash);
    const secret = pairSecret(this.#master, index);
    const revealed = { pairSecret: toBase64Url(secret), proof: this.#tree().proof(index).map(toHex) };
    secret.fill(0);
    return revealed;
  }

  get erased(): boolean {
    return this.#pairs === null;
  }

  erase(): void {
    this.#master.fill(0);
    this.#pairs = null;
  }

  toJSON(): EphemeralPublic {
    return this.public;
  }

  [inspect.custom](): string {
    const { consortium, epoch, round, member } = this.public;
    return `EphemeralKey(${consortium} ${epoch}/${round} ${member}${this.erased ? ', erased' : ''})`;
  }

  #tree(): PairTree {
    return new PairTree(this.#primitives, this.keys);
  }

  #alive(): PairKeys[] {
    return this.#pairs ?? spent('a key of this round', 'one that has been erased');
  }

  #bound(transcriptHash: string): PairKeys[] {
    const pairs = this.#alive();
    if (this.#transcriptHash === transcriptHash) return pairs;
    return spent(`transcript ${this.#transcriptHash ?? '(not yet bound)'}`, transcriptHash);
  }
}

/** HKDF-SHA256 of the master, info `cordon/v1/pair` and the pair's number as 32 bits, big-endian. */
function pairSecret(master: Uint8Array, index: number): Uint8Array {
  const info = new Uint8Array(PAIR_INFO.length + 4);
  info.set(PAIR_INFO);
  new DataView(info.buffer).setUint32(PAIR_INFO.length, index);
  const key = createSecretKey(master);
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), info, PAIR_SECRET_BYTES));
}

/** RFC 7748 section 6.1; null for no key, and for the all-zero result that a point of small order forces. */
export function agreeX25519(own: KeyObject, theirs: Uint8Array): Uint8Array | null {
  try {
    const secret = diffieHellman({ privateKey: own, publicKey: importPublic('x25519', theirs) });
    // OpenSSL refuses it as well; this does not depend on its version
    return secret.some((byte) => byte !== 0) ? secret : null;
  } catch {
    return null;
  }
}

function spent(expected: string, got: string): never {
  throw new CryptoError('KEY_SPENT', {
    expected,
    got,
    next: 'be silent for this round; advertise a new key for the next one',
  });
}
