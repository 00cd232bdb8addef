import { instantiate } from '../../public/kernels/instantiate.ts';
import { requireLength } from '../../public/kernels/ring.ts';
import { CHUNK_BYTES, LAYOUTS, N, PRIMES } from '../../public/params.ts';
import type { LayoutName } from '../../public/params.ts';

/*
 * Typed access to the secret half's kernels.wasm (source: assembly/). One instance a thread with a fixed workspace:
 * every function copies in, computes, copies out and wipes, also when it throws. Calls need no order; they are not
 * re-entrant, which JavaScript's single thread guarantees as no call yields.
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

/** A freshly sampled key polynomial. */
export interface KeyPolynomial {
  /** k + 41, a byte a coefficient. */
  readonly samples: Uint8Array;
  /** NTTs of k for the three primes, Montgomery form. */
  readonly hat: Uint32Array;
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
    kernels.wipe();
  }
}

/** Number of bits of the longest value, found without a branch on any of them. */
export function longestBits(all: Uint32Array): number {
  let union = 0;
  try {
    for (let from = 0; from < all.length; from += values.length) {
      const part = all.subarray(from, from + values.length);
      values.fill(0, part.length);
      values.set(part);
      union |= kernels.union(part.length);
    }
    return 32 - Math.clz32(union);
  } finally {
    kernels.wipe();
  }
}

/** What one chunk's encryption takes. */
export interface ChunkInput {
  /** From `sampleKey`. */
  readonly keyHat: Uint32Array;
  /** a_hat for the three primes. */
  readonly publicHat: Uint32Array;
  /** 41,984 uniform bytes for the error; the caller wipes them. */
  readonly errorBits: Uint8Array;
  readonly layout: LayoutName;
  /** Up to slots * 4096 values below 2^bits of the layout, slot by slot; the rest counts as zero. */
  readonly values: Uint32Array;
}

/** c = a*k + T*e + m as a packed chunk. */
export function encryptChunk(input: ChunkInput): Uint8Array {
  requireLength('a key', input.keyHat.length, PRIMES.length * N);
  requireLength('a public polynomial', input.publicHat.length, PRIMES.length * N);
  requireLength('sampler bytes', input.errorBits.length, SAMPLER_BYTES);
  const { slots } = LAYOUTS[input.layout];
  if (input.values.length > slots * N) requireLength('values', input.values.length, slots * N);
  try {
    three.set(input.publicHat);
    key.set(input.keyHat);
    stream.set(input.errorBits);
    values.set(input.values); // the rest is zero since the last wipe
    kernels.encrypt(slots);
    return packed.slice();
  } finally {
    kernels.wipe();
  }
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
    kernels.wipe();
  }
}
