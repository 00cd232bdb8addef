import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { combineField, forwardNtt, packChunk, transformKey, unpackChunk } from '../../public/kernels/ring.ts';
import { LAYOUTS, N, PRIMES, SHARE_PRIME } from '../../public/params.ts';
import type { LayoutName } from '../../public/params.ts';
import { ChunkEncryption, SAMPLER_BYTES, combineSecretField, sampleKey } from './ring.ts';

interface Oracle {
  readonly a: readonly (readonly number[])[];
  readonly cases: readonly {
    readonly layout: LayoutName;
    readonly members: readonly {
      readonly c: readonly (readonly number[])[];
      readonly k: readonly number[];
      readonly e: readonly number[];
      readonly values: readonly (readonly number[])[];
    }[];
  }[];
}
const oracle = JSON.parse(
  gunzipSync(readFileSync(new URL('../../vectors/secure-sum-schoolbook.json.gz', import.meta.url))).toString(
    'utf8',
  ),
) as Oracle;

function keyStream(seed: number): Uint8Array {
  return createCipheriv('aes-256-ctr', Buffer.alloc(32, seed), Buffer.alloc(16)).update(
    Buffer.alloc(SAMPLER_BYTES),
  );
}

/** Sampler bytes that give the wanted samples: as many ones on the side of the sign as the magnitude says. */
function bitsFor(wanted: readonly number[]): Uint8Array {
  const bits = new Uint8Array(SAMPLER_BYTES);
  wanted.forEach((v, i) => {
    const against = v < 0 ? 1 : 0;
    let ones = Math.abs(v);
    if (ones === 41) {
      const at = 10 * N + (i % 1024);
      bits[at] = (bits[at] ?? 0) | (1 << (2 * Math.floor(i / 1024) + against));
      ones--;
    }
    for (let plane = 0; ones > 0; plane++, ones -= 8) {
      bits[(5 * against + plane) * N + i] = 2 ** Math.min(8, ones) - 1;
    }
  });
  return bits;
}

/** Sample i by counting bits one by one. */
function counted(bits: Uint8Array, i: number): number {
  const ones = (byte: number): number => byte.toString(2).replaceAll('0', '').length;
  let sample = 0;
  for (let plane = 0; plane < 5; plane++) {
    sample += ones(bits[plane * N + i] ?? 0) - ones(bits[(plane + 5) * N + i] ?? 0);
  }
  const pair = ((bits[10 * N + (i % 1024)] ?? 0) >> (2 * Math.floor(i / 1024))) & 3;
  return sample + (pair & 1) - (pair >> 1);
}

describe('centred binomial sampler', () => {
  it('is the number of ones among 41 bits less that among 41 others, each bit of the stream used once', () => {
    const bits = keyStream(1);
    expect(Array.from(sampleKey(bits).samples, (v) => v - 41)).toEqual(
      Array.from({ length: N }, (_, i) => counted(bits, i)),
    );
    expect(Array.from(sampleKey(new Uint8Array(SAMPLER_BYTES).fill(0xff)).samples)).toEqual(
      Array(N).fill(41),
    );
    const ends = Array.from({ length: N }, (_, i) => (i % 2 === 0 ? 41 : -41));
    expect(Array.from(sampleKey(bitsFor(ends)).samples, (v) => v - 41)).toEqual(ends);
  });

  it('has mean 0, variance 20.5, magnitudes of at most 41 and the distribution of 82 coins', () => {
    const runs = 40;
    const counts = new Float64Array(83);
    for (let run = 0; run < runs; run++) {
      for (const v of sampleKey(keyStream(100 + run)).samples) counts[v] = (counts[v] ?? 0) + 1;
    }
    const total = runs * N;
    const mean = counts.reduce((sum, n, v) => sum + n * (v - 41), 0) / total;
    const variance = counts.reduce((sum, n, v) => sum + n * (v - 41 - mean) ** 2, 0) / total;
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(total); // nothing fell outside -41..41
    expect(Math.abs(mean)).toBeLessThan((5 * Math.sqrt(20.5)) / Math.sqrt(total));
    expect(Math.abs(variance - 20.5)).toBeLessThan(5 * 20.5 * Math.sqrt(2 / total));
    // Chi-square against C(82, v) / 2^82, tails beyond 16 in one bin each: 35 bins, 1e-6 quantile about 88.
    let probability = 2 ** -82;
    const expected = Array.from({ length: 83 }, (_, v) => {
      if (v > 0) probability *= (83 - v) / v;
      return probability * total;
    });
    const pooled = (x: ArrayLike<number>): number[] => {
      const all = Array.from(x);
      const sum = (part: number[]): number => part.reduce((s, n) => s + n, 0);
      return [sum(all.slice(0, 25)), ...all.slice(25, 58), sum(all.slice(58))];
    };
    const want = pooled(expected);
    const statistic = pooled(counts).reduce((s, n, i) => s + (n - (want[i] ?? 1)) ** 2 / (want[i] ?? 1), 0);
    expect(statistic).toBeLessThan(88);
  });

  it('transforms the key as the public half does', () => {
    const { samples, hat } = sampleKey(keyStream(2));
    expect(hat).toEqual(transformKey(Int32Array.from(samples, (v) => v - 41)));
  });
});

