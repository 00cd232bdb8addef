/**
 * Arrays of numbers in NumPy's own file format (`.npy`, versions 1.0 to 3.0), which most languages have a reader of:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createFile } from '../../../crypto/identity/durable-file.ts';
import { CordonError, type ErrorCode, toCordonError } from '../../../protocol/errors.ts';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
/** Data begin at a multiple of this. */
const ALIGN = 64;
/** A longer header is no array of numbers. */
const MOST_HEADER = 64 * 1024;

/** Writes a matrix of float32, little-endian, row by row; whole or not at all. @param values rows x columns */
export async function writeMatrix(path: string, values: Float32Array, columns: number): Promise<void> {
  const shape = `(${values.length / columns}, ${columns})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const length = Math.ceil((MAGIC.length + 4 + text.length + 1) / ALIGN) * ALIGN - MAGIC.length - 4;
  const head = Buffer.from([1, 0, length & 0xff, length >> 8]);
  const file = await createFile(dirname(path));
  try {
    await file.write(Buffer.concat([MAGIC, head, Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1')]));
    await file.write(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    await file.seal(path, false);
  } finally {
    await file.discard();
  }
}

/**
 * Reads so many scores: float32 or float64, one dimension, or two of which one is 1. Of a longer file no more is read.
 * @param what whose scores, for errors
 * @throws CordonError PROGRAM_FAILED where there is no file; ENCODING_INVALID, SHAPE_MISMATCH, NOT_FINITE
 */
export async function readScores(path: string, count: number, what: string): Promise<Float64Array> {
  const bytes = await boundedBytes(path, MAGIC.length + 6 + MOST_HEADER + 8 * count, what);
  const { descr, shape, at } = headerOf(bytes, path);
  if (!isVector(shape) || shape.reduce((product, size) => product * size, 1) !== count) {
    throw refused(
      'SHAPE_MISMATCH',
      `${count} scores of ${what} in ${path}`,
      `an array of shape (${shape.join(', ')})`,
    );
  }
  const size = descr === '<f4' ? 4 : 8;
  if (bytes.length !== at + size * count) {
    throw refused('ENCODING_INVALID', `${at + size * count} bytes in ${path}`, String(bytes.length));
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const scores = Float64Array.from({ length: count }, (_, i) =>
    size === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true),
  );
  const bad = scores.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0) {
    throw refused(
      'NOT_FINITE',
      `finite scores of ${what} in ${path}`,
      `${scores[bad]} in row ${bad} (from 0)`,
    );
  }
  return scores;
}

async function boundedBytes(path: string, most: number, what: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size <= most) return await file.readFile();
    throw refused(
      'SHAPE_MISMATCH',
      `at most ${most} bytes, as the scores of ${what} have, in ${path}`,
      String(size),
    );
  } catch (cause) {
    if (cause instanceof CordonError) throw cause;
    const { got } = toCordonError(cause);
    throw new CordonError(
      'PROGRAM_FAILED',
      { expected: `the program to write the scores of ${what} to ${path}`, got, next: NEXT },
      { cause },
    );
  }
}

const NEXT = 'correct the program; docs/guides/benchmark.md says what it reads and writes';

function refused(code: ErrorCode, expected: string, got: string): CordonError {
  return new CordonError(code, { expected, got, next: NEXT });
}

function headerOf(bytes: Buffer, path: string) {
  const wide = (bytes[MAGIC.length] ?? 0) > 1;
  const from = MAGIC.length + (wide ? 6 : 4);
  if (bytes.length < from || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw refused('ENCODING_INVALID', `an array as numpy.save writes it in ${path}`, 'other bytes');
  }
  const at = from + (wide ? bytes.readUInt32LE(MAGIC.length + 2) : bytes.readUInt16LE(MAGIC.length + 2));
  const text = bytes.toString('latin1', from, Math.min(at, from + MOST_HEADER));
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (shape === undefined || (descr !== '<f4' && descr !== '<f8')) {
    throw refused(
      'ENCODING_INVALID',
      `numbers of float32 or float64 in ${path}`,
      descr ?? 'a header of another kind',
    );
  }
  return { descr, at, shape: shape.split(',').flatMap((size) => (size.trim() === '' ? [] : Number(size))) };
}

/** Of one dimension, or with one that is no more than 1. */
function isVector(shape: readonly number[]): boolean {
  return shape.length === 1 || (shape.length === 2 && shape.includes(1));
}
