import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_BYTES, N, SHARE_BYTES, SHARE_ELEMENTS, SHARE_PRIME } from './params.ts';
import { packField, unpackField } from './share-packing.ts';

describe('17-bit packing', () => {
  const element = fc.integer({ min: 0, max: SHARE_PRIME - 1 });
  const lengths = fc.constantFrom(N, SHARE_ELEMENTS);

  it('is the little-endian number with element i at bit 17 i', () => {
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 40 }), lengths, (some, count) => {
        const elements = Uint32Array.from({ length: count }, (_, i) => some[i % some.length] ?? 0);
        const bytes = packField(elements);
        expect(bytes.length).toBe(count === N ? ANSWER_BYTES : SHARE_BYTES);
        const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
        for (let i = 0; i < count; i += 13) {
          expect(Number((number >> BigInt(17 * i)) & 0x1ffffn)).toBe(elements[i]);
        }
        expect(unpackField(bytes, count)).toEqual(elements);
      }),
      { numRuns: 10 },
    );
  });

  it('refuses elements outside the field and other lengths', () => {
    for (const bad of [SHARE_PRIME, SHARE_PRIME + 1, 2 ** 31, 2 ** 32 - 1]) {
      const elements = new Uint32Array(N);
      elements[4095] = bad;
      expect(() => packField(elements)).toThrow(/VALUE_OUT_OF_RANGE/);
    }
    expect(() => packField(new Uint32Array(N - 1))).toThrow(/VALUE_OUT_OF_RANGE/);
    expect(() => unpackField(new Uint8Array(SHARE_BYTES + 1), SHARE_ELEMENTS)).toThrow(/ENCODING_INVALID/);
    const bytes = new Uint8Array(SHARE_BYTES);
    bytes.set([0xff, 0xff, 0x01]);
    expect(() => unpackField(bytes, SHARE_ELEMENTS)).toThrow(/ENCODING_INVALID/);
  });
});
