import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../identity/node-primitives.ts';
import { addChunk, createAccumulator, packedSum } from '../public/accumulator.ts';
import { interpolateKeySum } from '../public/key-shares.ts';
import type { ShareSum } from '../public/key-shares.ts';
import { packChunk, unpackChunk } from '../public/kernels/ring.ts';
import { openSum } from '../public/open-sum.ts';
import { LAYOUTS, N, PRIMES, noiseBound, valuesPerChunk } from '../public/params.ts';
import type { LayoutName } from '../public/params.ts';
import type { RandomBytes } from '../public/primitives.ts';
import { encryptVector } from './encrypt.ts';
import { OneTimeKey } from './one-time-key.ts';
import { expandShare } from '../public/share-plaintext.ts';
import { sumShares } from './shares.ts';

/** The whole primitive, member to opened sum, without its messages. The plaintext sum is the oracle. */

const transcriptHash = new Uint8Array(32).fill(0xc0);

function seeded(seed: number): RandomBytes {
  const key = Buffer.alloc(32);
  key.writeUInt32LE(seed);
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return (length) => new Uint8Array(cipher.update(Buffer.alloc(length)));
}

interface Contribution {
  readonly values: Uint32Array;
  readonly chunks: Uint8Array[];
  /** By committee index. */
  readonly shares: ReadonlyMap<number, Uint8Array>;
}

interface Setting {
  readonly layout: LayoutName;
  readonly valueBits: number;
  readonly length: number;
  readonly threshold: number;
  readonly committee: readonly number[];
}

function contribute(setting: Setting, seed: number, fill: 'random' | 'greatest'): Contribution {
  const { layout, valueBits, length, threshold, committee } = setting;
  const random = seeded(seed);
  const mask = 2 ** valueBits - 1;
  const values = new Uint32Array(random(length * 4).buffer).map((v) =>
    fill === 'greatest' ? mask : (v & mask) >>> 0,
  );
  const key = OneTimeKey.sample(random);
  const chunks = [...encryptVector(nodePrimitives, key, { transcriptHash, layout, valueBits, values })];
  const split = key.split(nodePrimitives, threshold, committee);
  const shares = new Map(split.shares.map((s) => [s.committeeIndex, s.plaintext]));
  key.erase();
  return { values, chunks, shares };
}

function answer(committeeIndex: number, set: readonly Contribution[]): ShareSum {
  const shares = set.map((c) => {
    const plain = c.shares.get(committeeIndex) ?? new Uint8Array();
    return [1, expandShare(nodePrimitives, plain).subarray(0, N)] as const;
  });
  return { committeeIndex, shareSum: sumShares(shares) };
}

function sumChunk(set: readonly Contribution[], chunk: number): Uint8Array {
  const accumulator = createAccumulator();
  for (const { chunks } of set) addChunk(accumulator, chunks[chunk] ?? new Uint8Array());
  return packedSum(accumulator);
}

function open(setting: Setting, keySum: Int32Array, set: readonly Contribution[]): Uint32Array {
  const { layout, length } = setting;
  const opener = openSum(nodePrimitives, { transcriptHash, keySum, members: set.length, layout, length });
  const out: number[] = [];
  const chunks = set[0]?.chunks.length ?? 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    for (const v of opener.openChunk(chunk, sumChunk(set, chunk))) out.push(v);
  }
  return Uint32Array.from(out);
}

function plaintextSum(set: readonly Contribution[], length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => set.reduce((sum, c) => sum + (c.values[i] ?? 0), 0));
}

/** Value bits so that `members` values always fit a slot. */
const bitsFor = (layout: LayoutName, members: number): number =>
  Math.min(16, LAYOUTS[layout].bits - Math.ceil(Math.log2(members)));

const layoutNames = Object.keys(LAYOUTS) as LayoutName[];

/** n members of whom some drop out; t of a committee of m, of whom some are silent. */
const rounds = fc
  .record({
    layout: fc.constantFrom(...layoutNames),
    members: fc.integer({ min: 3, max: 10 }),
    committeeSize: fc.integer({ min: 3, max: 10 }),
    seed: fc.integer({ min: 0, max: 2 ** 20 }),
    fill: fc.constantFrom('random', 'greatest'),
  })
  .chain((r) =>
    fc.record({
      ...Object.fromEntries(Object.entries(r).map(([name, value]) => [name, fc.constant(value)])),
      length: fc.integer({ min: 1, max: 2 * valuesPerChunk(r.layout) + 3 }),
      threshold: fc.integer({ min: 2, max: r.committeeSize }),
      stayed: fc.shuffledSubarray(
        Array.from({ length: r.members }, (_, i) => i),
        { minLength: 1 },
      ),
      speaking: fc.shuffledSubarray(
        Array.from({ length: r.committeeSize }, (_, i) => i + 1),
        { minLength: 2 },
      ),
    } as {
      layout: fc.Arbitrary<LayoutName>;
      members: fc.Arbitrary<number>;
      committeeSize: fc.Arbitrary<number>;
      seed: fc.Arbitrary<number>;
      fill: fc.Arbitrary<'random' | 'greatest'>;
      length: fc.Arbitrary<number>;
      threshold: fc.Arbitrary<number>;
      stayed: fc.Arbitrary<number[]>;
      speaking: fc.Arbitrary<number[]>;
    }),
  );

