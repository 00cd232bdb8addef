import { createPublicKey, decapsulate, diffieHellman, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { toBase64Url } from '../public/encoding.ts';
import { MLKEM768_CIPHERTEXT_BYTES } from '../public/ephemeral.ts';
import type { EphemeralPublic } from '../public/ephemeral.ts';
import { CryptoError } from '../public/errors.ts';
import { signFields } from '../public/signed.ts';
import type { Sign } from '../public/signed.ts';
import { fromSpki, toSpki } from '../public/spki.ts';
import type { KeyKind } from '../public/spki.ts';

interface KeyPairs {
  readonly x25519: KeyObject;
  readonly mlkem768: KeyObject;
}

/** What an ephemeral key belongs to. */
export type EphemeralSeat = Pick<
  EphemeralPublic,
  'consortium' | 'epoch' | 'round' | 'member' | 'committeeIndex'
>;

/**
 * The secret half of what a committee member advertises for one round. It has no export: a backup or a clone of the
 * machine's disk cannot answer with it. It serves the one transcript it is bound to, until it is erased.
 *
 * `erase()` drops the last references; the private keys live in native memory that OpenSSL overwrites when it is freed,
 * which happens when the garbage collector gets there.
 */
export class EphemeralKey {
  readonly public: EphemeralPublic;
  #pairs: KeyPairs | null;
  #transcriptHash: string | null = null;

  private constructor(pairs: KeyPairs, seat: EphemeralSeat, sign: Sign) {
    this.#pairs = pairs;
    const { consortium, epoch, round, member, committeeIndex } = seat;
    this.public = signFields(sign, 'cordon/v1/ephemeral', {
      consortium,
      epoch,
      round,
      member,
      committeeIndex,
      x25519: toBase64Url(rawPublic('x25519', pairs.x25519)),
      mlkem768: toBase64Url(rawPublic('ml-kem-768', pairs.mlkem768)),
    });
  }

  /** @param sign the member's long-term key */
  static generate(seat: EphemeralSeat, sign: Sign): EphemeralKey {
    const pairs = {
      x25519: generateKeyPairSync('x25519').privateKey,
      mlkem768: generateKeyPairSync('ml-kem-768').privateKey,
    };
    return new EphemeralKey(pairs, seat, sign);
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
   * The two shared secrets of a message sealed to this key, 32 bytes each; for `seal.ts` alone.
   * @throws CryptoError KEY_SPENT where the key is erased or bound to another transcript or to none;
   *   node's own errors for input that is no valid key or ciphertext
   */
  agree(
    transcriptHash: string,
    theirX25519: Uint8Array,
    ciphertext: Uint8Array,
  ): { x25519: Uint8Array; mlkem768: Uint8Array } {
    const pairs = this.#alive();
    if (this.#transcriptHash !== transcriptHash) {
      spent(`transcript ${this.#transcriptHash ?? '(not yet bound)'}`, transcriptHash);
    }
    if (ciphertext.length !== MLKEM768_CIPHERTEXT_BYTES) {
      throw new RangeError('ML-KEM-768 ciphertext of another length');
    }
    return {
      x25519: x25519(pairs.x25519, theirX25519),
      mlkem768: decapsulate(pairs.mlkem768, Buffer.from(ciphertext)),
    };
  }

  get erased(): boolean {
    return this.#pairs === null;
  }

  erase(): void {
    this.#pairs = null;
  }

  toJSON(): EphemeralPublic {
    return this.public;
  }

  [inspect.custom](): string {
    const { consortium, epoch, round, member } = this.public;
    return `EphemeralKey(${consortium} ${epoch}/${round} ${member}${this.erased ? ', erased' : ''})`;
  }

  #alive(): KeyPairs {
    return this.#pairs ?? spent('a key of this round', 'one that has been erased');
  }
}

function spent(expected: string, got: string): never {
  throw new CryptoError('KEY_SPENT', {
    expected,
    got,
    next: 'be silent for this round; advertise a new key for the next one',
  });
}

function rawPublic(kind: KeyKind, key: KeyObject): Uint8Array {
  return fromSpki(kind, createPublicKey(key).export({ format: 'der', type: 'spki' }));
}

/** A raw public key as node takes it. */
export function importPublic(kind: KeyKind, raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(toSpki(kind, raw)), format: 'der', type: 'spki' });
}

/** RFC 7748 section 6.1; throws for an all-zero result, which a small-order key would force. */
export function x25519(own: KeyObject, theirs: Uint8Array): Uint8Array {
  const secret = diffieHellman({ privateKey: own, publicKey: importPublic('x25519', theirs) });
  // OpenSSL refuses it as well; this does not depend on its version
  if (secret.every((byte) => byte === 0)) throw new RangeError('X25519 gave zero');
  return secret;
}
