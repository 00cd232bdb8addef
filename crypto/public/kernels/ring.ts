import { CryptoError } from '../errors.ts';
import { CHUNK_BYTES, N, PRIMES, LAYOUTS } from '../params.ts';
import type { LayoutName } from '../params.ts';
import { instance } from './instance.ts';

/*
 * Typed access to kernels.wasm (source: assembly/). One instance a thread with a fixed workspace: every function copies
 * its arguments in and its result out and keeps nothing between calls, so calls need no order; they are not re-entrant,
 * which JavaScript's single thread guarantees as no call yields.
 *
 * Residue polynomials are Uint32Array(4096), below their prime; "the three" are Uint32Array(3 * 4096), prime by prime.
 * `prime` is an index into PRIMES.
 */

interface RingExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly x: { readonly value: number };
  readonly y: { readonly value: number };
  readonly packed: { readonly value: number };
  readonly stream: { readonly value: number };
  readonly values: { readonly value: number };
  forward(x: number, prime: number): void;
  inverse(x: number, prime: number): void;
  toMontgomery(x: number, prime: number): void;
  toKey(x: number, prime: number): void;
  multiply(x: number, y: number, prime: number): void;
  pack(x: number, out: number): void;
  unpack(from: number, x: number, prime: number): number;
  addPacked(from: number, sum: number, prime: number): number;
  uniform(stream: number, words: number, out: number, prime: number): number;
  fieldClear(): void;
  fieldAdd(x: number, factor: number): void;
  fieldFinish(out: number): void;
  open(slots: number, bound: number): number;
  greatest(): number;
}

const kernels = instance as RingExports;
const memory = kernels.memory.buffer;
const X = kernels.x.value;
const Y = kernels.y.value;
const PACKED = kernels.packed.value;
const STREAM = kernels.stream.value;
const POLY_BYTES = N * 4;
const PACKED_BYTES = CHUNK_BYTES / PRIMES.length;
/** Words of key stream that one call of `sampleUniform` takes at most. */
const STREAM_WORDS = 8192;

const x = new Uint32Array(memory, X, N);
const three = new Uint32Array(memory, X, PRIMES.length * N);
const y = new Uint32Array(memory, Y, N);
const threeY = new Uint32Array(memory, Y, PRIMES.length * N);
const packed = new Uint8Array(memory, PACKED, CHUNK_BYTES);
const stream = new Uint8Array(memory, STREAM, STREAM_WORDS * 4);
const values = new Uint32Array(memory, kernels.values.value, 6 * N);

/** Refuses an array of another length than the kernel expects. @throws CryptoError SHAPE_MISMATCH */
export function requireLength(what: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new CryptoError('SHAPE_MISMATCH', {
    expected: `${what} of ${expected} elements`,
    got: String(got),
    next: 'pass the whole array',
  });
}

/**
 * Values of the negacyclic polynomial at the odd powers of psi, bit-reversed order (assembly/ntt.ts).
 * @public for comparison with other libraries
 */
export function forwardNtt(polynomial: Uint32Array, prime: number): Uint32Array {
  requireLength('a polynomial', polynomial.length, N);
  x.set(polynomial);
  kernels.forward(X, prime);
  return x.slice();
}

/**
 * Inverse of `forwardNtt`.
 * @public for comparison with other libraries
 */
export function inverseNtt(hat: Uint32Array, prime: number): Uint32Array {
  requireLength('a polynomial', hat.length, N);
  x.set(hat);
  kernels.inverse(X, prime);
  return x.slice();
}

/**
 * Pointwise product modulo the prime.
 * @public for comparison with other libraries
 */
export function multiplyPointwise(a: Uint32Array, b: Uint32Array, prime: number): Uint32Array {
  requireLength('a polynomial', a.length, N);
  requireLength('a polynomial', b.length, N);
  x.set(a);
  y.set(b);
  kernels.toMontgomery(Y, prime);
  kernels.multiply(X, Y, prime);
  const p = PRIMES[prime] ?? 1;
  return x.map((v) => (v >= p ? v - p : v)); // the kernel's residues are below 2p
}

/** Three residue polynomials to 46,080 bytes (assembly/packing.ts). */
export function packChunk(residues: Uint32Array): Uint8Array {
  requireLength('residues', residues.length, PRIMES.length * N);
  three.set(residues);
  for (let k = 0; k < PRIMES.length; k++) kernels.pack(X + k * POLY_BYTES, PACKED + k * PACKED_BYTES);
  return packed.slice();
}

/**
 * @throws CryptoError ENCODING_INVALID for another length or a residue that is not below its prime
 * @public for comparison with other libraries
 */
