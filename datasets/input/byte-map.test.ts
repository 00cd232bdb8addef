import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteMap, HASH_SEED, hashStep } from './byte-map.ts';

const hashOf = (key: Buffer): number => key.reduce(hashStep, HASH_SEED);

describe('ByteMap', () => {
  it('gives for every key what the function gives, also beyond the limit and where hashes are equal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 5 }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom(-1, 3, 0),
        (names, limit, hashMask) => {
          const map = new ByteMap((text) => `<${text}>`, limit);
          for (const name of [...names, ...names]) {
            const key = Buffer.from(name);
            const before = Buffer.from('x');
            const line = Buffer.concat([before, key, before]);
            expect(map.get(line, 1, 1 + key.length, hashOf(key) & hashMask)).toBe(`<${name}>`);
          }
        },
      ),
    );
  });

  it('asks once for a key that it keeps, whatever the answer is', () => {
    for (const answer of [null, undefined, 0]) {
      let asked = 0;
      const map = new ByteMap(() => (asked++, answer));
      const keys = Array.from({ length: 1000 }, (_, i) => Buffer.from(`key${i}`));
      for (let round = 0; round < 3; round++)
        for (const key of keys) expect(map.get(key, 0, key.length, hashOf(key))).toBe(answer);
      expect(asked).toBe(1000);
    }
  });

  it('looks at few places, and gives every name as it is, where all of them have one hash', () => {
    const map = new ByteMap((text) => text);
    const names = Array.from({ length: 100_000 }, (_, i) => Buffer.from(`n${i}`));
    for (let round = 0; round < 2; round++)
      expect(names.map((name) => map.get(name, 0, name.length, 7))).toEqual(names.map(String));
    const name = Buffer.from('pc1');
    expect(map.get(name, 0, 3, hashOf(name))).toBe('pc1');
  });

  it('keeps no key of more than 512 bytes, and 64 MB of keys in all', () => {
    let asked = 0;
    const map = new ByteMap(() => asked++);
    const key = Buffer.alloc(512, 'a');
    const many = 2 ** 17 + 100;
    for (let i = 0; i < many; i++) {
      key.writeUInt32LE(i);
      map.get(key, 0, 512, Math.imul(i, 0x9e3779b1));
    }
    expect(asked).toBe(many);
    key.writeUInt32LE(2 ** 17 - 1);
    map.get(key, 0, 512, Math.imul(2 ** 17 - 1, 0x9e3779b1));
    expect(asked).toBe(many);
    key.writeUInt32LE(many - 1);
    map.get(key, 0, 512, Math.imul(many - 1, 0x9e3779b1));
    expect(asked).toBe(many + 1);
    const long = Buffer.alloc(513, 'b');
    map.get(long, 0, 513, 1);
    map.get(long, 0, 513, 1);
    expect(asked).toBe(many + 3);
  });
});
