import type { Ciphertext, Plaintext } from 'node-seal';
import { CryptoError } from '../../public/errors.ts';
import type { BfvContext } from './bfv-context.ts';
import { JointCiphertext } from './joint-ciphertext.ts';
import { PLAIN_MODULUS } from './parameters.ts';
import { accepted, filled } from './runtime.ts';

/** Slots of a plaintext: values from 0 to 65,536, one a world. */
export type Slots = Uint32Array;

/** A plaintext in NTT form at one level, ready to multiply. */
export interface Mask extends Disposable {
  readonly level: number;
  /** Null for a mask of zeros: SEAL refuses a product that anybody could read. */
  readonly plain: Plaintext | null;
}

/** A ciphertext in NTT form, for several products. */
export interface Factor extends Disposable {
  readonly level: number;
  readonly handle: Ciphertext;
}

/**
 * The plaintext of these slots, coefficient form; the caller disposes of it.
 * @throws CryptoError SHAPE_MISMATCH for another number of slots, VALUE_OUT_OF_RANGE for a value above 65,536
 */
export function encodeSlots(context: BfvContext, slots: Slots): Plaintext {
  const { degree } = context.parameters;
  if (slots.length !== degree) {
    throw new CryptoError('SHAPE_MISMATCH', {
      expected: `${degree} slots`,
      got: `${slots.length}`,
      next: 'give one value for every world of the parameter set',
    });
  }
  if (slots.some((value) => value >= PLAIN_MODULUS)) {
    throw new CryptoError('VALUE_OUT_OF_RANGE', {
      expected: `slots from 0 to ${PLAIN_MODULUS - 1}`,
      got: 'a larger one',
      next: 'reduce them modulo the plain modulus',
    });
  }
  const values = BigUint64Array.from(slots, BigInt);
  try {
    return filled(new context.seal.Plaintext(), (empty) => context.encoder.encode(values, empty));
  } finally {
    values.fill(0n);
  }
}

/** Encodes and transforms a factor of `maskedSum`. */
export function encodeMask(context: BfvContext, level: number, slots: Slots): Mask {
  using plain = encodeSlots(context, slots);
  if (plain.isZero()) return { level, plain: null, [Symbol.dispose]: () => {} };
  const ntt = filled(new context.seal.Plaintext(), (empty) => {
    context.evaluator.plainTransformToNtt(plain, context.parmsId(level), empty);
  });
  return { level, plain: ntt, [Symbol.dispose]: () => ntt.delete() };
}

/** Transforms a ciphertext once for all its products. */
export function prepare(ciphertext: JointCiphertext): Factor {
  const { seal, evaluator } = ciphertext.context;
  const handle = filled(new seal.Ciphertext(), (empty) => {
    accepted(seal, 'a ciphertext', () => evaluator.cipherTransformToNtt(ciphertext.handle, empty));
  });
  return { level: ciphertext.level, handle, [Symbol.dispose]: () => handle.delete() };
}

/**
 * `sum of factor * mask` slot by slot, plus `added`; all at one level. At least one of `added` must be a fresh encryption
 * (of zero) under the joint key: without it the masks could be divided out of the result again.
 * @throws CryptoError SHAPE_MISMATCH for different levels or nothing added, ENCODING_INVALID where the result could be read
 *   without a key, which others' ciphertexts can bring about on purpose
 */
export function maskedSum(
  context: BfvContext,
  products: readonly { readonly factor: Factor; readonly mask: Mask }[],
  added: readonly JointCiphertext[],
): JointCiphertext {
  const [first] = added;
  if (first === undefined) mismatch('a fresh encryption to add', 'none');
  const levels = [
    ...added.map(({ level }) => level),
    ...products.flatMap(({ factor, mask }) => [factor.level, mask.level]),
  ];
  const other = levels.find((level) => level !== first.level);
  if (other !== undefined) mismatch(`level ${first.level} throughout`, `level ${other}`);

  const { seal, evaluator } = context;
  const total = filled(new seal.Ciphertext(), (sum) => {
    accepted(seal, 'ciphertexts', () => {
      evaluator.cipherTransformToNtt(first.handle, sum);
      for (const { factor, mask } of products) {
        if (mask.plain === null) continue;
        using product = new seal.Ciphertext();
        evaluator.multiplyPlain(factor.handle, mask.plain, product);
        evaluator.addInplace(sum, product);
      }
      evaluator.cipherTransformFromNttInplace(sum);
      for (const one of added.slice(1)) evaluator.addInplace(sum, one.handle);
    });
  });
  return new JointCiphertext(context, total);
}

/** The sum of ciphertexts of one level. @throws CryptoError SHAPE_MISMATCH, ENCODING_INVALID as for `maskedSum` */
export function addAll(context: BfvContext, ciphertexts: readonly JointCiphertext[]): JointCiphertext {
  const [first, ...others] = ciphertexts;
  if (first === undefined) mismatch('ciphertexts to add', 'none');
  const other = others.find(({ level }) => level !== first.level);
  if (other !== undefined) mismatch(`level ${first.level} throughout`, `level ${other.level}`);
  const total = filled(first.handle.copy(), (sum) => {
    accepted(context.seal, 'ciphertexts', () => {
      for (const one of others) context.evaluator.addInplace(sum, one.handle);
    });
  });
  return new JointCiphertext(context, total);
}

/**
 * Drops primes until `level` are left: the noise shrinks with the modulus and the ciphertext with both.
 * @throws CryptoError SHAPE_MISMATCH for a level above the ciphertext's
 */
export function switchTo(ciphertext: JointCiphertext, level: number): JointCiphertext {
  const { context } = ciphertext;
  if (level > ciphertext.level) mismatch(`at most level ${ciphertext.level}`, `level ${level}`);
  const handle = filled(new context.seal.Ciphertext(), (empty) => {
    accepted(context.seal, 'a ciphertext', () => {
      context.evaluator.cipherModSwitchTo(ciphertext.handle, context.parmsId(level), empty);
    });
  });
  return new JointCiphertext(context, handle);
}

function mismatch(expected: string, got: string): never {
  throw new CryptoError('SHAPE_MISMATCH', {
    expected,
    got,
    next: 'switch all to the level of the plan first',
  });
}
