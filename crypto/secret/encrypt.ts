import { CryptoError } from '../public/errors.ts';
import { LAYOUTS, chunksFor, valuesPerChunk } from '../public/params.ts';
import type { LayoutName } from '../public/params.ts';
import type { PublicPrimitives } from '../public/primitives.ts';
import { longestBits } from './kernels/ring.ts';
import type { OneTimeKey, VectorPass } from './one-time-key.ts';

/** A member's vector of one round. */
export interface VectorToEncrypt {
  /** 32 bytes. */
  readonly transcriptHash: Uint8Array;
  readonly layout: LayoutName;
  /** Every value is below 2^valueBits. */
  readonly valueBits: number;
  /** At least one; not changed, and read chunk by chunk, so not to be changed before the last chunk is out. */
  readonly values: Uint32Array;
  /** Group of members that is summed apart; 0 unless the transcript has groups. */
  readonly group?: number;
}

/**
 * Encrypts a vector under a key made for it alone: packed chunks of 46,080 bytes in order, one in memory at a time.
 * Value j is slot floor(j / 4096) of coefficient j mod 4096 in its chunk; the last chunk is padded with zeros.
 *
 * Everything is checked, and the key counts as used, when this is called, before the first chunk is asked for.
 * @throws CryptoError KEY_SPENT for a key that was used before; VALUE_OUT_OF_RANGE for a value of 2^valueBits or more
 *   (naming its index) or value bits that the slot has no room for; SHAPE_MISMATCH for an empty vector
 */
export function encryptVector(
  primitives: PublicPrimitives,
  key: OneTimeKey,
  vector: VectorToEncrypt,
): Generator<Uint8Array, void, undefined> {
  const { transcriptHash, layout, valueBits, values, group = 0 } = vector;
  checkValues(values, valueBits, LAYOUTS[layout].bits);
  const chunks = chunksFor(values.length, layout);
  return drive(key.startVector(primitives, transcriptHash, layout, chunks, group), values, layout);
}

function* drive(
  pass: VectorPass,
  values: Uint32Array,
  layout: LayoutName,
): Generator<Uint8Array, void, undefined> {
  const perChunk = valuesPerChunk(layout);
  for (let from = 0; from < values.length; from += perChunk) {
    yield pass.next(values.subarray(from, from + perChunk));
  }
}

function checkValues(values: Uint32Array, valueBits: number, slotBits: number): void {
  if (values.length === 0) {
    throw new CryptoError('SHAPE_MISMATCH', {
      expected: 'at least one value',
      got: '0',
      next: 'leave empty vectors out of the task',
    });
  }
  if (!Number.isInteger(valueBits) || valueBits < 1 || valueBits > slotBits) {
    throw new CryptoError('VALUE_OUT_OF_RANGE', {
      expected: `value bits from 1 to ${slotBits}`,
      got: String(valueBits),
      next: 'choose a layout with wider slots',
    });
  }
  if (longestBits(values) <= valueBits) return; // one branch for all of them, not one a value
  throw new CryptoError('VALUE_OUT_OF_RANGE', {
    expected: `values below 2^${valueBits}`,
    got: `a greater one at index ${values.findIndex((value) => value >>> valueBits !== 0)}`,
    next: 'clip and quantise before encrypting',
  });
}
