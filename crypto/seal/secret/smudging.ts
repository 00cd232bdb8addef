import type { RandomBytes } from '../../public/primitives.ts';
import type { Residues } from '../public/residues.ts';

/**
 * Smudging noise of one partial decryption: N coefficients, uniform in [-2^bits, 2^bits) (`plan` says how many bits and
 * why), as residues in coefficient form.
 *
 * Large numbers are BigInts here: their arithmetic does not take the same time for every value, and they cannot be
 * overwritten. What that could show is the size of noise that is used once.
 */
export function sampleSmudging(
  random: RandomBytes,
  degree: number,
  primes: readonly bigint[],
  bits: number,
): Residues {
  const width = Math.ceil((bits + 1) / 8);
  const bytes = random(width * degree);
  const residues = new BigUint64Array(degree * primes.length);
  const half = 1n << BigInt(bits);
  const cut = 2n * half - 1n;
  for (let i = 0; i < degree; i++) {
    let value = 0n;
    for (let b = width - 1; b >= 0; b--) value = (value << 8n) | BigInt(bytes[width * i + b] ?? 0);
    value = (value & cut) - half;
    primes.forEach((prime, k) => {
      residues[k * degree + i] = ((value % prime) + prime) % prime;
    });
  }
  bytes.fill(0);
  return residues;
}
