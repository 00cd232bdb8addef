import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../identity/node-primitives.ts';
import { CHUNK_BYTES, N } from '../public/params.ts';
import type { RandomBytes } from '../public/primitives.ts';
import { encryptVector } from './encrypt.ts';
import type { VectorToEncrypt } from './encrypt.ts';
import { OneTimeKey } from './one-time-key.ts';

/** Bytes of AES-256-CTR under a seed, and every array handed out. */
function seeded(seed: number): { random: RandomBytes; given: Uint8Array[] } {
  const cipher = createCipheriv('aes-256-ctr', Buffer.alloc(32, seed), Buffer.alloc(16));
  const given: Uint8Array[] = [];
  const random: RandomBytes = (length) => {
    const bytes = new Uint8Array(cipher.update(Buffer.alloc(length)));
    given.push(bytes);
    return bytes;
  };
  return { random, given };
}

const vector: VectorToEncrypt = {
  transcriptHash: new Uint8Array(32).fill(1),
  layout: '3x26',
  valueBits: 16,
  values: new Uint32Array(3 * N + 1).fill(65535),
};
const newKey = (seed = 1): OneTimeKey => OneTimeKey.sample(seeded(seed).random);
const encrypt = (key: OneTimeKey, change: Partial<VectorToEncrypt> = {}): Uint8Array[] => [
  ...encryptVector(nodePrimitives, key, { ...vector, ...change }),
];

describe('encryption of a vector', () => {
  it('gives whole chunks, one for each beginning 12,288 values', () => {
    for (const [length, chunks] of [
      [1, 1],
      [3 * N, 1],
      [3 * N + 1, 2],
      [7 * N, 3],
    ] as const) {
      const out = encrypt(newKey(), { values: new Uint32Array(length) });
      expect(out.map((c) => c.length)).toEqual(Array(chunks).fill(CHUNK_BYTES));
    }
  });

  it('names the index of the first value out of range, encrypts no more and erases the key', () => {
    for (const index of [4097, 3 * N]) {
      const values = new Uint32Array(3 * N + 2).fill(65535);
      values[index] = 65536;
      values[index + 1] = 2 ** 32 - 1;
      const key = newKey();
      const chunks = encryptVector(nodePrimitives, key, { ...vector, values });
      if (index === 3 * N) expect(chunks.next().done).toBe(false);
      expect(() => chunks.next()).toThrow(new RegExp(`VALUE_OUT_OF_RANGE.*index ${index}`));
      expect(key.step).toBe('erased');
      expect(chunks.next().done).toBe(true);
    }
  });

  it('takes values from a source, piece by piece and in order, and gives the same bytes', () => {
    const values = Uint32Array.from({ length: 7 * N + 5 }, (_, i) => (i * 40503) % 65536);
    const asked: [number, number][] = [];
    const piece = new Uint32Array(3 * N);
    const source = {
      length: values.length,
      read(from: number, count: number) {
        asked.push([from, count]);
        piece.set(values.subarray(from, from + count));
        return piece.subarray(0, count); // the same memory every time
      },
    };
    expect(encrypt(newKey(), { values: source })).toEqual(encrypt(newKey(), { values }));
    expect(asked).toEqual([
      [0, 3 * N],
      [3 * N, 3 * N],
      [6 * N, N + 5],
    ]);
    const short = { length: 10, read: () => new Uint32Array(9) };
    const key = newKey();
    expect(() => encrypt(key, { values: short })).toThrow(/SHAPE_MISMATCH/);
    expect(key.step).toBe('erased');
  });

  it('refuses impossible arguments and leaves the key unused', () => {
    const key = newKey();
    expect(() => encrypt(key, { values: new Uint32Array() })).toThrow(/SHAPE_MISMATCH/);
    for (const valueBits of [0, 27, 1.5]) {
      expect(() => encrypt(key, { valueBits })).toThrow(/VALUE_OUT_OF_RANGE/);
    }
    expect(() => encrypt(key, { layout: '6x13' })).toThrow(/VALUE_OUT_OF_RANGE/);
    expect(() => encrypt(key, { transcriptHash: new Uint8Array(31) })).toThrow(/SHAPE_MISMATCH/);
    expect(() => encrypt(key, { group: -1 })).toThrow(/VALUE_OUT_OF_RANGE/);
    expect(key.step).toBe('sampled');
    expect(encrypt(key).length).toBe(2);
  });

  it('gives other bytes for another key, transcript, group and chunk of the same values', () => {
    const values = new Uint32Array(6 * N);
    const variants = [
      ...encrypt(newKey(1), { values }),
      ...encrypt(newKey(2), { values }),
      ...encrypt(newKey(1), { values, group: 1 }),
      ...encrypt(newKey(1), { values, transcriptHash: new Uint8Array(32) }),
    ];
    expect(new Set(variants.map((c) => Buffer.from(c).toString('latin1'))).size).toBe(8);
    expect(encrypt(newKey(1), { values })).toEqual(variants.slice(0, 2)); // and the same for the same randomness
  });

  it('two keys may be encrypting at once without disturbing each other', () => {
    const alone = [encrypt(newKey(1)), encrypt(newKey(2))];
    const [one, two] = [1, 2].map((seed) => encryptVector(nodePrimitives, newKey(seed), vector));
    const together: (Uint8Array | undefined)[] = [];
    for (const chunk of one ?? []) together.push(chunk, two?.next().value ?? undefined);
    expect(together).toEqual([alone[0]?.[0], alone[1]?.[0], alone[0]?.[1], alone[1]?.[1]]);
  });
});

