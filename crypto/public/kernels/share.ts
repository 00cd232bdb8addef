import { MASKS, N, SHARE_BITS, SHARE_ELEMENTS } from '../params.ts';
import { instance } from './instance.ts';
import { requireLength } from './ring.ts';

/*
 * Typed access to what kernels.wasm does with one share of a key (source: assembly/share.ts). Elements are of F_131071, one
 * a word, at most 4,104. Shares are secret: every function wipes the workspace before it returns, also when it throws; the
 * challenge, which is public, stays.
 */

interface ShareExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly shareBytes: { readonly value: number };
  readonly share: { readonly value: number };
  readonly challenge: { readonly value: number };
  readonly combinations: { readonly value: number };
  unpackShare(count: number): number;
  sampleShare(words: number, count: number): number;
  combineShare(): void;
  wipeShare(): void;
}

/** Words of key stream that one call of `sampleElements` takes at most. */
const STREAM_WORDS = 4216;
/** 8 * 4,096 numbers of 16 bits, little-endian. */
export const CHALLENGE_BYTES = MASKS * N * 2;

const kernels = instance as ShareExports;
const memory = kernels.memory.buffer;
const bytes = new Uint8Array(memory, kernels.shareBytes.value, STREAM_WORDS * 4);
const share = new Uint32Array(memory, kernels.share.value, SHARE_ELEMENTS);
const challenge = new Uint8Array(memory, kernels.challenge.value, CHALLENGE_BYTES);
const combinations = new Uint32Array(memory, kernels.combinations.value, MASKS);

/**
 * Unpacks elements of 17 bits, least significant bit first.
 * @param packed 17 bytes for every eight elements of `out`
 * @returns whether all are below 131071; `out` is written only then
 * @throws CryptoError SHAPE_MISMATCH for lengths that do not fit
 */
export function unpackElements(packed: Uint8Array, out: Uint32Array): boolean {
  requireLength('elements', out.length, Math.min(out.length & ~7, SHARE_ELEMENTS));
  requireLength('packed elements', packed.length, (out.length * SHARE_BITS) / 8);
  try {
    bytes.set(packed);
    if (kernels.unpackShare(out.length) === 0) return false;
    out.set(share.subarray(0, out.length));
    return true;
  } finally {
    kernels.wipeShare();
  }
}

/**
 * Writes uniform elements to `out` by rejection: little-endian 32-bit words of a key stream, lower 17 bits, kept where
 * below 131071.
 * @param words of key stream, at most 4,216
 * @param fill writes the key stream over all of the array it gets
 * @returns whether the stream had enough; `out` is written only then
 * @throws CryptoError SHAPE_MISMATCH for more words or elements
 */
export function sampleElements(
  words: number,
  fill: (keyStream: Uint8Array) => void,
  out: Uint32Array,
): boolean {
  requireLength('elements', out.length, Math.min(out.length, SHARE_ELEMENTS));
  requireLength('key stream', words, Math.min(words, STREAM_WORDS));
  try {
    fill(bytes.subarray(0, words * 4));
    if (kernels.sampleShare(words, out.length) < out.length) return false;
    out.set(share.subarray(0, out.length));
    return true;
  } finally {
    kernels.wipeShare();
  }
}

/**
 * The 8 combinations of one share: mask r plus the sum of challenge (r, i) times element i over the 4,096 of the key.
 * @param fill writes the challenge, combination by combination, over all of the array it gets
 * @param elements 4,104 below 131071
 */
export function combineElements(fill: (challenge: Uint8Array) => void, elements: Uint32Array): Uint32Array {
  requireLength('a share', elements.length, SHARE_ELEMENTS);
  try {
    fill(challenge);
    share.set(elements);
    kernels.combineShare();
    return combinations.slice();
  } finally {
    kernels.wipeShare();
  }
}
