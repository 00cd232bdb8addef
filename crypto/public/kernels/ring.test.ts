import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, N, PRIMES, SHARE_PRIME } from '../params.ts';
import {
  addPackedChunk,
  combineField,
  openPacked,
  packChunk,
  sampleUniform,
  transformKey,
  unpackChunk,
} from './ring.ts';
import { pseudoRandom } from '../../../test/pseudo-random.ts';

const Q = PRIMES.reduce((q, p) => q * BigInt(p), 1n);

const primes = PRIMES.map((p, prime) => ({ p, prime }));

describe('30-bit packing', () => {
  const residues = new Uint32Array(3 * N);
  PRIMES.forEach((p, prime) => residues.set(pseudoRandom(N, p, 3n), prime * N));

  it('puts residue 4w + l of a block in word w of lane l and spreads residues 60 to 63 over the upper bits', () => {
    const packed = packChunk(residues);
    expect(packed.length).toBe(CHUNK_BYTES);
    const view = new DataView(packed.buffer);
    for (let block = 0; block < (3 * N) / 64; block++) {
      for (let lane = 0; lane < 4; lane++) {
        let last = 0;
        for (let w = 0; w < 15; w++) {
          const word = view.getUint32(block * 240 + w * 16 + lane * 4, true);
          expect(word & 0x3fffffff).toBe(residues[block * 64 + 4 * w + lane]);
          last += (word >>> 30) * 4 ** w;
        }
        expect(last).toBe(residues[block * 64 + 60 + lane]);
      }
    }
  });

  it('unpacks what it packed, and p - 1 and 0 as well', () => {
    expect(unpackChunk(packChunk(residues))).toEqual(residues);
    const edges = new Uint32Array(3 * N);
    PRIMES.forEach((p, prime) => {
      for (let i = 0; i < N; i += 3) edges[prime * N + i] = p - 1;
    });
    expect(unpackChunk(packChunk(edges))).toEqual(edges);
  });

  it.each(primes)('refuses a residue of $p in every place of a block', ({ p, prime }) => {
    for (let i = 0; i < 64; i++) {
      const bad = residues.slice();
      bad[prime * N + 64 * 63 + i] = p;
      expect(() => unpackChunk(packChunk(bad))).toThrow(/ENCODING_INVALID/);
      const sum = new Uint32Array(3 * N);
      expect(() => addPackedChunk(sum, packChunk(bad))).toThrow(/ENCODING_INVALID/);
      expect(sum.every((v) => v === 0)).toBe(true);
    }
  });

  it('refuses another length', () => {
    const bytes = packChunk(residues);
    expect(() => unpackChunk(bytes.subarray(1))).toThrow(/ENCODING_INVALID/);
    expect(() => addPackedChunk(new Uint32Array(3 * N), new Uint8Array(CHUNK_BYTES + 1))).toThrow(
      /ENCODING_INVALID/,
    );
  });

  it('adds packed residues modulo their primes', () => {
    const sum = residues.slice();
    addPackedChunk(sum, packChunk(residues));
    const expected = residues.map((v, i) => (2 * v) % (PRIMES[Math.floor(i / N)] ?? 1));
    expect(sum).toEqual(expected);
  });
});