describe('secure sum', () => {
  it('opens to the exact sum of those who stayed, in any order, by any t of the committee, and by no fewer', () => {
    fc.assert(
      fc.property(
        rounds,
        ({ layout, members, committeeSize, seed, fill, length, threshold, stayed, speaking }) => {
          const committee = Array.from({ length: committeeSize }, (_, i) => i + 1);
          const setting = { layout, valueBits: bitsFor(layout, members), length, threshold, committee };
          const all = Array.from({ length: members }, (_, i) => contribute(setting, seed + i, fill));
          const set = stayed.map((i) => all[i]).filter((c) => c !== undefined); // shuffled: any order of uploads
          const answers = speaking.map((index) => answer(index, set));
          if (answers.length < threshold) {
            expect(() => interpolateKeySum(threshold, answers, set.length)).toThrow(/COMMITTEE_UNAVAILABLE/);
            return;
          }
          const keySum = interpolateKeySum(threshold, answers, set.length);
          expect(open(setting, keySum, set)).toEqual(plaintextSum(set, length));
        },
      ),
      { seed: 20260, numRuns: 60 },
    );
  });

  it.each(layoutNames)('%s: ten members at the greatest value fill the slot exactly', (layout) => {
    const setting: Setting = {
      layout,
      valueBits: bitsFor(layout, 10),
      length: valuesPerChunk(layout) + 1,
      threshold: 7,
      committee: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    };
    const set = Array.from({ length: 10 }, (_, i) => contribute(setting, i, 'greatest'));
    const answers = [10, 2, 5, 7, 1, 9, 3].map((index) => answer(index, set));
    const opened = open(setting, interpolateKeySum(7, answers, 10), set);
    expect(opened).toEqual(new Uint32Array(setting.length).fill(10 * (2 ** setting.valueBits - 1)));
  });

  it.each(layoutNames)(
    '%s: vectors of one value, of whole chunks, one more or fewer, and odd lengths open exactly',
    (layout) => {
      const whole = valuesPerChunk(layout);
      for (const length of [1, 2, 3, 4095, 4097, whole - 1, whole, whole + 1, 2 * whole - 3]) {
        const setting: Setting = {
          layout,
          valueBits: bitsFor(layout, 3),
          length,
          threshold: 2,
          committee: [1, 2, 3],
        };
        const set = [1, 2, 3].map((i) => contribute(setting, 100 * i + (length % 97), 'random'));
        const answers = [3, 1].map((index) => answer(index, set));
        expect(open(setting, interpolateKeySum(2, answers, 3), set)).toEqual(plaintextSum(set, length));
      }
    },
  );

  it('a thousand members: the sum of one chunk is exact and its noise within the bound', () => {
    const setting: Setting = {
      layout: '3x26',
      valueBits: 16,
      length: 3 * N,
      threshold: 2,
      committee: [1, 2, 3],
    };
    const accumulator = createAccumulator();
    const sum = new Uint32Array(setting.length);
    const shareSums = new Map([1, 3].map((index) => [index, new Uint32Array(N)]));
    for (let member = 0; member < 1000; member++) {
      const one = contribute(setting, member, member % 2 === 0 ? 'greatest' : 'random');
      addChunk(accumulator, one.chunks[0] ?? new Uint8Array());
      one.values.forEach((v, i) => (sum[i] = (sum[i] ?? 0) + v));
      const add = (a: Uint32Array, b: Uint32Array) => sumShares([a, b].map((share) => [1, share] as const));
      for (const [index, total] of shareSums) total.set(add(total, answer(index, [one]).shareSum));
    }
    const answers = Array.from(shareSums, ([committeeIndex, shareSum]) => ({ committeeIndex, shareSum }));
    const keySum = interpolateKeySum(2, answers, 1000);
    const opener = openSum(nodePrimitives, {
      transcriptHash,
      keySum,
      members: 1000,
      layout: '3x26',
      length: 3 * N,
    });
    expect(opener.openChunk(0, packedSum(accumulator))).toEqual(sum);
    // Standard deviation of E is sqrt(20.5 * 1000) = 143; the greatest of 4,096 is near 3.5 of them.
    expect(opener.greatestNoise()).toBeGreaterThan(300);
    expect(opener.greatestNoise()).toBeLessThan(noiseBound(1000) / 2);
  }, 30_000);
});

describe('what is wrong is refused', () => {
  const setting: Setting = {
    layout: '3x26',
    valueBits: 16,
    length: 3 * N,
    threshold: 2,
    committee: [1, 2, 3],
  };
  const set = [1, 2, 3].map((seed) => contribute(setting, seed, 'random'));
  const keySum = interpolateKeySum(2, [answer(1, set), answer(2, set)], 3);

  it('an upload that is left out, doubled or replaced', () => {
    const [a, b, c] = set;
    if (a === undefined || b === undefined || c === undefined) throw new Error('three members');
    for (const other of [
      [a, b],
      [a, b, b],
      [a, b, contribute(setting, 4, 'random')],
    ]) {
      const opener = openSum(nodePrimitives, {
        transcriptHash,
        keySum,
        members: 3,
        layout: '3x26',
        length: 3 * N,
      });
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
    const opener = openSum(nodePrimitives, {
      transcriptHash,
      keySum,
      members: 3,
      layout: '3x26',
      length: 3 * N,
    });
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
