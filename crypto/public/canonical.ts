import { CryptoError } from './errors.ts';

/** Plain data: what RFC 8785 can serialise. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** Deepest nesting accepted; far above any structure here, far below what exhausts a stack. */
export const MAX_DEPTH = 64;

/** Separates the uses of one hash or signature function: no bytes made for one use are valid for another. */
export type Domain = `cordon/v1/${string}`;

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

function refuse(got: string): never {
  throw new CryptoError('ENCODING_INVALID', {
    expected: 'null, boolean, finite number, well-formed string, array or plain object',
    got,
    next: 'convert the value to plain data before it is hashed or signed',
  });
}

/** Text without anything to escape: letters, digits and the like, as almost all text here. */
const PLAIN = /^[ !#-[\]-~]*$/;

function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) refuse('a string with a lone surrogate');
  // RFC 8785 section 3.2.2.2 takes its escapes from ECMAScript, so JSON.stringify is the definition
  return JSON.stringify(value);
}

function list(value: readonly unknown[], depth: number): string {
  let items = '';
  // by index, not map(): a hole must be refused, not skipped
  for (let i = 0; i < value.length; i++) {
    items += i === 0 ? serialise(value[i], depth + 1) : `,${serialise(value[i], depth + 1)}`;
  }
  return `[${items}]`;
}

/**
 * The names of a plain object's fields in the order of UTF-16 code units, as RFC 8785 section 3.2.3 asks. The structures
 * here have a dozen fields at most, which are sorted by insertion in a third of the time of sort().
 */
function sortedNames(value: object): string[] {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) refuse('an object with a prototype of its own');
  if (Object.getOwnPropertySymbols(value).length > 0) refuse('an object with symbol keys');
  const names = Object.keys(value);
  if (names.length > 32) return names.sort();
  for (let i = 1; i < names.length; i++) {
    const name = names[i] ?? '';
    let at = i;
    for (let before = names[at - 1] ?? ''; at > 0 && before > name; before = names[at - 1] ?? '') {
      names[at--] = before;
    }
    names[at] = name;
  }
  return names;
}

function field(value: object, name: string, depth: number): string {
  return `${text(name)}:${serialise((value as Record<string, unknown>)[name], depth + 1)}`;
}

function object(value: object, depth: number): string {
  let fields = '';
  for (const name of sortedNames(value)) {
    fields += fields === '' ? field(value, name, depth) : `,${field(value, name, depth)}`;
  }
  return `{${fields}}`;
}

function serialise(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) refuse(`nesting deeper than ${MAX_DEPTH}, or a cycle`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(String(value));
    return JSON.stringify(value);
  }
  if (typeof value !== 'object') refuse(typeof value);
  return Array.isArray(value) ? list(value, depth) : object(value, depth);
}

/**
 * The one text of plain data (RFC 8785, JSON Canonicalization Scheme).
 * @throws CryptoError ENCODING_INVALID for anything that is not plain data, or nested deeper than MAX_DEPTH
 */
export function canonicalJson(value: unknown): string {
  return serialise(value, 0);
}

/**
 * What is hashed or signed: utf8(domain), a zero byte, utf8(canonicalJson(value)). The zero byte cannot occur in a
 * domain, so no two (domain, value) share their bytes.
 */
export function canonicalBytes(domain: Domain, value: unknown): Uint8Array {
  return utf8(`${domain}\u0000${canonicalJson(value)}`);
}

/** The fields of an object in canonical text, made once for whoever hashes or signs several selections of them. */
export class CanonicalFields {
  readonly #fields: readonly (readonly [name: string, text: string])[];

  /** @throws CryptoError ENCODING_INVALID as `canonicalJson` */
  constructor(value: object) {
    this.#fields = sortedNames(value).map((name) => [name, field(value, name, 0)] as const);
  }

  /** `canonicalBytes` of the object without the fields of these names. */
  bytes(domain: Domain, ...without: readonly string[]): Uint8Array {
    let fields = '';
    for (const [name, content] of this.#fields) {
      if (!without.includes(name)) fields += fields === '' ? content : `,${content}`;
    }
    return utf8(`${domain}\u0000{${fields}}`);
  }
}