describe('uniform residues', () => {
  const from = (stream: Uint8Array) => (area: Uint8Array) => {
    area.set(stream);
  };

  it.each(primes)(
    'keeps the words of the stream below $p in their order, whatever the number rejected',
    ({ p, prime }) => {
      fc.assert(
        fc.property(
          fc.bigInt({ min: 0n, max: 2n ** 60n }),
          fc.array(fc.tuple(fc.nat(4200), fc.integer({ min: p, max: 2 ** 30 - 1 })), { maxLength: 40 }),
          (seed, rejected) => {
            const words = pseudoRandom(4200, 2 ** 30, seed).map((v) => v % p);
            for (const [at, word] of rejected) words[at] = word;
            const stream = Uint32Array.from(words, (v, i) => (v | ((i & 3) << 30)) >>> 0);
            const expected = words.filter((v) => v < p).subarray(0, N);
            const out = new Uint32Array(N);
            expect(sampleUniform(stream.byteLength, from(new Uint8Array(stream.buffer)), prime, out)).toBe(N);
            expect(out).toEqual(expected);
          },
        ),
        { numRuns: 30 },
      );
    },
  );

  it('says how many it found when the stream ends', () => {
    const stream = new Uint8Array(4096 * 4);
    stream.fill(0xff, 40, 44);
    expect(sampleUniform(stream.length, from(stream), 0, new Uint32Array(N))).toBe(N - 1);
    expect(sampleUniform(403, from(new Uint8Array(400)), 0, new Uint32Array(N))).toBe(100);
  });
});

describe('opening kernel', () => {
  it('recombines residues of any v to M and E, also at the ends of the centred range', () => {
    const T = 2n ** 78n;
    const half = (Q - 1n) / 2n;
    const edges = [0n, 1n, -1n, half, -half, T - 1n, T, -T, -T - 1n, 1739n * T + 5n, -1739n * T];
    const random = pseudoRandom(4 * N, 2 ** 30, 11n);
    const v = Array.from({ length: N }, (_, i) => {
      const edge = edges[i];
      if (edge !== undefined) return edge;
      const wide = [0, 1, 2, 3].reduce((x, j) => (x << 30n) | BigInt(random[4 * i + j] ?? 0), 0n);
      return (wide % Q) - half;
    });
    const residues = new Uint32Array(3 * N);
    PRIMES.forEach((p, prime) => {
      const big = BigInt(p);
      v.forEach((x, i) => (residues[prime * N + i] = Number(((x % big) + big) % big)));
    });
    const zero = transformKey(new Int32Array(N));
    const opened = openPacked(zero, new Uint32Array(3 * N), packChunk(residues), '3x26', 95);
    const messages = v.map((x) => ((x % T) + T) % T);
    const noise = v.map((x, i) => Number((x - (messages[i] ?? 0n)) / T));
    for (let slot = 0; slot < 3; slot++) {
      const plane = messages.map((m) => Number((m >> BigInt(26 * slot)) & 0x3ffffffn));
      expect(Array.from(opened.values.subarray(slot * N, (slot + 1) * N))).toEqual(plane);
    }
    expect(opened.greatestNoise).toBe(noise.reduce((most, e) => Math.max(most, Math.abs(e)), 0));
    expect(opened.beyond).toBe(noise.filter((e) => Math.abs(e) > 95).length);
  });
});

describe('F_131071', () => {
  it('combines linearly as BigInt does, at the greatest elements and factors too', () => {
    const vectors = [1n, 2n, 3n].map((seed) => pseudoRandom(N, SHARE_PRIME, seed));
    vectors.push(new Uint32Array(N).fill(SHARE_PRIME - 1));
    const factors = [SHARE_PRIME - 1, 1, 65536, SHARE_PRIME - 1];
    const expected = Uint32Array.from({ length: N }, (_, i) =>
      Number(
        vectors.reduce((sum, v, j) => sum + BigInt(v[i] ?? 0) * BigInt(factors[j] ?? 0), 0n) %
          BigInt(SHARE_PRIME),
      ),
    );
    expect(combineField(vectors.map((v, j) => [factors[j] ?? 0, v] as const))).toEqual(expected);
  });
});

it('the committed kernel imports nothing from its host', () => {
  const bytes = readFileSync(new URL('./kernels.wasm', import.meta.url));
  // Section 2 of the binary format (WebAssembly core specification 5.5.5) holds imports; sections are in order of id.
  const ids: number[] = [];
  for (let at = 8; at < bytes.length;) {
    ids.push(bytes[at++] ?? 0);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
  }
  expect(ids).not.toContain(2);
});