export function unpackChunk(bytes: Uint8Array): Uint32Array {
  loadPacked(bytes);
  for (let k = 0; k < PRIMES.length; k++) {
    if (kernels.unpack(PACKED + k * PACKED_BYTES, X + k * POLY_BYTES, k) === 0) throw notReduced(k);
  }
  return three.slice();
}

/**
 * sum += chunk, residue by residue. The sum is left as it was when the chunk is refused.
 * @throws CryptoError ENCODING_INVALID as `unpackChunk`
 */
export function addPackedChunk(sum: Uint32Array, bytes: Uint8Array): void {
  requireLength('residues', sum.length, PRIMES.length * N);
  loadPacked(bytes);
  three.set(sum);
  for (let k = 0; k < PRIMES.length; k++) {
    if (kernels.addPacked(PACKED + k * PACKED_BYTES, X + k * POLY_BYTES, k) === 0) throw notReduced(k);
  }
  sum.set(three);
}

/**
 * Writes uniform residues to `out` by rejection: little-endian 32-bit words of a key stream, lower 30 bits, kept where
 * below the prime (probability above 0.9999), until 4,096 are found.
 * @param bytes of key stream, at most 32,768
 * @param fill writes the key stream over all of the array it gets
 * @returns how many were found: fewer than 4,096 only when the stream was too short
 */
export function sampleUniform(
  bytes: number,
  fill: (keyStream: Uint8Array) => void,
  prime: number,
  out: Uint32Array,
): number {
  requireLength('a polynomial', out.length, N);
  const words = Math.min(Math.floor(bytes / 4), STREAM_WORDS);
  fill(stream.subarray(0, words * 4));
  const found = kernels.uniform(STREAM, words, X, prime);
  out.set(x);
  return found;
}

/** The three NTTs of a small signed polynomial in the form `openPacked` takes. */
export function transformKey(key: Int32Array): Uint32Array {
  requireLength('a key', key.length, N);
  PRIMES.forEach((p, k) => {
    const residues = three.subarray(k * N, (k + 1) * N);
    for (let i = 0; i < N; i++) {
      const v = key[i] ?? 0;
      residues[i] = v < 0 ? v + p : v;
    }
    kernels.forward(X + k * POLY_BYTES, k);
    kernels.toKey(X + k * POLY_BYTES, k);
  });
  return three.slice();
}

/** A chunk after `openPacked`. */
export interface OpenedChunk {
  /** slots * 4096 values, slot by slot. */
  readonly values: Uint32Array;
  /** Greatest |E|. */
  readonly greatestNoise: number;
  /** Coefficients with |E| > bound or, where the layout leaves message bits unused, one more if any is set. */
  readonly beyond: number;
}

/**
 * v = C - a*K, centred; M = v mod T as values, E = (v - M) / T.
 * @param keyHat from `transformKey`
 * @param publicHat a_hat of the three primes
 * @throws CryptoError ENCODING_INVALID as `unpackChunk`
 */
export function openPacked(
  keyHat: Uint32Array,
  publicHat: Uint32Array,
  bytes: Uint8Array,
  layout: LayoutName,
  bound: number,
): OpenedChunk {
  requireLength('a key', keyHat.length, PRIMES.length * N);
  requireLength('a public polynomial', publicHat.length, PRIMES.length * N);
  loadPacked(bytes);
  three.set(publicHat);
  threeY.set(keyHat);
  const { slots } = LAYOUTS[layout];
  const beyond = kernels.open(slots, bound);
  if (beyond < 0) throw notReduced(null);
  return { values: values.slice(0, slots * N), greatestNoise: kernels.greatest(), beyond };
}

/**
 * Linear combination over F_131071, element by element.
 * @param terms factor (0..131070) and 4,096 elements below 131071 each
 */
export function combineField(terms: Iterable<readonly [factor: number, elements: Uint32Array]>): Uint32Array {
  kernels.fieldClear();
  for (const [factor, elements] of terms) {
    requireLength('field elements', elements.length, N);
    x.set(elements);
    kernels.fieldAdd(X, factor);
  }
  kernels.fieldFinish(X);
  return x.slice();
}

function loadPacked(bytes: Uint8Array): void {
  if (bytes.length !== CHUNK_BYTES) {
    throw new CryptoError('ENCODING_INVALID', {
      expected: `a packed chunk of ${CHUNK_BYTES} bytes`,
      got: `${bytes.length} bytes`,
      next: 'send whole chunks',
    });
  }
  packed.set(bytes);
}

function notReduced(prime: number | null): CryptoError {
  return new CryptoError('ENCODING_INVALID', {
    expected: 'residues below their prime',
    got: prime === null ? 'a greater one' : `a greater one modulo ${PRIMES[prime]}`,
    next: 'refuse this upload: no encryption of this project makes it',
  });
}
