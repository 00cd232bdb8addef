import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { interpolateKeySum } from '../public/key-shares.ts';
import { N, SHARE_ELEMENTS, SHARE_PRIME } from '../public/params.ts';
import type { RandomBytes } from '../public/primitives.ts';
import { packField } from '../public/share-packing.ts';
import { expandShare } from '../public/share-plaintext.ts';
import { shareSecret, sumShares } from './shares.ts';

/** Bytes of AES-256-CTR under a seed: the same in every run. */
function seeded(seed: number): RandomBytes {
  const key = Buffer.alloc(32);
  key.writeUInt32LE(seed);
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return (length) => new Uint8Array(cipher.update(Buffer.alloc(length)));
}

const secretOf = (scale: number): Uint32Array =>
  Uint32Array.from({ length: N }, (_, i) => (((i * scale) % 83) - 41 + SHARE_PRIME) % SHARE_PRIME);
const centred = (secret: Uint32Array): Int32Array =>
  Int32Array.from(secret, (v) => (v > SHARE_PRIME / 2 ? v - SHARE_PRIME : v));

/** t, and a committee of at least t members whose positions have gaps (not everybody advertised). */
const committees = fc
  .uniqueArray(fc.integer({ min: 1, max: 15 }), { minLength: 2, maxLength: 15 })
  .map((all) => all.toSorted((x, y) => x - y))
  .chain((committee) =>
    fc.record({
      committee: fc.constant(committee),
      threshold: fc.integer({ min: 2, max: committee.length }),
    }),
  );

describe('sharing', () => {
  it('any t of those who got a share recover the secret, t - 1 do not', () => {
    fc.assert(
      fc.property(
        committees,
        fc.nat(1000),
        fc.infiniteStream(fc.nat()),
        ({ committee, threshold }, seed, order) => {
          const secret = secretOf(seed);
          const { shares } = shareSecret(p, seeded(seed), secret, threshold, committee);
          expect(shares.map((s) => s.committeeIndex)).toEqual(committee);
          const shuffled = shares
            .map((share) => ({ share, rank: order.next().value ?? 0 }))
            .toSorted((x, y) => x.rank - y.rank)
            .map(({ share }) => ({ ...share, shareSum: expandShare(p, share.plaintext).subarray(0, N) }));
          expect(interpolateKeySum(threshold, shuffled.slice(0, threshold), 1)).toEqual(centred(secret));
          expect(interpolateKeySum(threshold, shuffled, 1)).toEqual(centred(secret)); // all on one polynomial
          expect(() => interpolateKeySum(threshold, shuffled.slice(1, threshold), 1)).toThrow(
            /COMMITTEE_UNAVAILABLE/,
          );
          if (threshold > 2) {
            // A polynomial of lower degree through t - 1 points says something else.
            expect(() => interpolateKeySum(threshold - 1, shuffled.slice(1, threshold), 1)).toThrow(
              /NOISE_CHECK/,
            );
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('the first t - 1 get seeds that do not depend on the secret, the others vectors', () => {
    const [one, two] = [1, 2].map(
      (scale) => shareSecret(p, seeded(9), secretOf(scale), 3, [1, 2, 4, 7]).shares,
    );
    expect(one?.map((s) => [s.plaintext[0], s.plaintext.length])).toEqual([
      [1, 33],
      [1, 33],
      [2, 8722],
      [2, 8722],
    ]);
    expect(one?.slice(0, 2)).toEqual(two?.slice(0, 2));
    expect(one?.[2]).not.toEqual(two?.[2]);
    expect(one?.[0]?.plaintext).not.toEqual(one?.[1]?.plaintext);
  });

  it('a vector share of a constant secret is uniform over the field (chi-square, 64 bins)', () => {
    const counts = new Float64Array(64);
    for (let seed = 0; seed < 20; seed++) {
      const share = shareSecret(p, seeded(seed), new Uint32Array(N).fill(3), 2, [1, 2]).shares[1];
      for (const v of expandShare(p, share?.plaintext ?? new Uint8Array())) {
        const bin = Math.floor((v / SHARE_PRIME) * 64);
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
    }
    const expected = (20 * SHARE_ELEMENTS) / 64;
    expect(counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)).toBeLessThan(130);
  });

  it('refuses thresholds and committees that cannot be', () => {
    const share = (threshold: number, committee: number[]) => () =>
      shareSecret(p, seeded(1), secretOf(1), threshold, committee);
    for (const threshold of [0, 1, 1.5]) expect(share(threshold, [1, 2, 3])).toThrow(/VALUE_OUT_OF_RANGE/);
    for (const committee of [
      [0, 1],
      [2, 1],
      [1, 1],
      [1, 2.5],
      [1, SHARE_PRIME],
    ]) {
      expect(share(2, committee)).toThrow(/VALUE_OUT_OF_RANGE/);
    }
    expect(share(3, [1, 2])).toThrow(/COMMITTEE_UNAVAILABLE/);
  });
});

describe('expansion', () => {
  /** The seed's elements from AES blocks of a counter, word by word. */
  function plainly(seed: Uint8Array): { elements: number[]; rejected: number } {
    const elements: number[] = [];
    let rejected = 0;
    for (let counter = 0; elements.length < SHARE_ELEMENTS; counter++) {
      const block = Buffer.alloc(16);
      block.writeUInt32BE(counter, 12);
      const stream = createCipheriv('aes-256-ecb', seed, null).update(block);
      for (let at = 0; at < 16 && elements.length < SHARE_ELEMENTS; at += 4) {
        const element = stream.readUInt32LE(at) % 2 ** 17;
        if (element === SHARE_PRIME) rejected++;
        else elements.push(element);
      }
    }
    return { elements, rejected };
  }

  it('of a seed is AES-256 of a counter with rejection of 131071', () => {
    let rejected = 0;
    const random = seeded(3);
    for (let i = 0; i < 60; i++) {
      const seed = random(32);
      const plain = plainly(seed);
      rejected += plain.rejected;
      expect(Array.from(expandShare(p, Uint8Array.of(1, ...seed)))).toEqual(plain.elements);
    }
    expect(rejected).toBeGreaterThan(0); // the case occurred
  });

  it('refuses other kinds, other lengths and elements outside the field', () => {
    const elements = Uint32Array.from({ length: SHARE_ELEMENTS }, (_, i) => (i * 31) % SHARE_PRIME);
    const vector = packField(elements);
    expect(expandShare(p, Uint8Array.of(2, ...vector))).toEqual(elements);
    const outside = Uint8Array.of(2, ...vector);
    outside.fill(0xff, 1, 5);
    for (const bad of [
      new Uint8Array(),
      new Uint8Array(32),
      new Uint8Array(33),
      new Uint8Array(8722),
      Uint8Array.of(2, ...vector.subarray(0, 8704)),
      Uint8Array.of(1, ...vector),
      Uint8Array.of(2, ...vector, 0),
      outside,
    ]) {
      expect(() => expandShare(p, bad)).toThrow(/SHARE_INVALID/);
    }
  });
});

it('the sum of shares is the sum modulo 131071', () => {
  const shares = [new Uint32Array(N).fill(SHARE_PRIME - 1), secretOf(3), secretOf(7)];
  expect(Array.from(sumShares(shares.map((share) => [1, share] as const)))).toEqual(
    Array.from({ length: N }, (_, i) => shares.reduce((sum, s) => sum + (s[i] ?? 0), 0) % SHARE_PRIME),
  );
  expect(sumShares([])).toEqual(new Uint32Array(N));
});
