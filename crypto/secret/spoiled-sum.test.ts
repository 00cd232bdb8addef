import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../identity/node-primitives.ts';
import { interpolateKeySum } from '../public/key-shares.ts';
import { packChunk, unpackChunk } from '../public/kernels/ring.ts';
import { openSum } from '../public/open-sum.ts';
import { N, PRIMES } from '../public/params.ts';
import {
  ONE_CHUNK,
  answer,
  contribute,
  open,
  seeded,
  sumChunk,
  transcriptHash,
} from '../../test/bare-sum.ts';

describe('what is wrong is refused', () => {
  const setting = ONE_CHUNK;
  const set = [1, 2, 3].map((seed) => contribute(setting, seed, 'random'));
  const keySum = interpolateKeySum(2, [answer(1, set), answer(2, set)], 3);
  const opening = () =>
    openSum(nodePrimitives, { transcriptHash, keySum, members: 3, layout: '3x26', length: 3 * N });

  it('an upload that is left out, doubled or replaced', () => {
    const [a, b, c] = set;
    if (a === undefined || b === undefined || c === undefined) throw new Error('three members');
    for (const other of [
      [a, b],
      [a, b, b],
      [a, b, contribute(setting, 4, 'random')],
    ]) {
      const opener = opening();
      expect(() => opener.openChunk(0, sumChunk(other, 0))).toThrow(/NOISE_CHECK_FAILED/);
    }
  });

  it('one flipped bit of a share, wherever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8704 * 8 - 1 }), (bit) => {
        const spoiled = set.map((c, i) => {
          if (i !== 1) return c;
          const shares = new Map(c.shares);
          const share = Uint8Array.from(shares.get(2) ?? []);
          const at = 1 + (bit >> 3);
          share[at] = (share[at] ?? 0) ^ (1 << (bit & 7));
          shares.set(2, share);
          return { ...c, shares };
        });
        expect(() => {
          open(setting, interpolateKeySum(2, [answer(1, spoiled), answer(2, spoiled)], 3), set);
        }).toThrow(/NOISE_CHECK_FAILED|SHARE_INVALID/); // the latter where the element became 131071
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it('64 damaged bytes of a ciphertext, wherever they are', () => {
    const place = fc.tuple(fc.nat(46079), fc.integer({ min: 1, max: 255 }));
    const damage = fc.uniqueArray(place, { minLength: 64, maxLength: 64, selector: ([at]) => at });
    fc.assert(
      fc.property(damage, (places) => {
        const chunk = Uint8Array.from(set[0]?.chunks[0] ?? []);
        for (const [at, change] of places) chunk[at] = (chunk[at] ?? 0) ^ change;
        const spoiled = set.map((c, i) => (i === 0 ? { ...c, chunks: [chunk] } : c));
        expect(() => open(setting, keySum, spoiled)).toThrow(/NOISE_CHECK_FAILED|ENCODING_INVALID/);
      }),
      { seed: 7, numRuns: 40 },
    );
  });

  it('one replaced residue in 19 of 20 cases: the check is for accidents, not against tampering', () => {
    const residues = unpackChunk(sumChunk(set, 0));
    const opener = opening();
    const trials = 400;
    const random = new Uint32Array(seeded(1)(trials * 8).buffer);
    let missed = 0;
    for (let trial = 0; trial < trials; trial++) {
      const at = (random[2 * trial] ?? 0) % residues.length;
      const spoiled = residues.slice();
      spoiled[at] = (random[2 * trial + 1] ?? 0) % (PRIMES[Math.floor(at / N)] ?? 1);
      try {
        opener.openChunk(0, packChunk(spoiled));
        missed++;
      } catch (error) {
        expect(error).toMatchObject({ code: 'NOISE_CHECK_FAILED' });
      }
    }
    // A changed residue moves E to a uniform place: (2 * 95 + 1) / 4095 = 4.7 % stay inside the bound of 3 members.
    expect(missed / trials).toBeLessThan(0.08);
    expect(missed).toBeGreaterThan(0);
  });
});
