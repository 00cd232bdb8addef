import { Damaged } from './bytes.ts';

/** A value of a record as it lies in the chunk: its type and its bytes. */
export interface RawValue {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** Type of a value that is binary XML itself. */
export const BINARY_XML = 0x21;

const ARRAY = 0x80;
/** Windows counts 100 ns from 1601. */
const TICKS_TO_1970 = 116_444_736_000_000_000n;

/** Milliseconds since 1970 of a FILETIME; before 1970 they are negative. */
export function fileTime(chunk: Buffer, at: number): number {
  const ticks = chunk.readBigUInt64LE(at) - TICKS_TO_1970;
  return Number(ticks / 10_000n);
}

/**
 * A value as text, in the spelling of Windows' own XML: hexadecimal numbers with `0x`, times in ISO 8601, SIDs and
 * GUIDs in theirs. Elements of an array are joined by commas. (MS-EVEN6 2.2.12 to 2.2.18.)
 * @throws Damaged where the bytes are no value of the type
 */
export function valueText(chunk: Buffer, { type, start, end }: RawValue): string {
  const size = end - start;
  if (size === 0) return '';
  switch (type) {
    case 0x00:
      return '';
    case 0x01:
      return utf16(chunk, start, end);
    case 0x81:
      return utf16(chunk, start, end).split('\0').join(',');
    case 0x02:
      return chunk.toString('latin1', start, end).replace(/\0.*$/s, '');
    case 0x0e:
      return chunk.toString('hex', start, end).toUpperCase();
    case 0x13:
      return sid(chunk, start, end);
    default:
  }
  const scalar = SCALARS.get(type & ~ARRAY);
  if (scalar === undefined) throw new Damaged(`a value of the unknown type ${type}`);
  if ((type & ARRAY) === 0) {
    // A Boolean may be wider than its type says, and size_t is as wide as the machine.
    if (size < scalar.size) throw new Damaged(`a value of type ${type} in ${size} bytes`);
    return scalar.text(chunk, start, size);
  }
  if (size % scalar.size !== 0) throw new Damaged(`an array of type ${type} in ${size} bytes`);
  const elements: string[] = [];
  for (let at = start; at < end; at += scalar.size) elements.push(scalar.text(chunk, at, scalar.size));
  return elements.join(',');
}

interface Scalar {
  readonly size: number;
  text(chunk: Buffer, at: number, size: number): string;
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

const SCALARS: ReadonlyMap<number, Scalar> = new Map<number, Scalar>([
  [0x03, { size: 1, text: (chunk, at) => String(chunk.readInt8(at)) }],
  [0x04, { size: 1, text: (chunk, at) => String(chunk.readUInt8(at)) }],
  [0x05, { size: 2, text: (chunk, at) => String(chunk.readInt16LE(at)) }],
  [0x06, { size: 2, text: (chunk, at) => String(chunk.readUInt16LE(at)) }],
  [0x07, { size: 4, text: (chunk, at) => String(chunk.readInt32LE(at)) }],
  [0x08, { size: 4, text: (chunk, at) => String(chunk.readUInt32LE(at)) }],
  [0x09, { size: 8, text: (chunk, at) => String(chunk.readBigInt64LE(at)) }],
  [0x0a, { size: 8, text: (chunk, at) => String(chunk.readBigUInt64LE(at)) }],
  [0x0b, { size: 4, text: (chunk, at) => String(chunk.readFloatLE(at)) }],
  [0x0c, { size: 8, text: (chunk, at) => String(chunk.readDoubleLE(at)) }],
  [0x0d, { size: 1, text: (chunk, at) => String(chunk.readUInt8(at) !== 0) }],
  [0x0f, { size: 16, text: guid }],
  [
    0x10,
    {
      size: 4,
      text: (chunk, at, size) => hex(size >= 8 ? chunk.readBigUInt64LE(at) : chunk.readUInt32LE(at)),
    },
  ],
  [0x11, { size: 8, text: (chunk, at) => isoTime(fileTime(chunk, at)) }],
  [0x12, { size: 16, text: systemTime }],
  [0x14, { size: 4, text: (chunk, at) => hex(chunk.readUInt32LE(at)) }],
  [0x15, { size: 8, text: (chunk, at) => hex(chunk.readBigUInt64LE(at)) }],
]);

/** Without the NULs that end it. */
function utf16(chunk: Buffer, start: number, end: number): string {
  let last = end;
  while (last - 2 >= start && chunk.readUInt16LE(last - 2) === 0) last -= 2;
  return chunk.toString('utf16le', start, last);
}

function isoTime(time: number): string {
  if (Math.abs(time) > 8.64e15) throw new Damaged('a time that no calendar has');
  return new Date(time).toISOString();
}

/** SYSTEMTIME: year, month, day of week, day, hour, minute, second, millisecond. */
function systemTime(chunk: Buffer, at: number): string {
  const [year, month, , day, hour, minute, second, ms] = Array.from({ length: 8 }, (_, i) =>
    chunk.readUInt16LE(at + 2 * i),
  );
  return isoTime(
    Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0, ms ?? 0),
  );
}

function guid(chunk: Buffer, at: number): string {
  const first = chunk.readUInt32LE(at).toString(16).padStart(8, '0');
  const [second, third] = [at + 4, at + 6].map((from) =>
    chunk.readUInt16LE(from).toString(16).padStart(4, '0'),
  );
  const rest = chunk.toString('hex', at + 8, at + 16);
  return `{${first}-${second}-${third}-${rest.slice(0, 4)}-${rest.slice(4)}}`.toUpperCase();
}

/** Revision, count, six bytes of authority (big-endian), then as many numbers as the count says (MS-DTYP 2.4.2.2). */
function sid(chunk: Buffer, start: number, end: number): string {
  const count = end - start < 8 ? -1 : chunk.readUInt8(start + 1);
  if (end - start < 8 + 4 * count || count < 0) throw new Damaged('a SID that is cut short');
  const parts = [`S-${chunk.readUInt8(start)}-${chunk.readUIntBE(start + 2, 6)}`];
  for (let i = 0; i < count; i++) parts.push(String(chunk.readUInt32LE(start + 8 + 4 * i)));
  return parts.join('-');
}