describe('encryption of a chunk', () => {
  const publicHat = Uint32Array.from(
    oracle.a.flatMap((a, k) => Array.from(forwardNtt(Uint32Array.from(a), k))),
  );
  const members = oracle.cases.flatMap(({ layout, members: each }) =>
    each.map((one) => ({ layout, ...one })),
  );
  const encryptOne = (
    hat: Uint32Array,
    input: { errorBits: Uint8Array; layout: LayoutName; values: Uint32Array; valueBits?: number },
  ): Uint8Array => {
    const encryption = new ChunkEncryption(hat);
    try {
      return encryption.encrypt({
        valueBits: LAYOUTS[input.layout].bits,
        from: 7,
        ...input,
        publicHat: (out) => {
          out.set(publicHat);
        },
        errorBits: (out) => {
          out.set(input.errorBits);
        },
      });
    } finally {
      encryption.end();
    }
  };

  it.each(members)(
    '$layout: is the known c = a*k + T*e + m of the schoolbook oracle',
    ({ layout, c, k, e, values }) => {
      const { hat } = sampleKey(bitsFor(k));
      const packed = encryptOne(hat, {
        errorBits: bitsFor(e),
        layout,
        values: Uint32Array.from(values.flat()),
      });
      expect(packed).toEqual(packChunk(Uint32Array.from(c.flat())));
    },
  );

  const layouts = Object.entries(LAYOUTS) as [LayoutName, { slots: number; bits: number }][];
  it.each(layouts)(
    '%s: is T*e + m alone under a zero key, for the greatest e and m',
    (layout, { slots, bits }) => {
      const e = Array.from({ length: N }, (_, i) => (i % 83) - 41);
      const packed = encryptOne(new Uint32Array(3 * N), {
        errorBits: bitsFor(e),
        layout,
        values: new Uint32Array(slots * N).fill(2 ** bits - 1),
      });
      const message = (1n << BigInt(slots * bits)) - 1n;
      const expected = PRIMES.flatMap((p) =>
        e.map((v) => {
          const sum = ((BigInt(v) << 78n) + message) % BigInt(p);
          return Number(sum < 0n ? sum + BigInt(p) : sum);
        }),
      );
      expect(unpackChunk(packed)).toEqual(Uint32Array.from(expected));
    },
  );

  it('refuses arrays of another length', () => {
    const key = new Uint32Array(3 * N);
    const input = { errorBits: new Uint8Array(SAMPLER_BYTES), layout: '3x26' } as const;
    expect(() => encryptOne(key, { ...input, values: new Uint32Array(3 * N + 1) })).toThrow(/SHAPE_MISMATCH/);
    expect(() => encryptOne(key.subarray(1), { ...input, values: new Uint32Array(1) })).toThrow(
      /SHAPE_MISMATCH/,
    );
  });

  it('finds a value that is too long wherever it stands, in chunks of any length', () => {
    const key = new Uint32Array(3 * N);
    for (const length of [1, 3, 5, 12287, 12288]) {
      for (const at of [0, length >> 1, length - 1]) {
        for (const [value, bits] of [
          [1, 1],
          [65535, 16],
          [65536, 17],
          [2 ** 26 - 1, 26],
        ] as const) {
          const values = new Uint32Array(length).fill(1);
          values[at] = value;
          const input = { errorBits: new Uint8Array(SAMPLER_BYTES), layout: '3x26', values } as const;
          expect(encryptOne(key, { ...input, valueBits: bits }).length).toBe(46080);
          if (bits === 1) continue;
          expect(() => encryptOne(key, { ...input, valueBits: bits - 1 })).toThrow(
            new RegExp(`VALUE_OUT_OF_RANGE.* index ${7 + at}`),
          );
        }
      }
    }
  });
});

it('combines over F_131071 as the public half does', () => {
  const terms = [1, 77, SHARE_PRIME - 1].map(
    (factor) => [factor, Uint32Array.from({ length: N }, (_, i) => (i * factor * 31) % SHARE_PRIME)] as const,
  );
  expect(combineSecretField(terms)).toEqual(combineField(terms));
});
