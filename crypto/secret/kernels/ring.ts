import { instantiate } from '../../public/kernels/instantiate.ts';
import { requireLength } from '../../public/kernels/ring.ts';
import { CryptoError } from '../../public/errors.ts';
import { CHUNK_BYTES, LAYOUTS, N, PRIMES } from '../../public/params.ts';
import type { LayoutName } from '../../public/params.ts';

/*
 * Typed access to the secret half's kernels.wasm (source: assembly/). One instance a thread with a fixed workspace:
 * every function copies in, computes, copies out and wipes, also when it throws. The one exception is `ChunkEncryption`,
 * whose key stays until its `end`, an error, or any other call here. Calls need no order; they are not re-entrant, which
 * JavaScript's single thread guarantees as no call yields.
 *
 * The kernels have no branch and no address that depends on a secret. What the engine's compiler makes of them is its
 * own affair: WebAssembly gives no guarantee of constant time.
 */

interface SecretExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly x: { readonly value: number };
  readonly key: { readonly value: number };
  readonly stream: { readonly value: number };
  readonly samples: { readonly value: number };
  readonly values: { readonly value: number };
  readonly packed: { readonly value: number };
  sampleBinomial(stream: number, out: number): void;
  transformKey(): void;
  encrypt(slots: number): void;
  union(count: number): number;
  fieldClear(): void;
  fieldAdd(x: number, factor: number): void;
  fieldFinish(out: number): void;
  wipe(): void;
}

const kernels = instantiate(new URL('./kernels.wasm', import.meta.url)) as SecretExports;
const memory = kernels.memory.buffer;
/** Key stream for 4,096 samples: 82 bits each. */
export const SAMPLER_BYTES = (N * 82) / 8;

const polynomial = new Uint32Array(memory, kernels.x.value, N);
const three = new Uint32Array(memory, kernels.x.value, PRIMES.length * N);
const key = new Uint32Array(memory, kernels.key.value, PRIMES.length * N);
const stream = new Uint8Array(memory, kernels.stream.value, SAMPLER_BYTES);
const samples = new Uint8Array(memory, kernels.samples.value, N);
const values = new Uint32Array(memory, kernels.values.value, 6 * N);
const packed = new Uint8Array(memory, kernels.packed.value, CHUNK_BYTES);
/** The key (k_hat) of the `ChunkEncryption` that has it in the workspace. */
let held: Uint32Array | null = null;

function wipe(): void {
  held = null;
  kernels.wipe();
}

/** A freshly sampled key polynomial. */
export interface KeyPolynomial {
  /** k + 41, a byte a coefficient. */
  readonly samples: Uint8Array;
  /** NTTs of k for the three primes, in the form that `ChunkEncryption` takes. */
  readonly hat: Uint32Array<ArrayBuffer>;
}

/**
 * Centred binomial polynomial with 41 pairs (assembly/binomial.ts says which bit counts where).
 * @param bits 41,984 uniform bytes; the caller wipes them
 */
export function sampleKey(bits: Uint8Array): KeyPolynomial {
  requireLength('sampler bytes', bits.length, SAMPLER_BYTES);
  try {
    stream.set(bits);
    kernels.sampleBinomial(stream.byteOffset, samples.byteOffset);
    kernels.transformKey();
    return { samples: samples.slice(), hat: key.slice() };
  } finally {
    wipe();
  }
}

/** What one chunk's encryption takes. */
export interface ChunkInput {
  /** Writes a_hat for the three primes, 3 * 4096 residues. */
  readonly publicHat: (out: Uint32Array) => void;
  /** Writes 41,984 uniform bytes for the error. */
  readonly errorBits: (out: Uint8Array) => void;
  readonly layout: LayoutName;
  /** Every value is below 2^valueBits, at most the bits of the layout. */
  readonly valueBits: number;
  /** Up to slots * 4096 values, slot by slot; the rest counts as zero. */
  readonly values: Uint32Array;
  /** Place of the first of them in the vector, for errors. */
  readonly from: number;
}

/** Encryption of chunk after chunk under one key, which stays in the workspace meanwhile. */
export class ChunkEncryption {
  readonly #hat: Uint32Array;

  /** @param hat from `sampleKey`; read again where something else used the workspace between two chunks */
  constructor(hat: Uint32Array) {
    requireLength('a key', hat.length, PRIMES.length * N);
    this.#hat = hat;
  }

  /**
   * c = a*k + T*e + m as a packed chunk.
   * @throws CryptoError SHAPE_MISMATCH for too many values, VALUE_OUT_OF_RANGE for one of 2^valueBits or more
   */
  encrypt(input: ChunkInput): Uint8Array<ArrayBuffer> {
    const { layout, valueBits, values: given } = input;
    const { slots } = LAYOUTS[layout];
    const whole = slots * N;
    if (given.length > whole) requireLength('values', given.length, whole);
    try {
      if (held !== this.#hat) {
        wipe();
        key.set(this.#hat);
        held = this.#hat;
      }
      values.set(given);
      values.fill(0, given.length, whole);
      if (32 - Math.clz32(kernels.union(whole)) > valueBits) throw tooLong(input);
      input.publicHat(three);
      input.errorBits(stream);
      kernels.encrypt(slots);
      return packed.slice();
    } catch (error) {
      wipe();
      throw error;
    }
  }

  /** Wipes the workspace, if it is still this key's. */
  end(): void {
    if (held === this.#hat) wipe();
  }
}

/** One branch for all values, not one a value; only what is refused is searched. */
function tooLong({ values, valueBits, from }: ChunkInput): CryptoError {
  return new CryptoError('VALUE_OUT_OF_RANGE', {
    expected: `values below 2^${valueBits}`,
    got: `a greater one at index ${from + values.findIndex((value) => value > 2 ** valueBits - 1)}`,
    next: 'clip and quantise before encrypting',
  });
}

/** Linear combination over F_131071 as `combineField` of the public half, in memory that is wiped. */
export function combineSecretField(
  terms: Iterable<readonly [factor: number, elements: Uint32Array]>,
): Uint32Array {
  try {
    kernels.fieldClear();
    for (const [factor, elements] of terms) {
      requireLength('field elements', elements.length, N);
      polynomial.set(elements);
      kernels.fieldAdd(polynomial.byteOffset, factor);
    }
    kernels.fieldFinish(polynomial.byteOffset);
    return polynomial.slice();
  } finally {
    kernels.fieldClear();
    wipe();
  }
}
