import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../identity/node-primitives.ts';
import { addChunk, createAccumulator, packedSum } from './accumulator.ts';
import { publicPolynomials } from './expand.ts';
import {
  forwardNtt,
  inverseNtt,
  multiplyPointwise,
  openPacked,
  packChunk,
  transformKey,
} from './kernels/ring.ts';
import { openSum } from './open-sum.ts';
import { LAYOUTS, N, PRIMES, noiseBound } from './params.ts';
import type { LayoutName } from './params.ts';

interface Encrypted {
  readonly c: readonly (readonly number[])[];
  readonly k: readonly number[];
  readonly e: readonly number[];
  readonly values: readonly (readonly number[])[];
}
interface SumOracle {
  readonly a: readonly (readonly number[])[];
  readonly cases: readonly { readonly layout: LayoutName; readonly members: readonly Encrypted[] }[];
  readonly sum_3x26: Encrypted;
}
const oracle = JSON.parse(
  gunzipSync(readFileSync(new URL('../vectors/secure-sum-schoolbook.json.gz', import.meta.url))).toString(
    'utf8',
  ),
) as SumOracle;
const packOracle = (c: Encrypted['c']): Uint8Array => packChunk(Uint32Array.from(c.flat()));
const oracleHat = Uint32Array.from(
  oracle.a.flatMap((a, k) => Array.from(forwardNtt(Uint32Array.from(a), k))),
);

describe('schoolbook oracle', () => {
  const members = oracle.cases.flatMap(({ layout, members: each }) =>
    each.map((one) => ({ layout, ...one })),
  );

  it.each(members)(
    '$layout: the ciphertext opens to the known values and noise',
    ({ layout, c, k, e, values }) => {
      const opened = openPacked(transformKey(Int32Array.from(k)), oracleHat, packOracle(c), layout, 41);
      expect(Array.from(opened.values)).toEqual(values.flat());
      expect(opened.beyond).toBe(0);
      expect(opened.greatestNoise).toBe(e.reduce((most, v) => Math.max(most, Math.abs(v)), 0));
    },
  );

  it('three ciphertexts add to the known sum, in every order, and it opens to the known values', () => {
    const { c, k, e, values } = oracle.sum_3x26;
    const uploads = oracle.cases.find(({ layout }) => layout === '3x26')?.members ?? [];
    expect(uploads.length).toBe(3);
    for (const order of [uploads, uploads.toReversed()]) {
      const accumulator = createAccumulator();
      for (const upload of order) addChunk(accumulator, packOracle(upload.c));
      expect(packedSum(accumulator)).toEqual(packOracle(c));
    }
    const bound = noiseBound(3);
    const opened = openPacked(transformKey(Int32Array.from(k)), oracleHat, packOracle(c), '3x26', bound);
    expect(Array.from(opened.values)).toEqual(values.flat());
    expect(opened.greatestNoise).toBe(e.reduce((most, v) => Math.max(most, Math.abs(v)), 0));
  });
});

const transcriptHash = new Uint8Array(32).fill(7);
const polynomials = publicPolynomials(nodePrimitives, transcriptHash);
const keySum = Int32Array.from({ length: N }, (_, i) => ((i * 37) % 83) - 41);

/** c = a*K + T*e + m for one chunk, the message given as 78-bit numbers. */
function encrypted(chunk: number, message: (i: number) => bigint, noise: (i: number) => number): Uint8Array {
  const hat = polynomials.chunk(chunk);
  const c = new Uint32Array(PRIMES.length * N);
  PRIMES.forEach((p, k) => {
    const key = Uint32Array.from(keySum, (v) => (v < 0 ? v + p : v));
    const product = inverseNtt(multiplyPointwise(hat.slice(k * N, (k + 1) * N), forwardNtt(key, k), k), k);
    product.forEach((v, i) => {
      const sum = (BigInt(v) + (BigInt(noise(i)) << 78n) + message(i)) % BigInt(p);
      c[k * N + i] = Number(sum < 0n ? sum + BigInt(p) : sum);
    });
  });
  return packChunk(c);
}

function opener(layout: LayoutName, length: number, members = 3): ReturnType<typeof openSum> {
  return openSum(nodePrimitives, { transcriptHash, keySum, members, layout, length });
}

