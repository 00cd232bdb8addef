import { diffieHellman, encapsulate, generateKeyPairSync } from 'node:crypto';
import { x25519 } from '@noble/curves/ed25519.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { nodePrimitives as p, systemRandom } from '../identity/node-primitives.ts';
import { importPublic } from '../secret/key-objects.ts';
import { fromHex } from './encoding.ts';
import { merkleRoot } from './merkle.ts';
import { PairTree, checkPairs, isUsablePair, pairAt, pairProofLength, verifyPair } from './pair-keys.ts';
import { PAIR_BYTES } from './pair-sizes.ts';

const joined = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));
const usable = (point: Uint8Array, kem: Uint8Array) => isUsablePair(joined(point, kem));

/** What node makes of a pair when a secret is to be agreed with it. */
function nodeAgrees(pair: Uint8Array): boolean {
  try {
    const { privateKey } = generateKeyPairSync('x25519');
    const first = diffieHellman({ privateKey, publicKey: importPublic('x25519', pair.subarray(0, 32)) });
    const { sharedKey } = encapsulate(importPublic('ml-kem-768', pair.subarray(32)));
    return [first, sharedKey].every((secret) => secret.some((byte) => byte !== 0));
  } catch {
    return false;
  }
}

describe('usable pairs', () => {
  const goodX = () => x25519.getPublicKey(x25519.utils.randomSecretKey());
  const goodKem = () => ml_kem768.keygen().publicKey;

  it('keys that @noble made are usable', () => {
    for (let i = 0; i < 5; i++) expect(usable(goodX(), goodKem())).toBe(true);
  });

  // RFC 7748 section 6.1: points of small order give zero with every private key; the last two are not reduced.
  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])('the X25519 point %s of small order is not usable, and @noble agrees', (point) => {
    const bytes = fromHex(point);
    expect(usable(bytes, goodKem())).toBe(false);
    expect(() => x25519.getSharedSecret(x25519.utils.randomSecretKey(), bytes)).toThrow();
  });

  it('ML-KEM-768 keys with any coefficient of 3329 or more are not usable (FIPS 203 section 7.2), and @noble agrees', () => {
    const all = new Uint8Array(1184).fill(0xff);
    expect(usable(goodX(), all)).toBe(false);
    expect(() => ml_kem768.encapsulate(all)).toThrow();
    const coefficient = fc.integer({ min: 0, max: 4095 });
    fc.assert(
      fc.property(fc.nat(767), coefficient, (at, value) => {
        const key = Uint8Array.from(goodKem());
        // Two coefficients of 12 bits in three bytes (FIPS 203 algorithm 5).
        const byte = 3 * Math.floor(at / 2);
        if (at % 2 === 0) {
          key[byte] = value & 255;
          key[byte + 1] = ((key[byte + 1] ?? 0) & 0xf0) | (value >> 8);
        } else {
          key[byte + 1] = ((key[byte + 1] ?? 0) & 0x0f) | ((value & 15) << 4);
          key[byte + 2] = value >> 4;
        }
        expect(usable(goodX(), key)).toBe(value < 3329);
        if (value >= 3329) expect(() => ml_kem768.encapsulate(key)).toThrow();
      }),
      { numRuns: 60 },
    );
  });

  it('keys of another length are not usable, never an exception', () => {
    expect(usable(new Uint8Array(31), goodKem())).toBe(false);
    expect(usable(goodX(), new Uint8Array(0))).toBe(false);
    expect(usable(goodX(), new Uint8Array(1185))).toBe(false);
  });

  it('node says the same of any pair: random points, small order with the unused bit, keys with a changed byte', () => {
    const points = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(0, 1, 0xec, 0xed, 0xee, 0xef).chain((low) =>
        fc.constantFrom(0x7f, 0xff).map((high) => {
          const big = low > 1;
          return Uint8Array.from({ length: 32 }, (_, i) =>
            i === 0 ? low : i === 31 ? (big ? high : high & 0x80) : big ? 0xff : 0,
          );
        }),
      ),
    );
    const kem = goodKem();
    fc.assert(
      fc.property(points, fc.nat(1151), fc.nat(255), (point, at, byte) => {
        const key = Uint8Array.from(kem);
        key[at] = byte;
        const pair = joined(point, key);
        expect(isUsablePair(pair)).toBe(nodeAgrees(pair));
      }),
      { numRuns: 150 },
    );
  });
});

describe('the pairs of an advertisement', () => {
  const federation = new TestFederation(5);
  const { roster } = federation;
  const round = federation.round(1);
  const own = round.ephemeral('org-2');
  const tree = checkPairs(p, own.public, own.keys);

  it('stand under the root that was signed, the one of RFC 9162', () => {
    const leaves = Array.from({ length: 5 }, (_, i) => pairAt(own.keys, i));
    expect(tree.root()).toEqual(merkleRoot(p, leaves));
    expect(tree.root()).toEqual(fromHex(own.public.keysRoot));
  });

  it('each is proven to be the one for its member and for nobody else', () => {
    for (const [i, { id }] of roster.members.entries()) {
      const shown = { contributor: id, pair: pairAt(own.keys, i), proof: tree.proof(i) };
      expect(shown.proof).toHaveLength(pairProofLength(5, i));
      expect(() => verifyPair(p, own.public, roster, shown)).not.toThrow();
      for (const other of roster.members) {
        if (other.id === id) continue;
        expect(() => verifyPair(p, own.public, roster, { ...shown, contributor: other.id })).toThrow(
          'TRANSCRIPT_INVALID',
        );
      }
      const elsewhere = round.ephemeral('org-3').public;
      expect(() => verifyPair(p, elsewhere, roster, shown)).toThrow('TRANSCRIPT_INVALID');
      const swapped = { ...shown, pair: systemRandom(PAIR_BYTES) };
      expect(() => verifyPair(p, own.public, roster, swapped)).toThrow('TRANSCRIPT_INVALID');
    }
  });

  it('too few, too many, others, or one of no use are refused by name', () => {
    const bad = (change: (keys: Uint8Array) => Uint8Array) =>
      expect(() => checkPairs(p, own.public, change(Uint8Array.from(own.keys)))).toThrow(
        'TRANSCRIPT_INVALID',
      );
    bad((keys) => keys.subarray(PAIR_BYTES));
    bad((keys) => joined(keys, keys.subarray(0, PAIR_BYTES)));
    bad(() => round.ephemeral('org-3').keys);
    bad((keys) => keys.fill(0, PAIR_BYTES, PAIR_BYTES + 32));
    const zeros = Uint8Array.from(own.keys).fill(0, PAIR_BYTES, PAIR_BYTES + 32);
    const key = { ...own.public, keysRoot: Buffer.from(new PairTree(p, zeros).root()).toString('hex') };
    expect(() => checkPairs(p, key, zeros)).toThrow('keys 2 that no secret can be agreed with');
  });
});
