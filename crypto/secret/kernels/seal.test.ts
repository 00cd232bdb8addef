import { createCipheriv } from 'node:crypto';
import { expect, it } from 'vitest';
import { sealRing } from '../../../test/seal-ring.ts';
import { nodePrimitives } from '../../identity/node-primitives.ts';
import { publicPolynomials } from '../../public/expand.ts';
import { inverseNtt, openPacked, packChunk, transformKey, unpackChunk } from '../../public/kernels/ring.ts';
import { LAYOUTS, N, PRIMES } from '../../public/params.ts';
import type { LayoutName } from '../../public/params.ts';
import { ChunkEncryption, SAMPLER_BYTES, sampleKey } from './ring.ts';

const random = (seed: number, length: number): Uint8Array =>
  createCipheriv('aes-256-ctr', Buffer.alloc(32, seed), Buffer.alloc(16)).update(new Uint8Array(length));

it("a ciphertext is SEAL's a*k plus T*e + m, and SEAL's product opens as a ciphertext of nothing, for random a, k, e and m", async () => {
  const seal = await sealRing();
  const layouts = Object.keys(LAYOUTS) as LayoutName[];
  for (const [i, layout] of [...layouts, ...layouts].entries()) {
    const { slots, bits } = LAYOUTS[layout];
    const publicHat = publicPolynomials(nodePrimitives, random(i, 32)).chunk(i);
    const a = PRIMES.map((_, prime) => inverseNtt(publicHat.slice(prime * N, (prime + 1) * N), prime));
    const { samples, hat } = sampleKey(random(i + 50, SAMPLER_BYTES));
    const k = Int32Array.from(samples, (v) => v - 41);
    const noise = random(i + 100, SAMPLER_BYTES);
    const e = sampleKey(noise).samples;
    const words = random(i + 150, slots * N * 4);
    const values = new Uint32Array(new Uint32Array(words.buffer, words.byteOffset, slots * N)).map(
      (v) => v >>> (32 - bits),
    );

    const encryption = new ChunkEncryption(hat);
    const packed = encryption.encrypt({
      publicHat: (out) => {
        out.set(publicHat);
      },
      errorBits: (out) => {
        out.set(noise);
      },
      layout,
      valueBits: bits,
      values,
      from: 0,
    });
    encryption.end();

    const { product } = seal.product(a, k);
    const expected = PRIMES.flatMap((p, prime) =>
      Array.from({ length: N }, (_, j) => {
        let sum = BigInt(product[prime]?.[j] ?? 0) + (BigInt((e[j] ?? 0) - 41) << 78n);
        for (let s = 0; s < slots; s++) sum += BigInt(values[s * N + j] ?? 0) << BigInt(s * bits);
        return Number(((sum % BigInt(p)) + BigInt(p)) % BigInt(p));
      }),
    );
    expect(unpackChunk(packed)).toEqual(Uint32Array.from(expected));

    const alone = packChunk(Uint32Array.from(product.flatMap((residues) => Array.from(residues))));
    const opened = openPacked(transformKey(k), publicHat, alone, layout, 0);
    expect(opened.beyond).toBe(0);
    expect(opened.values.every((v) => v === 0)).toBe(true);
  }
  seal.delete();
});
