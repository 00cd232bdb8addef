import type { Ciphertext } from 'node-seal';
import { CryptoError } from '../../public/errors.ts';
import type { BfvContext } from './bfv-context.ts';
import { packedBytes, packResidues, unpackResidues } from './residues.ts';
import type { Residues } from './residues.ts';
import { accepted, filled } from './runtime.ts';
import { savedBytes } from './saved.ts';
import { ciphertextBytes, ciphertextResidues } from './serial.ts';

/** One ciphertext under a joint key, coefficient form: N slots modulo 65,537. Dispose of it after use. */
export class JointCiphertext implements Disposable {
  readonly context: BfvContext;
  /** The SEAL object; it belongs to this. */
  readonly handle: Ciphertext;

  /** Takes the SEAL object over. */
  constructor(context: BfvContext, handle: Ciphertext) {
    this.context = context;
    this.handle = handle;
  }

  /** Primes left. */
  get level(): number {
    return this.handle.coeffModulusSize();
  }

  /** Two polynomials (`packResidues`), one after the other: 14 bytes a prime and slot. */
  toBytes(): Uint8Array {
    const { degree } = this.context.parameters;
    const primes = this.context.primesAt(this.level);
    const [c0, c1] = this.residues();
    const half = packedBytes(degree, primes);
    const bytes = new Uint8Array(2 * half);
    bytes.set(packResidues(c0, degree, primes));
    bytes.set(packResidues(c1, degree, primes), half);
    return bytes;
  }

  /** c0 and c1, coefficient form. */
  residues(): [Residues, Residues] {
    return ciphertextResidues(savedBytes(this.context.seal, this.handle));
  }

  /**
   * Reads what `toBytes` wrote.
   * @param level the level that the plan gives for this place; never taken from the message
   * @throws CryptoError ENCODING_INVALID for another length, a residue that is none, or a second half of zeros, which
   *   would be readable without a key
   */
  static fromBytes(context: BfvContext, level: number, bytes: Uint8Array): JointCiphertext {
    const { degree } = context.parameters;
    const primes = context.primesAt(level);
    const half = packedBytes(degree, primes);
    if (bytes.length !== 2 * half) refuse(`a ciphertext of ${2 * half} bytes`, `${bytes.length} bytes`);
    const c0 = unpackResidues(bytes.subarray(0, half), degree, primes);
    const c1 = unpackResidues(bytes.subarray(half), degree, primes);
    if (c1.every((residue) => residue === 0n)) refuse('a second half', 'zeros');
    return JointCiphertext.fromResidues(context, level, c0, c1);
  }

  /** @throws CryptoError ENCODING_INVALID for a residue that is not below its prime */
  static fromResidues(context: BfvContext, level: number, c0: Residues, c1: Residues): JointCiphertext {
    const { parmsIdBytes } = context.level(level);
    const saved = ciphertextBytes(parmsIdBytes, false, context.parameters.degree, [c0, c1]);
    const handle = filled(new context.seal.Ciphertext(), (empty) => {
      accepted(context.seal, 'a ciphertext', () => empty.loadFromArray(context.context, saved));
    });
    return new JointCiphertext(context, handle);
  }

  [Symbol.dispose](): void {
    this.handle.delete();
  }
}

function refuse(expected: string, got: string): never {
  throw new CryptoError('ENCODING_INVALID', { expected, got, next: 'refuse the message it came in' });
}
