import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundingBits } from './rounding-bits.ts';

const seed = new Uint8Array(32).fill(7);

/** The same numbers from their description: AES blocks of draw and number, one after the other. */
function plainly(draw: number, from: number, count: number): number[] {
  const out: number[] = [];
  for (let block = from / 4; out.length < count; block++) {
    const counter = Buffer.alloc(16);
    counter.writeUInt32BE(draw, 0);
    counter.writeBigUInt64BE(BigInt(block), 8);
    const words = createCipheriv('aes-256-ecb', seed, null).update(counter);
    for (let at = 0; at < 16; at += 4) out.push(words.readUInt32LE(at));
  }
  return out.slice(0, count);
}

test('are AES-256 of draw and block number, the same for a place from wherever it is read', () => {
  const bits = roundingBits(seed);
  fc.assert(
    fc.property(
      fc.nat(3),
      fc.oneof(fc.nat(300), fc.integer({ min: 2 ** 33, max: 2 ** 34 })),
      fc.integer({ min: 1, max: 50 }),
      (draw, block, count) => {
        const out = new Uint32Array(count);
        bits.fill(draw, 4 * block, out);
        expect(Array.from(out)).toEqual(plainly(draw, 4 * block, count));
      },
    ),
  );
});

test('cross the pieces that the cipher is asked for without a seam', () => {
  const whole = new Uint32Array(40_000);
  roundingBits(seed).fill(1, 8, whole);
  expect(Array.from(whole.subarray(16_380, 16_400))).toEqual(plainly(1, 16_388, 20));
});
