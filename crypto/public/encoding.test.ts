import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesToUint32,
  equalBytes,
  fromBase64Url,
  fromHex,
  toBase64Url,
  toHex,
  uint32ToBytes,
} from './encoding.ts';

const bytes = fc.uint8Array({ maxLength: 100 });

describe('encoding', () => {
  it('agrees with node on hex and base64url, both ways', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toHex(value)).toBe(Buffer.from(value).toString('hex'));
        expect(toBase64Url(value)).toBe(Buffer.from(value).toString('base64url'));
        expect(fromHex(toHex(value), value.length)).toEqual(value);
        expect(fromBase64Url(toBase64Url(value), value.length)).toEqual(value);
      }),
    );
  });

  it('accepts one text only for every byte string: whatever decodes encodes to the same text', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.base64String({ maxLength: 12 }),
      fc.stringMatching(/^[0-9a-zA-Z_-]{0,12}$/),
    );
    fc.assert(
      fc.property(text, (value) => {
        for (const [decode, encode] of [[fromHex, toHex] as const, [fromBase64Url, toBase64Url] as const]) {
          let decoded: Uint8Array | null = null;
          try {
            decoded = decode(value);
          } catch {
            continue;
          }
          expect(encode(decoded)).toBe(value);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['0', '0G', 'AA', '0x', ' 00'])('refuses %j as hex', (text) => {
    expect(() => fromHex(text)).toThrow('ENCODING_INVALID');
  });

  it.each(['A', 'AB', 'AAB', 'AA==', 'A+AA', 'A/AA', 'AAA\n', 'AA AA', 'AAAAA'])(
    'refuses %j as base64url (length, padding, alphabet or trailing bits)',
    (text) => {
      expect(() => fromBase64Url(text)).toThrow('ENCODING_INVALID');
    },
  );

  it('refuses a letter whose code has the low eight bits of a valid one, wherever it stands', () => {
    for (const [decode, texts] of [
      [fromHex, ['00', 'af09']],
      [fromBase64Url, ['AA', 'AAA', 'AAAA', 'z_-9', 'AAAAAA', 'AAAAAAA']],
    ] as const) {
      for (const text of texts) {
        expect(() => decode(text)).not.toThrow();
        for (let at = 0; at < text.length; at++) {
          for (const beyond of [0x100, 0x4100, 0xff00]) {
            const letter = String.fromCharCode(text.charCodeAt(at) + beyond);
            const forged = text.slice(0, at) + letter + text.slice(at + 1);
            expect(() => decode(forged), forged).toThrow('ENCODING_INVALID');
          }
        }
      }
    }
    expect(() => fromHex('\u0130\u0130')).toThrow('ENCODING_INVALID');
    expect(() => fromBase64Url('\u0141\u0141\u0141\u0141')).toThrow('ENCODING_INVALID');
  });

  it('refuses another length than the one asked for', () => {
    expect(() => fromHex('0000', 1)).toThrow('ENCODING_INVALID');
    expect(() => fromBase64Url('AAAA', 4)).toThrow('ENCODING_INVALID');
  });

  it('compares bytes by length and content', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(equalBytes(a, a.slice())).toBe(true);
      }),
    );
  });
});

describe('32-bit numbers', () => {
  it("are little-endian as node writes them, signed ones in two's complement, and come back", () => {
    fc.assert(
      fc.property(fc.uint32Array({ maxLength: 40 }), fc.nat(3), (values, offset) => {
        const expected = Buffer.alloc(values.length * 4);
        values.forEach((value, i) => expected.writeUInt32LE(value, 4 * i));
        expect(Buffer.from(uint32ToBytes(values))).toEqual(expected);
        expect(uint32ToBytes(new Int32Array(values.buffer))).toEqual(uint32ToBytes(values));
        // Anywhere in a larger buffer: a view of 32-bit numbers could not begin there.
        const within = new Uint8Array(offset + expected.length);
        within.set(expected, offset);
        expect(bytesToUint32(within.subarray(offset))).toEqual(values);
      }),
    );
    expect(uint32ToBytes(Int32Array.of(-2))).toEqual(Uint8Array.of(0xfe, 0xff, 0xff, 0xff));
  });

  it.each([1, 2, 3, 5, 4095])('%i bytes are no whole number of them', (length) => {
    expect(() => bytesToUint32(new Uint8Array(length))).toThrow(
      expect.objectContaining({ code: 'ENCODING_INVALID' }),
    );
  });
});
