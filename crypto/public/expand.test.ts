import { createCipheriv, createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../identity/node-primitives.ts';
import { publicPolynomials, streamStart } from './expand.ts';
import { N, PRIMES } from './params.ts';

const transcriptHash = createHash('sha256').update('a transcript').digest();

/** The same expansion written from its description: AES blocks of a counter (ECB), words, mask, rejection. */
function plainly(chunk: number, prime: number, group: number): number[] {
  const key = createHash('sha256').update('cordon/v1/a\0').update(transcriptHash).digest();
  const out: number[] = [];
  for (let counter = 0; out.length < N; counter++) {
    const block = Buffer.alloc(16);
    block.writeUInt32BE(chunk, 0);
    block.writeUInt8(prime, 4);
    block.writeUInt32BE(group, 5);
    block.writeUInt32BE(counter, 12);
    const stream = createCipheriv('aes-256-ecb', key, null).update(block);
    for (let at = 0; at < 16 && out.length < N; at += 4) {
      const word = stream.readUInt32LE(at) & 0x3fffffff;
      if (word < (PRIMES[prime] ?? 0)) out.push(word);
    }
  }
  return out;
}

describe('public polynomials', () => {
  it.each([
    [0, 0],
    [3, 0],
    [2 ** 32 - 1, 7],
  ])('chunk %i of group %i is AES-256 of a counter with rejection', (chunk, group) => {
    const hat = publicPolynomials(nodePrimitives, transcriptHash).chunk(chunk, group);
    for (let prime = 0; prime < PRIMES.length; prime++) {
      expect(Array.from(hat.subarray(prime * N, (prime + 1) * N))).toEqual(plainly(chunk, prime, group));
    }
  });

  it('is uniform modulo each prime (chi-square over 64 bins, 40 chunks, below the 1e-6 quantile)', () => {
    const polynomials = publicPolynomials(nodePrimitives, transcriptHash);
    const bins = PRIMES.map(() => new Float64Array(64));
    for (let chunk = 0; chunk < 40; chunk++) {
      polynomials.chunk(chunk).forEach((v, i) => {
        const prime = Math.floor(i / N);
        const bin = Math.floor((v / (PRIMES[prime] ?? 1)) * 64);
        const counts = bins[prime];
        if (counts !== undefined) counts[bin] = (counts[bin] ?? 0) + 1;
      });
    }
    const expected = (40 * N) / 64;
    for (const counts of bins) {
      expect(counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)).toBeLessThan(130);
    }
  });

  it('continues the stream where rejection used up the first piece', () => {
    // A stream whose first 4,112 words are all rejected, then counts up: the second, longer request must be used.
    const requested: number[] = [];
    const stubborn = {
      ...nodePrimitives,
      keyStream: () => (_iv: Uint8Array, out: Uint8Array) => {
        requested.push(out.length);
        out.fill(requested.length % 2 === 1 ? 0xff : 0x00);
      },
    };
    const hat = publicPolynomials(stubborn, transcriptHash).chunk(0);
    expect(hat.every((v) => v === 0)).toBe(true);
    expect(requested).toEqual([16448, 16512, 16448, 16512, 16448, 16512]);
  });

  it('gives every (chunk, prime, group) a counter range of its own, 2^56 blocks long', () => {
    const index = fc.record({
      chunk: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      purpose: fc.integer({ min: 0, max: 255 }),
      group: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    });
    fc.assert(
      fc.property(index, index, (a, b) => {
        const [x, y] = [a, b].map((i) => Buffer.from(streamStart(i.chunk, i.purpose, i.group)));
        expect(x?.subarray(9)).toEqual(Buffer.alloc(7));
        const same = a.chunk === b.chunk && a.purpose === b.purpose && a.group === b.group;
        expect(x?.subarray(0, 9).equals(y?.subarray(0, 9) ?? Buffer.alloc(0))).toBe(same);
      }),
    );
  });

  it('refuses a hash that is not 32 bytes and numbers that are no u32', () => {
    expect(() => publicPolynomials(nodePrimitives, new Uint8Array(31))).toThrow(/SHAPE_MISMATCH/);
    const polynomials = publicPolynomials(nodePrimitives, transcriptHash);
    for (const chunk of [-1, 0.5, 2 ** 32, Number.NaN]) {
      expect(() => polynomials.chunk(chunk)).toThrow(/VALUE_OUT_OF_RANGE/);
      expect(() => polynomials.chunk(0, chunk)).toThrow(/VALUE_OUT_OF_RANGE/);
    }
  });
});
