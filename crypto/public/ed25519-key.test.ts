import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { weaknessOf } from './ed25519-key.ts';
import { fromBase64Url, fromHex, toBase64Url } from './encoding.ts';
import { checkRoster } from './roster.ts';

const { Point } = ed25519;
const P = 2n ** 255n - 19n;

/** Little-endian y with a sign bit. */
function encoding(y: bigint, sign: number): Uint8Array {
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((y >> BigInt(8 * i)) & 255n));
  bytes[31] = (bytes[31] ?? 0) | (sign << 7);
  return bytes;
}

/** Every encoding that a lenient decoder (ZIP 215) takes for a point of small order, found by noble. */
function smallOrderEncodings(): Uint8Array[] {
  const generator = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
  const ys = new Set<bigint>();
  for (let i = 0n, point = Point.ZERO; i < 8n; i++, point = point.add(generator)) {
    const { y } = point.toAffine();
    ys.add(y);
    if (y + P < 2n ** 255n) ys.add(y + P);
  }
  return [...ys].flatMap((y) => [encoding(y, 0), encoding(y, 1)]);
}

describe('weaknessOf', () => {
  it('names all 14 encodings of the eight points of small order, canonical or not', () => {
    const encodings = smallOrderEncodings();
    expect(encodings).toHaveLength(14);
    for (const bytes of encodings) {
      expect(Point.fromBytes(bytes, true).isSmallOrder()).toBe(true);
      expect(weaknessOf(bytes)).not.toBeNull();
    }
  });

  it('names all 38 encodings of y >= p', () => {
    for (let y = P; y < 2n ** 255n; y++) {
      for (const sign of [0, 1]) expect(weaknessOf(encoding(y, sign))).toBe('a key in a second encoding');
    }
    for (const sign of [0, 1]) expect(weaknessOf(encoding(P - 2n, sign))).toBeNull();
  });

  it('takes every key that noble makes, and noble takes none of those that it names', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        expect(weaknessOf(ed25519.getPublicKey(seed))).toBeNull();
      }),
      { numRuns: 50 },
    );
    for (const bytes of smallOrderEncodings()) {
      expect(ed25519.utils.isValidPublicKey(bytes, false) && !Point.fromBytes(bytes).isSmallOrder()).toBe(
        false,
      );
    }
  });

  it('matters: a lenient library takes one signature for every message under such a key; a roster refuses it in every place', () => {
    const identity = fromHex(`01${'0'.repeat(62)}`);
    const forged = fromHex(`01${'0'.repeat(126)}`); // R = the neutral element, S = 0
    for (const text of ['one', 'another']) {
      expect(ed25519.verify(forged, Buffer.from(text), identity, { zip215: true })).toBe(true);
    }
    const { roster } = new TestFederation(4);
    const [first, ...others] = roster.members;
    if (!first) throw new Error('no member');
    for (const bytes of [...smallOrderEncodings(), encoding(P + 3n, 0)]) {
      const weak = toBase64Url(bytes);
      expect(fromBase64Url(weak, 32)).toEqual(bytes);
      const members = [{ ...first, signKey: weak }, ...others];
      expect(() => checkRoster({ ...roster, members })).toThrow('ROSTER_INVALID');
      expect(() => checkRoster({ ...roster, coordinatorKey: weak })).toThrow('ROSTER_INVALID');
    }
  });
});
