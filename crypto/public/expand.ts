import { CryptoError } from './errors.ts';
import { requireLength, sampleUniform } from './kernels/ring.ts';
import { N, PRIMES } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';

const DOMAIN = new TextEncoder().encode('cordon/v1/a\0');
/** 16 words more than 4,096: rejection leaves fewer than 4,096 with probability below 2^-70, then it is lengthened. */
const STREAM_BYTES = (N + 16) * 4;

/**
 * The AES-CTR block that starts a stream: chunk (u32, big-endian), purpose (u8), group (u32, big-endian), then 7 zero
 * bytes that the big-endian counter runs through. Streams of one key are 2^56 blocks apart, so none overlap.
 * @param purpose index of the prime for the public polynomial; `crypto/secret` uses 255 (another key) for the error
 */
export function streamStart(chunk: number, purpose: number, group: number): Uint8Array {
  for (const [value, limit] of [
    [chunk, 2 ** 32],
    [purpose, 256],
    [group, 2 ** 32],
  ] as const) {
    if (!Number.isInteger(value) || value < 0 || value >= limit) {
      throw new CryptoError('VALUE_OUT_OF_RANGE', {
        expected: `chunk, purpose and group as integers from 0 to below ${limit}`,
        got: String(value),
        next: 'count chunks and groups from 0',
      });
    }
  }
  const iv = new Uint8Array(16);
  const view = new DataView(iv.buffer);
  view.setUint32(0, chunk);
  view.setUint8(4, purpose);
  view.setUint32(5, group);
  return iv;
}

/** The public polynomials of one transcript. */
export interface PublicPolynomials {
  /** a_hat of one chunk for the three primes, NTT domain: Uint32Array(3 * 4096). A new array each time. */
  chunk(chunk: number, group?: number): Uint32Array;
  /** The same written to `out`, 3 * 4096 elements. */
  write(chunk: number, group: number, out: Uint32Array): void;
}

/**
 * Expands a_hat of every (chunk, prime, group) from the transcript hash: AES-256-CTR under
 * sha256('cordon/v1/a' || 0x00 || transcriptHash), uniform modulo the prime by rejection (`sampleUniform`).
 *
 * It is never taken from a message: a = 0 would leave T*e + m, the plaintext. The values are coefficients in the NTT
 * domain directly; a uniform polynomial's transform is uniform, so nobody need transform it.
 * @param transcriptHash 32 bytes
 * @throws CryptoError SHAPE_MISMATCH for another length, VALUE_OUT_OF_RANGE for a chunk or group that is no u32
 */
export function publicPolynomials(
  primitives: Pick<PublicPrimitives, 'sha256' | 'keyStream'>,
  transcriptHash: Uint8Array,
): PublicPolynomials {
  requireLength('a transcript hash', transcriptHash.length, 32);
  const keyStream = primitives.keyStream(primitives.sha256(DOMAIN, transcriptHash));
  const write = (chunk: number, group: number, out: Uint32Array): void => {
    requireLength('public polynomials', out.length, PRIMES.length * N);
    for (let prime = 0; prime < PRIMES.length; prime++) {
      const iv = streamStart(chunk, prime, group);
      const hat = out.subarray(prime * N, (prime + 1) * N);
      const fill = (area: Uint8Array): void => {
        keyStream(iv, area);
      };
      for (let bytes = STREAM_BYTES; sampleUniform(bytes, fill, prime, hat) < N;) bytes += 64;
    }
  };
  return {
    write,
    chunk(chunk, group = 0) {
      const hat = new Uint32Array(PRIMES.length * N);
      write(chunk, group, hat);
      return hat;
    },
  };
}
