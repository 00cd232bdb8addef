import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { CordonError } from '../errors.ts';
import { decode, encode } from './codec.ts';
import { CODEC_LIMITS } from './limits.ts';
import { countValues, scanMessage } from './scan.ts';
import { decodePlain, Undecodable } from '../../test/plain-msgpack.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

function verdict(bytes: Uint8Array): string {
  try {
    scanMessage(bytes);
    return 'ok';
  } catch (error) {
    if (error instanceof CordonError) return error.code;
    throw error;
  }
}

const ok = (bytes: Uint8Array) => expect(verdict(bytes)).toBe('ok');
const malformed = (bytes: Uint8Array) => expect(verdict(bytes)).toBe('MESSAGE_MALFORMED');

/** What follows a type byte so that the whole is one value by the specification's table of formats. */
function completed(tag: number): Uint8Array {
  const fixed = (count: number) => Uint8Array.of(tag, ...Array.from({ length: count }, () => 0));
  if (tag <= 0x7f || tag >= 0xe0) return fixed(0);
  if (tag <= 0x8f) {
    const entries = Array.from({ length: tag & 15 }, (_, i) => [0xa1, 0x61 + i, 0xc0]);
    return Uint8Array.of(tag, ...entries.flat());
  }
  if (tag <= 0x9f) return fixed(tag & 15);
  if (tag <= 0xbf) return fixed(tag & 31);
  const rest: Record<number, number> = {
    0xc4: 1,
    0xc5: 2,
    0xc6: 4,
    0xc7: 2,
    0xc8: 3,
    0xc9: 5,
    0xca: 4,
    0xcb: 8,
    0xcc: 1,
    0xcd: 2,
    0xce: 4,
    0xcf: 8,
    0xd0: 1,
    0xd1: 2,
    0xd2: 4,
    0xd3: 8,
    0xd4: 2,
    0xd5: 3,
    0xd6: 5,
    0xd7: 9,
    0xd8: 17,
    0xd9: 1,
    0xda: 2,
    0xdb: 4,
    0xdc: 2,
    0xdd: 4,
    0xde: 2,
    0xdf: 4,
  };
  return fixed(rest[tag] ?? 0);
}

/** The unused byte, binary, extensions and float32. */
const REFUSED_TAGS = new Set([0xc1, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]);

