import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASKS, N, SHARE_BYTES, SHARE_ELEMENTS, SHARE_PRIME } from '../params.ts';
import { packField } from '../share-packing.ts';
import { CHALLENGE_BYTES, combineElements, sampleElements, unpackElements } from './share.ts';

/** Bytes from a linear congruential generator (Knuth, MMIX): the same in every run. */
function pseudoRandom(length: number, seed: number): Uint8Array {
  let state = BigInt(seed);
  return Uint8Array.from({ length }, () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 56n);
  });
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe('17-bit elements', () => {
  /** Bit by bit. */
  function plainly(bytes: Uint8Array, count: number): number[] {
    const bit = (at: number): number => ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1;
    return Array.from({ length: count }, (_, i) =>
      Array.from({ length: 17 }, (_bit, b) => bit(17 * i + b) * 2 ** b).reduce((sum, x) => sum + x, 0),
    );
  }

  it('are unpacked as bit by bit, whatever their number', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: SHARE_ELEMENTS / 8 }), (seed, eights) => {
        const bytes = pseudoRandom(17 * eights, seed);
        const expected = plainly(bytes, 8 * eights);
        const out = new Uint32Array(8 * eights);
        expect(unpackElements(bytes, out)).toBe(!expected.includes(SHARE_PRIME));
        if (!expected.includes(SHARE_PRIME)) expect(Array.from(out)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('are refused with one of 131071 in any place, and nothing is written', () => {
    for (let at = 0; at < SHARE_ELEMENTS; at += at < 32 || at >= SHARE_ELEMENTS - 33 ? 1 : 61) {
      const elements = new Uint32Array(SHARE_ELEMENTS).fill(SHARE_PRIME - 1);
      elements[at] = 0;
      const bytes = packField(elements);
      for (let b = 17 * at; b < 17 * at + 17; b++) bytes[b >> 3] = (bytes[b >> 3] ?? 0) | (1 << (b & 7));
      const out = new Uint32Array(SHARE_ELEMENTS);
      expect(unpackElements(bytes, out)).toBe(false);
      expect(out.every((v) => v === 0)).toBe(true);
    }
  });

  it('are taken in whole eights and whole lengths only, at most a share', () => {
    const refused = (bytes: number, count: number) =>
      expect(() => unpackElements(new Uint8Array(bytes), new Uint32Array(count))).toThrow('SHAPE_MISMATCH');
    refused(SHARE_BYTES - 1, SHARE_ELEMENTS);
    refused(SHARE_BYTES + 1, SHARE_ELEMENTS);
    refused(SHARE_BYTES + 17, SHARE_ELEMENTS + 8);
    refused(9, 4);
  });
});

describe('elements of a key stream', () => {
  it('are its words below 131071 in their order, whatever the number rejected', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.array(fc.nat(4215), { maxLength: 40 }),
        fc.constantFrom(MASKS, 13, N, SHARE_ELEMENTS),
        (seed, rejected, count) => {
          const words = new Uint32Array(pseudoRandom(4 * 4216, seed).buffer);
          for (const at of rejected) words[at] = 0xabcdffff | 1;
          const expected = words.map((word) => word & SHARE_PRIME).filter((v) => v !== SHARE_PRIME);
          const out = new Uint32Array(count);
          const fill = (stream: Uint8Array) =>
            stream.set(new Uint8Array(words.buffer).subarray(0, stream.length));
          expect(sampleElements(4216, fill, out)).toBe(true);
          expect(out).toEqual(expected.subarray(0, count));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are missing where the stream ends too early, and nothing is written; a longer one than fits is refused', () => {
    const out = new Uint32Array(100);
    const fill = (stream: Uint8Array) => {
      stream.fill(1).fill(0xff, 40, 44);
    };
    expect(sampleElements(100, fill, out)).toBe(false);
    expect(out.every((v) => v === 0)).toBe(true);
    expect(sampleElements(101, fill, out)).toBe(true);
    expect(() => sampleElements(4217, fill, out)).toThrow('SHAPE_MISMATCH');
    expect(() => sampleElements(4216, fill, new Uint32Array(SHARE_ELEMENTS + 1))).toThrow('SHAPE_MISMATCH');
  });
});

describe('combinations of the low-degree test', () => {
  /** In doubles, which hold 4,096 products of 33 bits exactly: how they were computed before there was a kernel. */
  function plainly(challenge: Uint8Array, share: Uint32Array): number[] {
    const view = new DataView(challenge.buffer, challenge.byteOffset);
    return Array.from({ length: MASKS }, (_, r) => {
      let sum = share[N + r] ?? 0;
      for (let i = 0; i < N; i++) sum += view.getUint16(2 * (r * N + i), true) * (share[i] ?? 0);
      return sum % SHARE_PRIME;
    });
  }
  const combine = (challenge: Uint8Array, share: Uint32Array) =>
    Array.from(combineElements((area) => area.set(challenge), share));

  it('are those in doubles, for random shares and challenges', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const challenge = pseudoRandom(CHALLENGE_BYTES, seed);
        const share = new Uint32Array(SHARE_ELEMENTS);
        unpackElements(pseudoRandom(SHARE_BYTES, seed + 1), share);
        expect(combine(challenge, share)).toEqual(plainly(challenge, share));
      }),
      { numRuns: 30 },
    );
  });

  it('are those in doubles where sums are greatest and least: every challenge 0, 0x7fff, 0x8000, 0xffff', () => {
    for (const number of [0, 1, 0x7fff, 0x8000, 0xffff]) {
      const challenge = new Uint8Array(new Uint16Array(MASKS * N).fill(number).buffer);
      for (const element of [0, 1, 511, 512, 0xffff, 0x1fe00, SHARE_PRIME - 1]) {
        const share = new Uint32Array(SHARE_ELEMENTS).fill(element);
        expect(combine(challenge, share)).toEqual(plainly(challenge, share));
      }
    }
  });

  it('depend on every element, by its own challenge', () => {
    const challenge = pseudoRandom(CHALLENGE_BYTES, 5);
    const view = new DataView(challenge.buffer);
    for (let i = 0; i < N; i += 37) {
      const share = new Uint32Array(SHARE_ELEMENTS);
      share[i] = 1;
      const own = Array.from({ length: MASKS }, (_, r) => view.getUint16(2 * (r * N + i), true));
      expect(combine(challenge, share)).toEqual(own);
    }
  });

  it('take a whole share', () => {
    expect(() => combineElements(() => undefined, new Uint32Array(N))).toThrow('SHAPE_MISMATCH');
  });
});
