import { CryptoError } from '../../public/errors.ts';

/**
 * A polynomial modulo several primes: N residues for the first prime, then N for the next. Which transform they are in is
 * said where they are used. Machine words are little-endian: SEAL's WebAssembly does not start on any other machine.
 */
export type Residues = BigUint64Array;

/** Bytes of one residue on the wire. */
function widthOf(prime: bigint): number {
  return Math.ceil(prime.toString(2).length / 8);
}

/** Bytes of one polynomial on the wire. */
export function packedBytes(degree: number, primes: readonly bigint[]): number {
  return primes.reduce((sum, prime) => sum + widthOf(prime) * degree, 0);
}

/** Each residue little-endian in as many bytes as its prime has. */
export function packResidues(residues: Residues, degree: number, primes: readonly bigint[]): Uint8Array {
  const from = bytesOf(residues);
  const packed = new Uint8Array(packedBytes(degree, primes));
  let at = 0;
  primes.forEach((prime, k) => {
    const width = widthOf(prime);
    for (let i = k * degree; i < (k + 1) * degree; i++) {
      for (let b = 0; b < width; b++) packed[at++] = from[8 * i + b] ?? 0;
    }
  });
  return packed;
}

/**
 * Reads what `packResidues` wrote. That each residue is below its prime is checked by SEAL when it takes them.
 * @throws CryptoError ENCODING_INVALID for another length
 */
export function unpackResidues(packed: Uint8Array, degree: number, primes: readonly bigint[]): Residues {
  const length = packedBytes(degree, primes);
  if (packed.length !== length) {
    throw new CryptoError('ENCODING_INVALID', {
      expected: `a polynomial of ${length} bytes`,
      got: `${packed.length} bytes`,
      next: 'refuse the message it came in',
    });
  }
  const residues = new BigUint64Array(degree * primes.length);
  const to = bytesOf(residues);
  let at = 0;
  primes.forEach((prime, k) => {
    const width = widthOf(prime);
    for (let i = k * degree; i < (k + 1) * degree; i++) {
      for (let b = 0; b < width; b++) to[8 * i + b] = packed[at++] ?? 0;
    }
  });
  return residues;
}

/**
 * Residues of signed 32-bit coefficients, without a branch on their values: where the prime is larger than they are, v or
 * p + v where v is negative; else v - p * floor(v / p), exact in a double.
 */
export function liftSmall(values: Int32Array, primes: readonly bigint[]): Residues {
  const residues = new BigUint64Array(values.length * primes.length);
  const words = new Uint32Array(residues.buffer);
  let at = 0;
  for (const prime of primes) {
    const p = Number(prime);
    const low = Number(prime & 0xffffffffn);
    const high = Number(prime >> 32n);
    for (const value of values) {
      if (high === 0) {
        words[at] = value - p * Math.floor(value / p);
      } else {
        const negative = value >> 31; // all ones or none
        const sum = (value >>> 0) + ((low & negative) >>> 0); // below 2^33, exact
        words[at] = sum;
        words[at + 1] = negative + (high & negative) + Math.floor(sum / 2 ** 32);
      }
      at += 2;
    }
  }
  return residues;
}

/**
 * The signed coefficients that `liftSmall` had, from the residues of the first prime; |v| < 2^31.
 * @returns Int32Array(degree)
 */
export function centreSmall(residues: Residues, degree: number, prime: bigint): Int32Array {
  const words = new Uint32Array(residues.buffer, residues.byteOffset, 2 * degree);
  const low = Number(prime & 0xffffffffn);
  return Int32Array.from({ length: degree }, (_, i) => {
    const high = words[2 * i + 1] ?? 0;
    const negative = (high | -high) >> 31; // all ones where the high word is not zero
    return ((words[2 * i] ?? 0) - (low & negative)) | 0;
  });
}

/** The same memory as bytes. */
export function bytesOf(residues: Residues): Uint8Array {
  return new Uint8Array(residues.buffer, residues.byteOffset, residues.byteLength);
}
