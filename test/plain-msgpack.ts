/**
 * A decoder of MessagePack's plain values, written from the specification's table of formats and from nothing else, so
 * that the scanner and the library can be compared with it. Slow, and without any of the limits that the scanner adds.
 */
export class Undecodable extends Error {}

type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

export function decodePlain(bytes: Uint8Array): Plain {
  const [value, end] = read(Buffer.from(bytes), 0);
  if (end !== bytes.length) throw new Undecodable('trailing bytes');
  return value;
}

function read(b: Buffer, at: number): [Plain, number] {
  const tag = b[at];
  if (tag === undefined) throw new Undecodable('cut short');
  const next = at + 1;
  if (tag <= 0x7f) return [tag, next];
  if (tag <= 0x8f) return readMap(b, next, tag & 0x0f);
  if (tag <= 0x9f) return readArray(b, next, tag & 0x0f);
  if (tag <= 0xbf) return readText(b, next, tag & 0x1f);
  if (tag >= 0xe0) return [tag - 256, next];
  const number = (width: number, value: () => number | bigint): [Plain, number] => {
    if (next + width > b.length) throw new Undecodable('cut short');
    return [Number(value()), next + width];
  };
  const length = (width: 1 | 2 | 4): [number, number] => {
    if (next + width > b.length) throw new Undecodable('cut short');
    return [b.readUIntBE(next, width), next + width];
  };
  switch (tag) {
    case 0xc0:
      return [null, next];
    case 0xc2:
      return [false, next];
    case 0xc3:
      return [true, next];
    case 0xcb:
      return number(8, () => b.readDoubleBE(next));
    case 0xcc:
      return number(1, () => b.readUInt8(next));
    case 0xcd:
      return number(2, () => b.readUInt16BE(next));
    case 0xce:
      return number(4, () => b.readUInt32BE(next));
    case 0xcf:
      return number(8, () => b.readBigUInt64BE(next));
    case 0xd0:
      return number(1, () => b.readInt8(next));
    case 0xd1:
      return number(2, () => b.readInt16BE(next));
    case 0xd2:
      return number(4, () => b.readInt32BE(next));
    case 0xd3:
      return number(8, () => b.readBigInt64BE(next));
    case 0xd9:
    case 0xda:
    case 0xdb: {
      const [size, from] = length(tag === 0xd9 ? 1 : tag === 0xda ? 2 : 4);
      return readText(b, from, size);
    }
    case 0xdc:
    case 0xdd: {
      const [size, from] = length(tag === 0xdc ? 2 : 4);
      return readArray(b, from, size);
    }
    case 0xde:
    case 0xdf: {
      const [size, from] = length(tag === 0xde ? 2 : 4);
      return readMap(b, from, size);
    }
    default:
      throw new Undecodable(`type ${tag.toString(16)} is not plain`);
  }
}

function readText(b: Buffer, at: number, size: number): [string, number] {
  if (at + size > b.length) throw new Undecodable('cut short');
  const text = b.toString('utf8', at, at + size);
  if (!Buffer.from(text, 'utf8').equals(b.subarray(at, at + size))) throw new Undecodable('not UTF-8');
  return [text, at + size];
}

function readArray(b: Buffer, at: number, size: number): [Plain[], number] {
  const list: Plain[] = [];
  let from = at;
  for (let i = 0; i < size; i++) {
    const [value, end] = read(b, from);
    list.push(value);
    from = end;
  }
  return [list, from];
}

function readMap(b: Buffer, at: number, size: number): [{ [key: string]: Plain }, number] {
  const pairs: [string, Plain][] = [];
  let from = at;
  for (let i = 0; i < size; i++) {
    const [key, afterKey] = read(b, from);
    if (typeof key !== 'string') throw new Undecodable('a key that is no text');
    const [value, end] = read(b, afterKey);
    pairs.push([key, value]);
    from = end;
  }
  return [Object.fromEntries(pairs), from];
}
