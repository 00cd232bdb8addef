import { ModelError } from '../errors.ts';

/** How a clipped update becomes whole numbers; part of the task, the same at every member. */
export interface Quantiser {
  /** Greatest L2 norm of an update. */
  readonly clipNorm: number;
  /** Bits of one value, sign included. */
  readonly bits: number;
}

/** Whole numbers per unit: the greatest possible coordinate, clipNorm, becomes 2^(bits-1) - 1. */
export function quantiserScale({ clipNorm, bits }: Quantiser): number {
  return (2 ** (bits - 1) - 1) / clipNorm;
}

/** Added to every value so that none is negative. */
export function quantiserOffset({ bits }: Quantiser): number {
  return 2 ** (bits - 1);
}

/** Throws ModelError VALUE_OUT_OF_RANGE unless clipNorm is finite and positive and bits is 2..24. */
export function checkQuantiser({ clipNorm, bits }: Quantiser): void {
  const good = Number.isFinite(clipNorm) && clipNorm > 0 && Number.isInteger(bits) && bits >= 2 && bits <= 24;
  if (good) return;
  throw new ModelError('VALUE_OUT_OF_RANGE', {
    expected: 'a positive clip norm and 2 to 24 bits',
    got: `clip norm ${clipNorm}, ${bits} bits`,
    next: 'correct the quantiser in the task',
  });
}