describe('opening', () => {
  const bound = noiseBound(3);
  const layouts = Object.entries(LAYOUTS) as [LayoutName, { slots: number; bits: number }][];

  it.each(layouts)(
    '%s: every slot at its greatest value opens exactly, with noise at the bound',
    (layout, { slots, bits }) => {
      const length = slots * N;
      const opening = opener(layout, length);
      const all = (1n << BigInt(slots * bits)) - 1n;
      const opened = opening.openChunk(
        0,
        encrypted(
          0,
          () => all,
          (i) => (i % 2 === 0 ? bound : -bound),
        ),
      );
      expect(opened).toEqual(new Uint32Array(length).fill(2 ** bits - 1));
      expect(opening.greatestNoise()).toBe(bound);
    },
  );

  it('refuses one coefficient beyond the bound, either way, and says which chunk and how many', () => {
    for (const e of [bound + 1, -bound - 1, 2040, -2040]) {
      const chunk = encrypted(
        1,
        () => 0n,
        (i) => (i === 4095 ? e : 0),
      );
      expect(() => opener('3x26', 6 * N).openChunk(1, chunk)).toThrow(
        /NOISE_CHECK_FAILED.*chunk 1, got 1 coeff/,
      );
    }
  });

  it('refuses a set bit in the two message bits that 4x19 leaves unused', () => {
    const chunk = encrypted(
      0,
      (i) => (i === 5 ? 1n << 76n : 0n),
      () => 0,
    );
    expect(() => opener('4x19', 4 * N).openChunk(0, chunk)).toThrow(/NOISE_CHECK_FAILED/);
  });

  it('truncates the last chunk at the length and refuses padding that is not zero', () => {
    const chunk = encrypted(
      1,
      (i) => (i < 10 ? 5n : 0n),
      () => 1,
    );
    expect(opener('3x26', 3 * N + 10).openChunk(1, chunk)).toEqual(new Uint32Array(10).fill(5));
    expect(() => opener('3x26', 3 * N + 9).openChunk(1, chunk)).toThrow(/NOISE_CHECK_FAILED.*padding/);
  });

  it('refuses another chunk, another transcript, another key, a chunk that does not exist', () => {
    const chunk = encrypted(
      0,
      () => 1n,
      () => 0,
    );
    expect(() => opener('3x26', 6 * N).openChunk(1, chunk)).toThrow(/NOISE_CHECK_FAILED/);
    const other = {
      transcriptHash: new Uint8Array(32),
      keySum,
      members: 3,
      layout: '3x26',
      length: 9,
    } as const;
    expect(() => openSum(nodePrimitives, other).openChunk(0, chunk)).toThrow(/NOISE_CHECK_FAILED/);
    const wrongKey = keySum.slice();
    wrongKey[17] = (wrongKey[17] ?? 0) + 1;
    const wrong = { ...other, transcriptHash, keySum: wrongKey };
    expect(() => openSum(nodePrimitives, wrong).openChunk(0, chunk)).toThrow(/NOISE_CHECK_FAILED/);
    for (const index of [-1, 2, 0.5]) {
      expect(() => opener('3x26', 6 * N).openChunk(index, chunk)).toThrow(/VALUE_OUT_OF_RANGE/);
    }
  });

  it('refuses a key sum beyond what the members can have, and lengths that cannot be', () => {
    const great = keySum.slice();
    great[0] = 3 * 41 + 1;
    const sum = { transcriptHash, keySum: great, members: 3, layout: '3x26', length: 1 } as const;
    expect(() => openSum(nodePrimitives, sum)).toThrow(/NOISE_CHECK_FAILED/);
    expect(() => openSum(nodePrimitives, { ...sum, keySum: new Int32Array(3) })).toThrow(/SHAPE_MISMATCH/);
    expect(() => openSum(nodePrimitives, { ...sum, keySum, length: 0 })).toThrow(/VALUE_OUT_OF_RANGE/);
    expect(() => openSum(nodePrimitives, { ...sum, keySum, members: 0 })).toThrow(/VALUE_OUT_OF_RANGE/);
  });
});
