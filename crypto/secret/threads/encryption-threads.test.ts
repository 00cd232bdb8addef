import { createCipheriv } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../identity/node-primitives.ts';
import { LAYOUTS, N } from '../../public/params.ts';
import type { LayoutName } from '../../public/params.ts';
import { type VectorToEncrypt, encryptVector } from '../encrypt.ts';
import { OneTimeKey } from '../one-time-key.ts';
import { EncryptionThreads } from './encryption-threads.ts';

function newKey(seed = 1): OneTimeKey {
  const cipher = createCipheriv('aes-256-ctr', Buffer.alloc(32, seed), Buffer.alloc(16));
  return OneTimeKey.sample((length) => new Uint8Array(cipher.update(Buffer.alloc(length))));
}

const pools = new Map([1, 2, 3, 5].map((count) => [count, new EncryptionThreads(count)]));
const pool = (count: number): EncryptionThreads => pools.get(count) ?? new EncryptionThreads(count);
afterAll(async () => {
  for (const one of pools.values()) await one.close();
});

const vectorOf = (layout: LayoutName, length: number): VectorToEncrypt => ({
  transcriptHash: new Uint8Array(32).fill(3),
  layout,
  valueBits: Math.min(16, LAYOUTS[layout].bits),
  values: Uint32Array.from({ length }, (_, i) => (i * 7919) % 2 ** Math.min(16, LAYOUTS[layout].bits)),
  group: 2,
});

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const out: Uint8Array[] = [];
  for await (const chunk of chunks) out.push(chunk);
  return out;
}

describe('encryption on threads', () => {
  it.each([1, 2, 3, 5])('%i threads give byte for byte the chunks of one', async (count) => {
    for (const layout of Object.keys(LAYOUTS) as LayoutName[]) {
      const whole = LAYOUTS[layout].slots * N;
      for (const length of [1, whole, 3 * whole + 1, 9 * whole - 5]) {
        const vector = vectorOf(layout, length);
        const key = newKey(length % 251);
        const chunks = await all(pool(count).encrypt(key, vector));
        expect(key.step).toBe('encrypted');
        expect(chunks).toEqual([...encryptVector(nodePrimitives, newKey(length % 251), vector)]);
        expect(key.split(nodePrimitives, 2, [1, 2, 3])).toEqual(
          (() => {
            const other = newKey(length % 251);
            for (const _ of encryptVector(nodePrimitives, other, vector));
            return other.split(nodePrimitives, 2, [1, 2, 3]);
          })(),
        );
      }
    }
  });

  it('a value out of range is refused with its index, the key erased, and the next vector goes on', async () => {
    const vector = vectorOf('3x26', 9 * 3 * N);
    const values = Uint32Array.from({ length: 9 * 3 * N }, () => 1);
    values[5 * 3 * N + 17] = 65536;
    const key = newKey();
    await expect(all(pool(3).encrypt(key, { ...vector, values }))).rejects.toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
      got: `a greater one at index ${5 * 3 * N + 17}`,
    });
    expect(key.step).toBe('erased');
    const next = await all(pool(3).encrypt(newKey(), vector));
    expect(next).toEqual([...encryptVector(nodePrimitives, newKey(), vector)]);
  });

  it('nothing more comes out once the key is erased; a vector that is abandoned erases it', async () => {
    const vector = vectorOf('3x26', 30 * 3 * N);
    const key = newKey();
    const chunks = pool(2).encrypt(key, vector);
    expect((await chunks.next()).done).toBe(false);
    key.erase();
    await expect(chunks.next()).rejects.toThrow(/KEY_SPENT/);
    const left = newKey();
    for await (const chunk of pool(2).encrypt(left, vector)) {
      expect(chunk.length).toBe(46080);
      break;
    }
    expect(left.step).toBe('erased');
  });

  it('a key encrypts one vector, here or on threads', async () => {
    const vector = vectorOf('3x26', 5);
    const key = newKey();
    await all(pool(1).encrypt(key, vector));
    await expect(all(pool(1).encrypt(key, vector))).rejects.toThrow(/KEY_SPENT/);
    expect(() => encryptVector(nodePrimitives, key, vector)).toThrow(/KEY_SPENT/);
  });

  it('two vectors at once are refused; a thread that has ended is told and spoils nothing but its vector', async () => {
    const vector = vectorOf('3x26', 9 * 3 * N);
    const mortal = new EncryptionThreads(2);
    const first = mortal.encrypt(newKey(), vector);
    await first.next();
    await expect(all(mortal.encrypt(newKey(), vector))).rejects.toThrow(/another vector/);
    await mortal.close();
    await expect(all(first)).rejects.toThrow(/ended/);
    const next = await all(mortal.encrypt(newKey(), vector)); // others were started
    expect(next).toEqual([...encryptVector(nodePrimitives, newKey(), vector)]);
    await mortal.close();
  });
});
