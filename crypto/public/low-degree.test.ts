import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives as p, systemRandom } from '../identity/node-primitives.ts';
import { shareSecret } from '../secret/shares.ts';
import { LowDegreeTest, combineShare, lowDegreeChallenge, unpackLowDegree } from './low-degree.ts';
import type { ManifestCore } from './low-degree.ts';
import { contributorOf } from './contributor-set.ts';
import type { Manifest } from './manifest.ts';
import { MASKS, N, SHARE_ELEMENTS, SHARE_PRIME } from './params.ts';
import { expandShare } from './share-plaintext.ts';
import type { Transcript } from './transcript.ts';

const core: ManifestCore = {
  consortium: 'test',
  round: 1,
  member: 'org-1',
  transcriptHash: '0'.repeat(64),
  chunks: 1,
  chunkRoot: '1'.repeat(64),
  blobBytes: 46080,
  blobHash: '2'.repeat(64),
  shares: [{ committeeIndex: 1, hash: '3'.repeat(64), bytes: 1170 }],
};
const challenge = lowDegreeChallenge(p, core);

/** A sharing of a random key, the manifest's part of it, and each recipient's elements. */
function sharing(threshold: number, seats: readonly number[]) {
  const secret = Uint32Array.from({ length: N }, (_, i) => (i * 7919) % SHARE_PRIME);
  const made = shareSecret(p, systemRandom, secret, threshold, seats);
  const manifest: Manifest = { ...core, lowDegree: made.lowDegree(challenge), signature: '' };
  const shares = made.shares.map(({ plaintext }) => expandShare(p, plaintext));
  const committee = seats.map((committeeIndex) => ({ committeeIndex })) as unknown as Transcript['committee'];
  const passes = (place: number, share: Uint32Array, of = manifest) =>
    new LowDegreeTest(p, { committee }, { threshold }, seats[place] ?? 0).passes(contributorOf(p, of), share);
  return { manifest, shares, passes };
}

const settings = fc
  .uniqueArray(fc.integer({ min: 1, max: 15 }), { minLength: 2, maxLength: 15 })
  .map((seats) => seats.toSorted((a, b) => a - b))
  .chain((seats) =>
    fc.record({ seats: fc.constant(seats), threshold: fc.integer({ min: 2, max: seats.length }) }),
  );

describe('the low-degree test', () => {
  it('is passed by every share of every honest sharing', () => {
    fc.assert(
      fc.property(settings, ({ seats, threshold }) => {
        const { shares, passes } = sharing(threshold, seats);
        for (const [place, share] of shares.entries()) expect(passes(place, share)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('finds a change of any one element, of the key or of a mask, by whatever amount', () => {
    const { shares, passes } = sharing(3, [1, 2, 4, 5]);
    fc.assert(
      fc.property(
        fc.nat(3),
        fc.nat(SHARE_ELEMENTS - 1),
        fc.integer({ min: 1, max: SHARE_PRIME - 1 }),
        (place, at, by) => {
          const share = Uint32Array.from(shares[place] ?? []);
          share[at] = ((share[at] ?? 0) + by) % SHARE_PRIME;
          expect(passes(place, share)).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is passed by no share of another seat', () => {
    const { shares, passes } = sharing(3, [1, 2, 3, 4, 5]);
    for (const [place, share] of shares.entries()) {
      for (let seat = 0; seat < 5; seat++) expect(passes(seat, share)).toBe(seat === place);
    }
  });

  it('is 8 combinations in whole numbers, the masks added', () => {
    const share = Uint32Array.from({ length: SHARE_ELEMENTS }, (_, i) => SHARE_PRIME - 1 - i);
    const numbers = new DataView(challenge.buffer);
    const plainly = Array.from({ length: MASKS }, (_value, r) => {
      let sum = BigInt(share[N + r] ?? 0);
      for (let i = 0; i < N; i++) {
        sum += BigInt(numbers.getUint16(2 * (r * N + i), true)) * BigInt(share[i] ?? 0);
      }
      return Number(sum % BigInt(SHARE_PRIME));
    });
    expect(Array.from(combineShare(challenge, share))).toEqual(plainly);
    const greatest = new Uint32Array(SHARE_ELEMENTS).fill(SHARE_PRIME - 1);
    const all = new Uint8Array(2 * MASKS * N).fill(0xff);
    const expected = (BigInt(SHARE_PRIME - 1) * (1n + 4096n * 65535n)) % BigInt(SHARE_PRIME);
    expect(Array.from(combineShare(all, greatest))).toEqual(new Array(MASKS).fill(Number(expected)));
  });

  it('depends on every field of the manifest, so that nobody chooses shares after the challenge', () => {
    const seen = new Set([Buffer.from(challenge.buffer).toString('hex')]);
    const changes: Partial<ManifestCore>[] = [
      { consortium: 'other' },
      { round: 2 },
      { member: 'org-2' },
      { transcriptHash: '4'.repeat(64) },
      { chunks: 2 },
      { chunkRoot: '4'.repeat(64) },
      { blobBytes: 1 },
      { blobHash: '4'.repeat(64) },
      { shares: [{ committeeIndex: 1, hash: '4'.repeat(64), bytes: 1170 }] },
    ];
    for (const change of changes) {
      seen.add(Buffer.from(lowDegreeChallenge(p, { ...core, ...change }).buffer).toString('hex'));
    }
    expect(changes.flatMap((change) => Object.keys(change))).toEqual(Object.keys(core));
    expect(seen.size).toBe(changes.length + 1);
  });

  it('what is published is uniform whatever is shared, because of the masks (chi-square, 32 bins)', () => {
    const counts = new Float64Array(32);
    let values = 0;
    for (let i = 0; i < 60; i++) {
      const { manifest } = sharing(4, [1, 2, 3, 4]);
      for (const value of unpackLowDegree(manifest.lowDegree, 4)) {
        const bin = Math.floor((value / SHARE_PRIME) * 32);
        counts[bin] = (counts[bin] ?? 0) + 1;
        values++;
      }
    }
    const expected = values / 32;
    expect(counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)).toBeLessThan(80);
  });

  it('refuses what does not decode: another length, an element of 131071', () => {
    const bad = (text: string) => expect(() => unpackLowDegree(text, 3)).toThrow('MANIFEST_INVALID');
    bad('');
    bad('A'.repeat(67));
    bad('_'.repeat(68));
    bad('!'.repeat(68));
    expect(unpackLowDegree('A'.repeat(68), 3)).toEqual(new Uint32Array(24));
  });
});
