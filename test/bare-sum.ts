import { createCipheriv } from 'node:crypto';
import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { addChunk, createAccumulator, packedSum } from '../crypto/public/accumulator.ts';
import type { ShareSum } from '../crypto/public/key-shares.ts';
import { openSum } from '../crypto/public/open-sum.ts';
import { N } from '../crypto/public/params.ts';
import type { LayoutName } from '../crypto/public/params.ts';
import type { RandomBytes } from '../crypto/public/primitives.ts';
import { expandShare } from '../crypto/public/share-plaintext.ts';
import { encryptVector } from '../crypto/secret/encrypt.ts';
import { OneTimeKey } from '../crypto/secret/one-time-key.ts';
import { sumShares } from '../crypto/secret/shares.ts';

/** The whole primitive, member to opened sum, without its messages. The plaintext sum is the oracle. */

export const transcriptHash = new Uint8Array(32).fill(0xc0);

export function seeded(seed: number): RandomBytes {
  const key = Buffer.alloc(32);
  key.writeUInt32LE(seed);
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return (length) => new Uint8Array(cipher.update(Buffer.alloc(length)));
}

export interface BareContribution {
  readonly values: Uint32Array;
  readonly chunks: Uint8Array[];
  /** By committee index. */
  readonly shares: ReadonlyMap<number, Uint8Array>;
}

export interface SumSetting {
  readonly layout: LayoutName;
  readonly valueBits: number;
  readonly length: number;
  readonly threshold: number;
  readonly committee: readonly number[];
}

/** One chunk, and a committee of three of which two open. */
export const ONE_CHUNK: SumSetting = {
  layout: '3x26',
  valueBits: 16,
  length: 3 * N,
  threshold: 2,
  committee: [1, 2, 3],
};

/** @param fill how values are made, or the values */
export function contribute(
  setting: SumSetting,
  seed: number,
  fill: 'random' | 'greatest' | Uint32Array,
): BareContribution {
  const { layout, valueBits, length, threshold, committee } = setting;
  const random = seeded(seed);
  const mask = 2 ** valueBits - 1;
  const drawn = new Uint32Array(random(length * 4).buffer);
  const values =
    typeof fill === 'string' ? drawn.map((v) => (fill === 'greatest' ? mask : (v & mask) >>> 0)) : fill;
  const key = OneTimeKey.sample(random);
  const chunks = [...encryptVector(nodePrimitives, key, { transcriptHash, layout, valueBits, values })];
  const split = key.split(nodePrimitives, threshold, committee);
  const shares = new Map(split.shares.map((s) => [s.committeeIndex, s.plaintext]));
  key.erase();
  return { values, chunks, shares };
}

export function answer(committeeIndex: number, set: readonly BareContribution[]): ShareSum {
  const shares = set.map((c) => {
    const plain = c.shares.get(committeeIndex) ?? new Uint8Array();
    return [1, expandShare(nodePrimitives, plain).subarray(0, N)] as const;
  });
  return { committeeIndex, shareSum: sumShares(shares) };
}

export function sumChunk(set: readonly BareContribution[], chunk: number): Uint8Array {
  const accumulator = createAccumulator();
  for (const { chunks } of set) addChunk(accumulator, chunks[chunk] ?? new Uint8Array());
  return packedSum(accumulator);
}

export function open(setting: SumSetting, keySum: Int32Array, set: readonly BareContribution[]): Uint32Array {
  const { layout, length } = setting;
  const opener = openSum(nodePrimitives, { transcriptHash, keySum, members: set.length, layout, length });
  const out: number[] = [];
  const chunks = set[0]?.chunks.length ?? 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    for (const v of opener.openChunk(chunk, sumChunk(set, chunk))) out.push(v);
  }
  return Uint32Array.from(out);
}

export function plaintextSum(set: readonly BareContribution[], length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => set.reduce((sum, c) => sum + (c.values[i] ?? 0), 0));
}
