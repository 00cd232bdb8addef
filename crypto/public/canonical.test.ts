import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CanonicalFields, canonicalBytes, canonicalJson, MAX_DEPTH } from './canonical.ts';
import { toHex } from './encoding.ts';

function double(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

describe('RFC 8785', () => {
  it('section 3.2.2 and 3.2.4: the worked example gives the published bytes', () => {
    const input = `{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false]}`;
    expect(toHex(new TextEncoder().encode(canonicalJson(JSON.parse(input))))).toBe(
      '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a' +
        '5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c' +
        '22737472696e67223a22e282ac245c75303030665c6e412742' +
        '5c225c5c5c5c5c222f227d',
    );
  });

  it('section 3.2.3: keys are sorted by UTF-16 code units', () => {
    const input = `{"\\u20ac": "Euro Sign", "\\r": "Carriage Return", "\\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One", "\\ud83d\\ude00": "Emoji: Grinning Face", "\\u0080": "Control",
      "\\u00f6": "Latin Small Letter O With Diaeresis"}`;
    const output = JSON.parse(canonicalJson(JSON.parse(input))) as Record<string, string>;
    // JavaScript puts the integer-like key first whatever the text says, so the text is searched
    const text = canonicalJson(JSON.parse(input));
    const places = [
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ].map((name) => text.indexOf(name));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Object.keys(output)).toHaveLength(7);
  });

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: the double %s is written %s', (bits, text) => {
    expect(canonicalJson(double(bits))).toBe(text);
  });

  it.each(['7fffffffffffffff', '7ff0000000000000'])('appendix B: %s (NaN, infinity) is refused', (bits) => {
    expect(() => canonicalJson(double(bits))).toThrow('ENCODING_INVALID');
  });
});

describe('names of fields', () => {
  const name = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 4 }), fc.nat(1200).map(String));

  it('are in the order of sort(), in small objects and in large ones', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 50 }), (names) => {
        const object: Record<string, number> = { __proto__: null } as never;
        for (const [i, one] of names.entries()) object[one] = i;
        const plainly = Object.keys(object).sort();
        const text = plainly.map((one) => `${JSON.stringify(one)}:${object[one]}`).join(',');
        expect(canonicalJson(object)).toBe(`{${text}}`);
      }),
    );
  });
});

describe('CanonicalFields', () => {
  it('gives the canonical bytes of an object without some of its fields, whichever', () => {
    const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'signature');
    fc.assert(
      fc.property(fc.dictionary(letter, fc.jsonValue()), fc.array<string>(letter), (object, without) => {
        const rest = Object.fromEntries(Object.entries(object).filter(([one]) => !without.includes(one)));
        expect(new CanonicalFields(object).bytes('cordon/v1/test', ...without)).toEqual(
          canonicalBytes('cordon/v1/test', rest),
        );
      }),
    );
  });

  it.each([{ a: undefined }, { a: [Number.NaN] }, new Date(0), { [Symbol('s')]: 1 }])(
    'refuses what has no canonical text: %o',
    (object) => {
      expect(() => new CanonicalFields(object)).toThrow('ENCODING_INVALID');
    },
  );
});

describe('canonicalJson', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  const hole: number[] = [];
  hole.length = 1;
  let deep: unknown = 0;
  for (let i = 0; i <= MAX_DEPTH; i++) deep = [deep];

  it.each([
    ['undefined', undefined],
    ['a field that is undefined', { a: undefined }],
    ['a hole in an array', hole],
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['a bigint', 1n],
    ['a function', () => 0],
    ['a Date', new Date(0)],
    ['a Uint8Array', new Uint8Array(1)],
    ['a Map', new Map()],
    ['a symbol key', { [Symbol('x')]: 1 }],
    ['a cycle', cycle],
    ['nesting deeper than 64', deep],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow('ENCODING_INVALID');
  });

  it('is read back by JSON.parse as the same data, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('binds bytes to their domain', () => {
    expect(toHex(canonicalBytes('cordon/v1/log', { b: 1, a: [] }))).toBe(
      toHex(new TextEncoder().encode('cordon/v1/log\0{"a":[],"b":1}')),
    );
  });
});