describe('one-time key', () => {
  it('encrypts one vector and no second one, not even when the first was abandoned', () => {
    const key = newKey();
    encryptVector(nodePrimitives, key, vector); // no chunk was asked for: the key counts as used all the same
    expect(key.step).toBe('encrypting');
    expect(() => encryptVector(nodePrimitives, key, vector)).toThrow(/KEY_SPENT/);
    const other = newKey();
    encrypt(other);
    expect(() => encryptVector(nodePrimitives, other, vector)).toThrow(/KEY_SPENT/);
  });

  it('encrypts no chunk beyond those of its vector', () => {
    const key = newKey();
    const pass = key.startVector(nodePrimitives, 1, { ...vector, group: 0 });
    pass.next(new Uint32Array(3));
    expect(() => pass.next(new Uint32Array(3))).toThrow(/KEY_SPENT/);
  });

  it('is shared once, after its vector and before it is erased', () => {
    const key = newKey();
    expect(() => key.split(nodePrimitives, 2, [1, 2, 3])).toThrow(/KEY_SPENT/);
    encrypt(key);
    expect(() => key.split(nodePrimitives, 4, [1, 2, 3])).toThrow(/COMMITTEE_UNAVAILABLE/); // and that does not spend it
    expect(key.split(nodePrimitives, 2, [1, 2, 3]).shares).toHaveLength(3);
    expect(key.step).toBe('shared');
    expect(() => key.split(nodePrimitives, 2, [1, 2, 3])).toThrow(/KEY_SPENT/);
    expect(() => encryptVector(nodePrimitives, key, vector)).toThrow(/KEY_SPENT/);
  });

  it('does nothing after it was erased, from whatever step, also in the middle of its vector', () => {
    const fresh = newKey();
    fresh.erase();
    expect(() => encryptVector(nodePrimitives, fresh, vector)).toThrow(/KEY_SPENT/);
    expect(() => fresh.split(nodePrimitives, 2, [1, 2])).toThrow(/KEY_SPENT/);
    const running = newKey();
    const chunks = encryptVector(nodePrimitives, running, vector);
    chunks.next();
    running.erase();
    expect(() => chunks.next()).toThrow(/KEY_SPENT/);
  });

  it('overwrites the bytes it was sampled from, its noise seed and the seeds of its shares', () => {
    const { random, given } = seeded(5);
    const key = OneTimeKey.sample(random);
    expect(given.map((bytes) => bytes.length)).toEqual([41984, 32]);
    expect(given[0]?.every((b) => b === 0)).toBe(true);
    expect(given[1]?.some((b) => b !== 0)).toBe(true);
    encrypt(key);
    key.split(nodePrimitives, 3, [1, 2, 3]);
    expect(given.slice(2).map((bytes) => bytes.length)).toEqual([32, 32, 32]);
    key.erase();
    expect(given.every((bytes) => bytes.every((b) => b === 0))).toBe(true);
  });
});
