import { CryptoError } from './errors.ts';

function refuse(expected: string, got: string): never {
  throw new CryptoError('ENCODING_INVALID', { expected, got, next: 'refuse the message it came in' });
}

function checkLength(bytes: Uint8Array, length: number | undefined): Uint8Array {
  if (length !== undefined && bytes.length !== length) refuse(`${length} bytes`, `${bytes.length} bytes`);
  return bytes;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte] ?? '';
  return text;
}

/**
 * Bytes of lower-case hexadecimal; every byte string has exactly one accepted text.
 * @param length the number of bytes it must have, where that is known
 * @throws CryptoError ENCODING_INVALID
 */
export function fromHex(text: string, length?: number): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  // Everything else has a nibble above 15; all are looked at once, at the end.
  let seen = text.length % 2 === 0 ? 0 : 255;
  for (let i = 0; i < bytes.length; i++) {
    const high = nibble(text, 2 * i);
    const low = nibble(text, 2 * i + 1);
    seen |= high | low;
    bytes[i] = (high << 4) | low;
  }
  if (seen > 15) refuse('lower-case hexadecimal', 'other text');
  return checkLength(bytes, length);
}

const NIBBLES = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) NIBBLES[value.toString(16).charCodeAt(0)] = value;

/** 255 for what is no letter of it; a code of 256 or more is none either. */
function nibble(text: string, i: number): number {
  return NIBBLES[text.charCodeAt(i)] ?? 255;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LETTERS = new Uint8Array(64);
/** Digit of a letter's code, 255 for every other code below 256. */
const DIGITS = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 64; digit++) {
  const code = ALPHABET.charCodeAt(digit);
  LETTERS[digit] = code;
  DIGITS[code] = digit;
}
const ascii = new TextDecoder();

/** base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  const letters = new Uint8Array(Math.ceil((bytes.length * 8) / 6));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      letters[at++] = LETTERS[(held >> bits) & 63] ?? 0;
    }
  }
  if (bits > 0) letters[at] = LETTERS[(held << (6 - bits)) & 63] ?? 0;
  return ascii.decode(letters);
}

/**
 * Bytes of base64url without padding. Strict: no padding, no other alphabet, unused trailing bits are zero, so every
 * byte string has exactly one accepted text.
 * @param length the number of bytes it must have, where that is known
 * @throws CryptoError ENCODING_INVALID
 */
export function fromBase64Url(text: string, length?: number): Uint8Array {
  const rest = text.length % 4;
  if (rest === 1) refuse('base64url of whole bytes', `${text.length} letters`);
  const whole = text.length - rest;
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  // A letter outside the alphabet has a digit above 63; all are looked at once, at the end.
  let seen = 0;
  let at = 0;
  for (let i = 0; i < whole; i += 4) {
    const a = digit(text, i);
    const b = digit(text, i + 1);
    const c = digit(text, i + 2);
    const d = digit(text, i + 3);
    seen |= a | b | c | d;
    bytes[at] = (a << 2) | (b >> 4);
    bytes[at + 1] = (b << 4) | (c >> 2);
    bytes[at + 2] = (c << 6) | d;
    at += 3;
  }
  let trailing = 0;
  if (rest > 0) {
    const a = digit(text, whole);
    const b = digit(text, whole + 1);
    const c = rest === 3 ? digit(text, whole + 2) : 0;
    seen |= a | b | c;
    bytes[at] = (a << 2) | (b >> 4);
    if (rest === 3) bytes[at + 1] = (b << 4) | (c >> 2);
    trailing = rest === 3 ? c & 3 : b & 15;
  }
  if (seen > 63) refuse('the letters of base64url, no padding', 'other text');
  if (trailing !== 0) refuse('zero trailing bits', 'other trailing bits');
  return checkLength(bytes, length);
}

/** 255 for what is no letter of the alphabet; a code of 256 or more is none either. */
function digit(text: string, i: number): number {
  return DIGITS[text.charCodeAt(i)] ?? 255;
}

/** Whether this machine keeps numbers as they stand in files and messages; nearly all do. */
const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** 32-bit numbers as little-endian bytes, whatever the machine; a copy. */
export function uint32ToBytes(values: Uint32Array | Int32Array): Uint8Array {
  if (LITTLE_ENDIAN) return new Uint8Array(values.slice().buffer);
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setUint32(i * 4, values[i] ?? 0, true);
  return bytes;
}

/**
 * Reads what `uint32ToBytes` wrote; a copy.
 * @throws CryptoError ENCODING_INVALID for bytes that are no whole number of values
 */
export function bytesToUint32(bytes: Uint8Array): Uint32Array {
  if (bytes.length % 4 !== 0) refuse('whole 32-bit numbers', `${bytes.length} bytes`);
  if (LITTLE_ENDIAN) return new Uint32Array(Uint8Array.from(bytes).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}

/** Equality of public bytes; it is not constant-time. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
