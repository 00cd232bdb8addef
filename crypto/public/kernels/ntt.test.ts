import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealRing } from '../../../test/seal-ring.ts';
import { N, PRIMES } from '../params.ts';
import { forwardNtt, inverseNtt, multiplyPointwise } from './ring.ts';
import { pseudoRandom } from '../../../test/pseudo-random.ts';

const primes = PRIMES.map((p, prime) => ({ p, prime }));

/** The product in Z_p[X]/(X^4096 + 1) by the definition: no transform. Products are split so that doubles stay exact. */
function schoolbook(a: Uint32Array, b: Uint32Array, p: number): Uint32Array {
  const low = new Float64Array(N);
  const high = new Float64Array(N);
  for (let i = 0; i < N; i++) {
    const ai = a[i] ?? 0;
    if (ai === 0) continue;
    const aLow = ai & 0x7fff;
    const aHigh = ai >>> 15;
    for (let j = 0; j < N; j++) {
      const at = (i + j) & (N - 1);
      const signed = i + j < N ? (b[j] ?? 0) : -(b[j] ?? 0);
      low[at] = (low[at] ?? 0) + aLow * signed; // below 2^45, 64 of them and the rest stay below 2^52
      high[at] = (high[at] ?? 0) + aHigh * signed;
    }
    if (i % 64 === 63) {
      for (let j = 0; j < N; j++) {
        low[j] = (low[j] ?? 0) % p;
        high[j] = (high[j] ?? 0) % p;
      }
    }
  }
  const big = BigInt(p);
  return Uint32Array.from({ length: N }, (_, j) => {
    const v = (BigInt(low[j] ?? 0) + (BigInt(high[j] ?? 0) << 15n)) % big;
    return Number((v + big) % big);
  });
}

function power(base: bigint, exponent: bigint, p: bigint): bigint {
  let result = 1n;
  for (let b = base % p, e = exponent; e > 0n; e >>= 1n, b = (b * b) % p)
    if (e & 1n) result = (result * b) % p;
  return result;
}

function monomial(degree: number, coefficient: number): Uint32Array {
  const x = new Uint32Array(N);
  x[degree] = coefficient;
  return x;
}

function viaNtt(a: Uint32Array, b: Uint32Array, prime: number): Uint32Array {
  return inverseNtt(multiplyPointwise(forwardNtt(a, prime), forwardNtt(b, prime), prime), prime);
}

describe('negacyclic NTT', () => {
  it.each(primes)('multiplies modulo $p as the schoolbook product does', ({ p, prime }) => {
    const a = pseudoRandom(N, p, 1n + BigInt(prime));
    const b = pseudoRandom(N, p, 77n + BigInt(prime));
    expect(viaNtt(a, b, prime)).toEqual(schoolbook(a, b, p));
  });

  it.each(primes)('multiplies edge polynomials modulo $p as the schoolbook product does', ({ p, prime }) => {
    const full = new Uint32Array(N).fill(p - 1);
    const random = pseudoRandom(N, p, 5n);
    const edges = [new Uint32Array(N), monomial(0, 1), monomial(N - 1, p - 1), monomial(1, 1), full];
    for (const edge of edges) expect(viaNtt(random, edge, prime)).toEqual(schoolbook(edge, random, p));
    expect(viaNtt(full, full, prime)).toEqual(schoolbook(full, full, p));
  });

  it.each(primes)(
    'evaluates modulo $p at the odd powers of the least primitive 8192-th root, bit-reversed',
    ({ p, prime }) => {
      const big = BigInt(p);
      let candidate = 2n;
      const exponent = (big - 1n) / 8192n;
      while (power(power(candidate, exponent, big), 4096n, big) !== big - 1n) candidate++;
      const root = power(candidate, exponent, big);
      let least = root;
      for (let odd = 1n; odd < 8192n; odd += 2n) {
        const other = power(root, odd, big);
        if (other < least) least = other;
      }
      const hat = forwardNtt(monomial(1, 1), prime);
      for (let i = 0; i < N; i += 97) {
        const reversed = parseInt(i.toString(2).padStart(12, '0').split('').reverse().join(''), 2);
        expect(hat[i]).toBe(Number(power(least, BigInt(2 * reversed + 1), big)));
      }
    },
  );

  it('inverts itself for every prime', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 60n }), fc.integer({ min: 0, max: 2 }), (seed, prime) => {
        const a = pseudoRandom(N, PRIMES[prime] ?? 1, seed);
        expect(inverseNtt(forwardNtt(a, prime), prime)).toEqual(a);
      }),
      { numRuns: 20 },
    );
  });
});

describe('Microsoft SEAL', () => {
  it('has the same transform and the same product a*k, on all 12,288 coefficients of random polynomials', async () => {
    const seal = await sealRing();
    try {
      for (const seed of [900n, 901n, 902n, 903n]) {
        const a = PRIMES.map((p, prime) => pseudoRandom(N, p, 10n * seed + BigInt(prime)));
        const k = Int32Array.from(pseudoRandom(N, 83, 7n * seed), (v) => v - 41);
        const ours = PRIMES.map((p, prime) =>
          viaNtt(
            a[prime] ?? new Uint32Array(N),
            Uint32Array.from(k, (v) => (v < 0 ? v + p : v)),
            prime,
          ),
        );
        const theirs = seal.product(a, k);
        expect(theirs.transformed).toEqual(a.map((residues, prime) => forwardNtt(residues, prime)));
        expect(theirs.product).toEqual(ours);
      }
    } finally {
      seal.delete();
    }
  });
});
