import { bytesOf } from './residues.ts';
import type { Residues } from './residues.ts';

/**
 * SEAL 4.1's uncompressed serialisation (serialization.h, ciphertext.cpp, plaintext.h), which is the only door of node-seal
 * through which exact residues come in and go out. Tests compare it with what SEAL writes itself.
 */

const VERSION = [4, 1] as const;
const HEADER = 16;
/** Header, parms_id, NTT flag, polynomials, degree, primes, scale, correction factor; header and length of the array. */
const CIPHERTEXT_HEAD = HEADER + 32 + 1 + 5 * 8 + HEADER + 8;
/** Header, parms_id, coefficients, scale; header and length of the array. */
const PLAINTEXT_HEAD = HEADER + 32 + 2 * 8 + HEADER + 8;

class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  put(bytes: ArrayLike<number>): this {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  u64(value: number): this {
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
    return this;
  }

  one(): this {
    this.#view.setFloat64(this.#at, 1, true);
    this.#at += 8;
    return this;
  }

  /** Magic, header size, version, no compression, reserved, size of what is headed. */
  header(size: number): this {
    return this.put([0x5e, 0xa1, HEADER, ...VERSION, 0, 0, 0]).u64(size);
  }
}

/**
 * A ciphertext or public key of two polynomials.
 * @param parmsId 32 bytes: SEAL's name of the level
 */
export function ciphertextBytes(
  parmsId: Uint8Array,
  ntt: boolean,
  degree: number,
  polynomials: readonly [Residues, Residues],
): Uint8Array {
  const [c0, c1] = polynomials;
  const size = c0.byteLength + c1.byteLength;
  return new Writer(CIPHERTEXT_HEAD + size)
    .header(CIPHERTEXT_HEAD + size)
    .put(parmsId)
    .put([Number(ntt)])
    .u64(polynomials.length)
    .u64(degree)
    .u64(c0.length / degree)
    .one()
    .u64(1)
    .header(HEADER + 8 + size)
    .u64(size / 8)
    .put(bytesOf(c0))
    .put(bytesOf(c1)).bytes;
}

/** A secret key (a plaintext in NTT form at the key level). */
export function secretKeyBytes(parmsId: Uint8Array, residues: Residues): Uint8Array {
  const size = residues.byteLength;
  return new Writer(PLAINTEXT_HEAD + size)
    .header(PLAINTEXT_HEAD + size)
    .put(parmsId)
    .u64(residues.length)
    .one()
    .header(HEADER + 8 + size)
    .u64(residues.length)
    .put(bytesOf(residues)).bytes;
}

/** The two polynomials of a saved ciphertext or public key. */
export function ciphertextResidues(saved: Uint8Array): [Residues, Residues] {
  const all = residuesFrom(saved, CIPHERTEXT_HEAD);
  return [all.subarray(0, all.length / 2), all.subarray(all.length / 2)];
}

/** The residues of a saved plaintext in NTT form or secret key. */
export function plaintextResidues(saved: Uint8Array): Residues {
  return residuesFrom(saved, PLAINTEXT_HEAD);
}

function residuesFrom(saved: Uint8Array, head: number): Residues {
  return new BigUint64Array(Uint8Array.from(saved.subarray(head)).buffer);
}
