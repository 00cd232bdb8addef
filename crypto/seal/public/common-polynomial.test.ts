import { createCipheriv, createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { nodePrimitives } from '../../identity/node-primitives.ts';
import { commonPolynomial } from './common-polynomial.ts';
import { BFV_SETS } from './parameters.ts';

const { degree, primes } = BFV_SETS.worlds8192;
const hash = Uint8Array.from({ length: 32 }, (_, i) => i);

it('is the rejection sample of the AES stream that its docstring describes', () => {
  const a = commonPolynomial(nodePrimitives, hash, degree, primes);
  const key = createHash('sha256').update('cordon/v1/joint-key-a\0').update(hash).digest();
  primes.forEach((prime, place) => {
    const block = Buffer.alloc(16);
    block[0] = place;
    const stream = createCipheriv('aes-256-ctr', key, block).update(Buffer.alloc(8 * (degree + 64)));
    const accepted: bigint[] = [];
    for (let at = 0; at < stream.length && accepted.length < degree; at += 8) {
      const word = BigInt.asUintN(56, stream.readBigUInt64LE(at));
      if (word < prime) accepted.push(word);
    }
    expect([...a.subarray(place * degree, (place + 1) * degree)]).toEqual(accepted);
  });
});

it('is another one for every transcript, uniform by its mean, and lengthens its stream for a small prime', () => {
  const other = commonPolynomial(
    nodePrimitives,
    hash.map((b) => b ^ 1),
    degree,
    primes,
  );
  const a = commonPolynomial(nodePrimitives, hash, degree, primes);
  expect(other.filter((v, i) => v === a[i]).length).toBe(0);
  // 132,097 of 262,144 words are accepted for a prime just above a power of two
  const small = commonPolynomial(nodePrimitives, hash, degree, [147457n]);
  const mean = small.reduce((sum, v) => sum + Number(v), 0) / degree;
  expect(Math.abs(mean / 147456 - 0.5)).toBeLessThan(6 / Math.sqrt(12 * degree));
  expect(small.every((v) => v < 147457n)).toBe(true);
});

it('takes a hash of 32 bytes only', () => {
  expect(() => commonPolynomial(nodePrimitives, hash.subarray(1), degree, primes)).toThrow(/SHAPE_MISMATCH/);
});
