import type { SharedModel } from './model.ts';

/** SHA-256 over the concatenation of its arguments, 32 bytes; a parameter because browsers have another one. */
export type Sha256 = (...parts: Uint8Array[]) => Uint8Array;

/**
 * Identity of a model, 64 hexadecimal characters:
 * SHA-256("cordon/v1/model" 00 canonicalJson(architecture) 00 weights as little-endian float32).
 */
export function modelHash(
  sha256: Sha256,
  architecture: SharedModel['architecture'],
  weights: Float32Array,
): string {
  const digest = sha256(modelHashStart(architecture), float32ToBytes(weights));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is hashed before the weights, for those who have them piece by piece. */
function modelHashStart(architecture: SharedModel['architecture']): Uint8Array {
  return hashStart('cordon/v1/model', { ...architecture });
}

/**
 * What is hashed before the floats of a vector that words and numbers give its meaning.
 * @param meaning names in ASCII; a value is a word, a number, a list of such objects, or again such an object
 */
export function hashStart(domain: string, meaning: Meaning): Uint8Array {
  return new TextEncoder().encode(`${domain}\0${JSON.stringify(inOrder(meaning))}\0`);
}

export interface Meaning {
  readonly [name: string]: string | number | Meaning | readonly Meaning[];
}

/** RFC 8785 orders keys by UTF-16, and writes words and numbers as ECMAScript does. */
function inOrder(meaning: Meaning): Meaning {
  const entries = Object.entries(meaning).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'object' ? ordered(value) : value]),
  );
}

function ordered(value: Meaning | readonly Meaning[]): Meaning | Meaning[] {
  return isList(value) ? value.map(inOrder) : inOrder(value);
}

/** `Array.isArray` does not tell lists that nobody changes from objects. */
function isList(value: Meaning | readonly Meaning[]): value is readonly Meaning[] {
  return Array.isArray(value);
}

/** Whether this machine keeps numbers as they stand in files and messages; nearly all do. */
const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Little-endian bytes of float32 values, on any machine; a copy. */
export function float32ToBytes(values: Float32Array): Uint8Array {
  if (LITTLE_ENDIAN) return new Uint8Array(values.slice().buffer);
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  return bytes;
}

/** Reads what `float32ToBytes` wrote; a copy. `bytes` is a whole number of values. */
export function bytesToFloat32(bytes: Uint8Array): Float32Array {
  if (LITTLE_ENDIAN) return new Float32Array(Uint8Array.from(bytes).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
