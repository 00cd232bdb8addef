import { CryptoError } from '../public/errors.ts';
import { LAYOUTS, chunksFor, valuesPerChunk } from '../public/params.ts';
import type { LayoutName } from '../public/params.ts';
import type { PublicPrimitives } from '../public/primitives.ts';
import { requireLength } from '../public/kernels/ring.ts';
import type { OneTimeKey, VectorPass } from './one-time-key.ts';
import type { VectorShape } from './vector-encryption.ts';

/** Values that are made piece by piece, so that a long vector never stands in memory as a whole. */
export interface ValueSource {
  readonly length: number;
  /**
   * Values `from` to `from + count - 1`, of any part and more than once. The array is the source's own, good until the
   * next call.
   */
  read(from: number, count: number): Uint32Array;
  /** Overwrites what the source keeps of the values; whoever read the last of them calls it. */
  erase?(): void;
}

/** A member's vector of one round. */
export interface VectorToEncrypt {
  /** 32 bytes. */
  readonly transcriptHash: Uint8Array;
  readonly layout: LayoutName;
  /** Every value is below 2^valueBits. */
  readonly valueBits: number;
  /** At least one; not changed, and read chunk by chunk, so not to be changed before the last chunk is out. */
  readonly values: Uint32Array | ValueSource;
  /** Group of members that is summed apart; 0 unless the transcript has groups. */
  readonly group?: number;
}

/**
 * Encrypts a vector under a key made for it alone: packed chunks of 46,080 bytes in order, one in memory at a time.
 * Value j is slot floor(j / 4096) of coefficient j mod 4096 in its chunk; the last chunk is padded with zeros.
 *
 * The key counts as used when this is called, before the first chunk is asked for. Values are checked chunk by chunk,
 * before the chunk is encrypted; whatever ends the vector before its last chunk erases the key.
 * @throws CryptoError KEY_SPENT for a key that was used before; VALUE_OUT_OF_RANGE for value bits that the slot has no
 *   room for and, with its chunk, for a value of 2^valueBits or more (naming its index); SHAPE_MISMATCH for an empty
 *   vector or a source that gives another number of values than asked for
 */
export function encryptVector(
  primitives: PublicPrimitives,
  key: OneTimeKey,
  vector: VectorToEncrypt,
): Generator<Uint8Array, void, undefined> {
  const { source, shape, chunks } = prepared(vector);
  const pass = key.startVector(primitives, chunks, shape);
  return drive(pass, source, valuesPerChunk(shape.layout));
}

/**
 * A checked vector as it is encrypted.
 * @throws CryptoError VALUE_OUT_OF_RANGE, SHAPE_MISMATCH as `encryptVector`
 */
export function prepared(vector: VectorToEncrypt): {
  readonly source: ValueSource;
  readonly shape: VectorShape;
  readonly chunks: number;
} {
  const { transcriptHash, layout, valueBits, values, group = 0 } = vector;
  requireLength('a transcript hash', transcriptHash.length, 32);
  checkShape(values.length, valueBits, LAYOUTS[layout].bits);
  return {
    source: values instanceof Uint32Array ? sourceOf(values) : values,
    shape: { transcriptHash, layout, valueBits, group },
    chunks: chunksFor(values.length, layout),
  };
}

function* drive(
  pass: VectorPass,
  source: ValueSource,
  perChunk: number,
): Generator<Uint8Array, void, undefined> {
  try {
    for (let chunk = 0; chunk * perChunk < source.length; chunk++) {
      yield pass.next(valuesOf(source, chunk, perChunk));
    }
  } finally {
    pass.end();
  }
}

/** @throws CryptoError SHAPE_MISMATCH for a source that gives another number of values than asked for */
export function valuesOf(source: ValueSource, chunk: number, perChunk: number): Uint32Array {
  const from = chunk * perChunk;
  const count = Math.min(perChunk, source.length - from);
  const values = source.read(from, count);
  requireLength('values of a source', values.length, count);
  return values;
}

function sourceOf(values: Uint32Array): ValueSource {
  return { length: values.length, read: (from, count) => values.subarray(from, from + count) };
}

function checkShape(length: number, valueBits: number, slotBits: number): void {
  if (length === 0) {
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
}