describe('structural scan', () => {
  it('allows exactly the plain types of the MessagePack table, byte for byte', () => {
    for (let tag = 0; tag < 256; tag++) {
      const expected = REFUSED_TAGS.has(tag) ? 'MESSAGE_MALFORMED' : 'ok';
      expect([tag.toString(16), verdict(completed(tag))]).toEqual([tag.toString(16), expected]);
    }
  });

  it('refuses every type byte that is cut short or followed by one byte more', () => {
    for (let tag = 0; tag < 256; tag++) {
      const whole = completed(tag);
      malformed(Uint8Array.of(...whole, 0xc0));
      if (whole.length > 1) malformed(whole.subarray(0, -1));
    }
    malformed(new Uint8Array(0));
  });

  it('refuses NaN and infinities, and integers that a number does not hold exactly', () => {
    malformed(hex('cb 7ff8000000000000'));
    malformed(hex('cb 7ff0000000000000'));
    malformed(hex('cb fff0000000000000'));
    ok(hex('cb 7fefffffffffffff'));
    ok(hex('cf 001fffffffffffff'));
    malformed(hex('cf 0020000000000000'));
    malformed(hex('cf ffffffffffffffff'));
    ok(hex('d3 ffe0000000000001'));
    malformed(hex('d3 ffe0000000000000'));
    malformed(hex('d3 8000000000000000'));
  });

  it('refuses a key twice, however it is written', () => {
    malformed(hex('82 a161 01 a161 02'));
    malformed(hex('82 a161 01 d90161 02')); // fixstr and str8 of the same letter
    malformed(hex('92 c0 82 a161 01 a161 01'));
    ok(hex('82 a161 01 a162 02'));
    ok(hex('82 a161 81 a161 01 a162 81 a161 01')); // the same key in different maps
  });

  it('refuses keys that touch prototypes, keys that are no short text, and text that is no UTF-8', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      malformed(Uint8Array.of(0x81, 0xa0 | key.length, ...Buffer.from(key), 0xc0));
    }
    malformed(hex('81 01 02')); // integer key
    malformed(hex('81 c0 02')); // nil key
    malformed(hex('81 da000161 02')); // str16 key
    malformed(Uint8Array.of(0x81, 0xd9, 65, ...Buffer.alloc(65, 'a'), 0xc0));
    ok(Uint8Array.of(0x81, 0xd9, 64, ...Buffer.alloc(64, 'a'), 0xc0));
    malformed(hex('a2 c080')); // overlong
    malformed(hex('a3 eda080')); // lone surrogate
    malformed(hex('a4 f4908080')); // above U+10FFFF
    malformed(hex('81 a1ff 01'));
  });

  it('bounds depth, count and size before anything is decoded', () => {
    const nested = (depth: number) => Uint8Array.of(...Array.from({ length: depth }, () => 0x91), 0xc0);
    ok(nested(CODEC_LIMITS.maxDepth));
    malformed(nested(CODEC_LIMITS.maxDepth + 1));
    malformed(nested(60_000)); // no stack overflow either
    const list = (count: number) => Uint8Array.of(0xdc, count >> 8, count & 255, ...new Uint8Array(count));
    ok(list(CODEC_LIMITS.maxNodes - 1));
    malformed(list(CODEC_LIMITS.maxNodes));
    const text = (length: number) => {
      const bytes = new Uint8Array(length).fill(0x61);
      bytes.set([0xdb, 0, 0, (length - 5) >> 8, (length - 5) & 255]);
      return bytes;
    };
    ok(text(CODEC_LIMITS.maxBytes));
    expect(verdict(text(CODEC_LIMITS.maxBytes + 1))).toBe('MESSAGE_TOO_LARGE');
  });

  it('believes no announced length: four gigabytes of elements are refused without memory or time', () => {
    const before = process.memoryUsage().rss;
    const started = performance.now();
    for (let i = 0; i < 10_000; i++) {
      for (const tag of [0xdb, 0xdd, 0xdf]) malformed(Uint8Array.of(tag, 0xff, 0xff, 0xff, 0xff, 0xc0));
    }
    malformed(hex('df 80000001 a161 c0')); // twice this length overflows 32 bits
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('refuses a real message cut at every byte, and with a byte more', () => {
    const message = encode({
      type: 'state',
      list: [1, -1, 300, 1.5, null, true],
      text: 'é😀',
      deep: { a: [{}] },
    });
    ok(message);
    for (let length = 0; length < message.length; length++) malformed(message.subarray(0, length));
    malformed(Uint8Array.of(...message, 0));
  });

  it('never lets through what an independent decoder reads differently, over random and damaged bytes', () => {
    const unpackr = new Unpackr({
      useRecords: false,
      moreTypes: false,
      mapsAsObjects: true,
      int64AsType: 'number',
    });
    const message = encode({ a: [1, 'x', { b: null, c: -5 }], d: 1.25, e: 'text' });
    const damaged = fc
      .tuple(fc.nat(message.length - 1), fc.nat(255))
      .map(([at, byte]) => message.map((old, i) => (i === at ? byte : old)));
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), damaged), (bytes) => {
        let independent: unknown;
        try {
          independent = decodePlain(bytes);
        } catch (error) {
          if (!(error instanceof Undecodable)) throw error;
          // What is no MessagePack of plain values must not pass either.
          expect(verdict(bytes)).toBe('MESSAGE_MALFORMED');
          return;
        }
        if (verdict(bytes) !== 'ok') return;
        accepted += 1;
        expect(decode(Type.Unknown(), bytes)).toEqual(independent);
        expect(unpackr.unpack(bytes)).toEqual(independent);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });
});

describe('values of an object', () => {
  it('are counted as the scan counts them in its message', () => {
    const key = fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('a', 'b', 'c') });
    const values = [fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string()];
    const value = fc.object({ key, values: [...values, fc.constantFrom(null, true, false)], maxDepth: 5 });
    fc.assert(
      fc.property(value, (object) => {
        const bytes = encode(object);
        const within = (maxNodes: number) => () => scanMessage(bytes, { ...CODEC_LIMITS, maxNodes });
        const counted = countValues(object);
        expect(within(counted)).not.toThrow();
        expect(within(counted - 1)).toThrow(CordonError);
      }),
    );
  });
});
