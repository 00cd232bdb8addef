import { encapsulate, hkdfSync } from 'node:crypto';
import { x25519 as nobleX25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { nodePrimitives as p, systemRandom } from '../identity/node-primitives.ts';
import { fromBase64Url, fromHex, toHex } from '../public/encoding.ts';
import { CryptoError } from '../public/errors.ts';
import { verifyPair } from '../public/pair-keys.ts';
import {
  SEAL_OFFSETS,
  SEAL_OVERHEAD,
  SEALED_SEED_BYTES,
  SEALED_VECTOR_BYTES,
  SEED_SHARE_BYTES,
  VECTOR_SHARE_BYTES,
} from '../public/sealed-share.ts';
import type { SealPlace } from '../public/sealed-share.ts';
import { EphemeralKey, agreeX25519 } from './ephemeral-key.ts';
import { importPrivate, importPublic } from './key-objects.ts';
import { Sealer, openShare } from './seal.ts';

const federation = new TestFederation(4);
const round = federation.round(5);
const own = round.ephemeral('org-2');
const context = { transcriptHash: round.hash, contributor: 'org-1' };
for (const key of round.ephemerals.values()) key.bind(round.hash);

const place: SealPlace = { ...context, recipient: own.public, pair: round.pair('org-2', 'org-1') };
const seal = (share: Uint8Array, changes: Partial<SealPlace> = {}) =>
  new Sealer(p).seal({ ...place, ...changes }, share);
const { roster } = federation;
const open = (bytes: Uint8Array, key = own, of: Partial<typeof context> = {}) =>
  openShare(p, key, roster, { ...context, ...of }, bytes);
const share = systemRandom(SEED_SHARE_BYTES);
const sealed = seal(share);

/** u = 0, 1 and the two points of order 8. */
const SMALL_ORDER = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
];

function failure(work: () => unknown): CryptoError {
  try {
    work();
  } catch (error) {
    if (error instanceof CryptoError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('sealed shares', () => {
  it('open for their recipient, at the announced sizes', () => {
    expect(open(sealed)).toEqual(share);
    expect(sealed).toHaveLength(SEALED_SEED_BYTES);
    const vector = systemRandom(VECTOR_SHARE_BYTES);
    expect(seal(vector)).toHaveLength(SEALED_VECTOR_BYTES);
    expect(open(seal(vector))).toEqual(vector);
  });

  it('roundtrip for any content, and no two seals of it are alike', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (content) => {
        const [one, two] = [seal(content), seal(content)];
        expect(open(one)).toEqual(content);
        expect(open(two)).toEqual(content);
        expect(toHex(one)).not.toBe(toHex(two));
      }),
      { numRuns: 30 },
    );
  });

  it('any flipped bit: it does not open', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
        const changed = sealed.slice();
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(open(changed)).toBeNull();
      }),
      {
        numRuns: 200,
        examples: [
          [0, 0],
          [SEAL_OFFSETS.x25519 + 31, 7],
        ],
      },
    );
  });

  it('truncated, extended, empty or random bytes do not open', () => {
    for (const bytes of [
      sealed.subarray(0, -1),
      Buffer.concat([sealed, Uint8Array.of(0)]),
      new Uint8Array(),
      sealed.subarray(0, SEAL_OVERHEAD),
      systemRandom(sealed.length),
      new Uint8Array(sealed.length),
    ]) {
      expect(open(bytes)).toBeNull();
    }
  });

  it('sealed to another member, or to the pair of another contributor, it does not open', () => {
    expect(open(sealed, round.ephemeral('org-3'))).toBeNull();
    expect(open(seal(share, { pair: round.pair('org-2', 'org-3') }))).toBeNull();
    expect(open(seal(share, { pair: round.pair('org-3', 'org-1') }))).toBeNull();
  });

  it('sealed to the same pair in the seat of another member it does not open', () => {
    const recipient = { ...own.public, member: 'org-3', committeeIndex: 3 };
    expect(open(seal(share, { recipient }))).toBeNull();
  });

  it('sealed by another member it does not open, also with the pair that was used', () => {
    expect(open(sealed, own, { contributor: 'org-4' })).toBeNull();
    expect(open(seal(share, { contributor: 'org-4' }))).toBeNull();
  });

  it('share from another round: sealed under another transcript, even to the same pair, it does not open', () => {
    expect(open(seal(share, { transcriptHash: '0'.repeat(64) }))).toBeNull();
  });

  it('a small-order X25519 key of the sender opens nothing (RFC 7748 section 6.1)', () => {
    for (const point of SMALL_ORDER) {
      const changed = sealed.slice();
      changed.set(fromHex(point), SEAL_OFFSETS.x25519);
      expect(open(changed)).toBeNull();
    }
  });

  it('is not sealed to a small-order X25519 key or a malformed ML-KEM key', () => {
    for (const point of SMALL_ORDER) {
      const pair = place.pair.slice();
      pair.set(fromHex(point));
      expect(failure(() => seal(share, { pair })).code).toBe('TRANSCRIPT_INVALID');
    }
    const pair = place.pair.slice().fill(255, 32);
    expect(failure(() => seal(share, { pair })).code).toBe('TRANSCRIPT_INVALID');
  });
});

describe('EphemeralKey', () => {
  const seat = { consortium: 'test', epoch: 0, round: 1, member: 'org-1', committeeIndex: 1 };
  const given: Uint8Array[] = [];
  const random = (length: number) => {
    const bytes = systemRandom(length);
    given.push(bytes);
    return bytes;
  };
  const fresh = () =>
    EphemeralKey.generate({ primitives: p, random, sign: federation.key('org-1').sign }, seat, 4);
  const sealedTo = (key: EphemeralKey) => seal(share, { recipient: key.public, pair: key.pair(0) });

  it('serves one transcript: binding to another one, or opening for one, is refused', () => {
    const key = fresh();
    const bytes = sealedTo(key);
    expect(failure(() => open(bytes, key)).code).toBe('KEY_SPENT');
    key.bind(round.hash);
    key.bind(round.hash);
    expect(failure(() => key.bind('0'.repeat(64))).code).toBe('KEY_SPENT');
    expect(failure(() => open(bytes, key, { transcriptHash: '0'.repeat(64) })).code).toBe('KEY_SPENT');
    expect(open(bytes, key)).toEqual(share);
  });

  it('opens and reveals nothing once it is erased, and its master is overwritten', () => {
    const key = fresh();
    const master = given.at(-1) ?? new Uint8Array();
    key.bind(round.hash);
    const bytes = sealedTo(key);
    expect(open(bytes, key)).toEqual(share);
    expect(master.some((byte) => byte !== 0)).toBe(true);
    key.erase();
    expect(key.erased).toBe(true);
    expect(master.every((byte) => byte === 0)).toBe(true);
    expect(failure(() => open(bytes, key)).code).toBe('KEY_SPENT');
    expect(failure(() => key.reveal(round.hash, 0)).code).toBe('KEY_SPENT');
    expect(failure(() => key.bind(round.hash)).code).toBe('KEY_SPENT');
  });

  it('a revealed secret is that of its one pair, which stands under the signed root in its place', () => {
    const key = fresh();
    key.bind(round.hash);
    for (let index = 0; index < 4; index++) {
      const { pairSecret, proof } = key.reveal(round.hash, index);
      const secret = fromBase64Url(pairSecret, 96);
      expect(p.pairOfSecret(secret)).toEqual(key.pair(index));
      expect(nobleX25519.getPublicKey(secret.slice(0, 32))).toEqual(key.pair(index).slice(0, 32));
      expect(ml_kem768.keygen(secret.slice(32)).publicKey).toEqual(key.pair(index).slice(32));
      const member = federation.roster.members[index]?.id ?? '';
      const shown = {
        contributor: member,
        pair: key.pair(index),
        proof: proof.map((node) => fromHex(node)),
      };
      expect(() => verifyPair(p, key.public, roster, shown)).not.toThrow();
      const other = federation.roster.members[(index + 1) % 4]?.id ?? '';
      expect(() => verifyPair(p, key.public, roster, { ...shown, contributor: other })).toThrow();
    }
  });

  it('derives the pairs from its master alone, so that other implementations get the same', () => {
    const fixed = () => new Uint8Array(32).fill(7);
    const make = () =>
      EphemeralKey.generate({ primitives: p, random: fixed, sign: federation.key('org-1').sign }, seat, 3);
    expect(make().keys).toEqual(make().keys);
    const info = Buffer.concat([Buffer.from('cordon/v1/pair'), Buffer.from([0, 0, 0, 2])]);
    const secret = hkdf(sha256, fixed(), undefined, info, 96);
    expect(make().pair(2).slice(0, 32)).toEqual(nobleX25519.getPublicKey(secret.slice(0, 32)));
    expect(make().pair(2).slice(32)).toEqual(ml_kem768.keygen(secret.slice(32)).publicKey);
  });

  it('has no serialisation beyond its public half', () => {
    const key = fresh();
    expect(JSON.parse(JSON.stringify(key))).toEqual(key.public);
    expect(() => structuredClone(key)).not.toThrow();
    expect(JSON.stringify(structuredClone(key))).not.toContain('private');
  });
});

describe('the parts, against RFCs and @noble', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  it('X25519: RFC 7748 section 6.1', () => {
    const alice = fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = fromHex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    expect(toHex(agreeX25519(importPrivate('x25519', alice), bob) ?? new Uint8Array())).toBe(
      '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
    );
  });

  it('X25519 agrees with @noble', () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), (a, b) => {
        const theirs = nobleX25519.getPublicKey(b);
        const agreed = agreeX25519(importPrivate('x25519', a), theirs) ?? new Uint8Array();
        expect(toHex(agreed)).toBe(toHex(nobleX25519.getSharedSecret(a, theirs)));
      }),
      { numRuns: 20 },
    );
  });

  it('HKDF-SHA256: RFC 5869 appendix A.1', () => {
    const salt = fromHex('000102030405060708090a0b0c');
    const info = fromHex('f0f1f2f3f4f5f6f7f8f9');
    const okm = hkdfSync('sha256', new Uint8Array(22).fill(0x0b), salt, info, 42);
    expect(toHex(new Uint8Array(okm))).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
  });

  it('ML-KEM-768: what @noble encapsulates, this key decapsulates, and the other way round', () => {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(own.pair(1).slice(32));
    const theirs = nobleX25519.getPublicKey(systemRandom(32));
    const agreed = own.agree(round.hash, 1, theirs, cipherText) ?? new Uint8Array();
    expect(toHex(agreed.subarray(32))).toBe(toHex(sharedSecret));

    const pair = ml_kem768.keygen();
    const { sharedKey, ciphertext } = encapsulate(importPublic('ml-kem-768', pair.publicKey));
    expect(toHex(ml_kem768.decapsulate(ciphertext, pair.secretKey))).toBe(toHex(sharedKey));
  });

  it('the whole layout, opened by a second implementation on @noble', async () => {
    const x = nobleX25519.keygen();
    const kem = ml_kem768.keygen();
    const pair = Uint8Array.from([...x.publicKey, ...kem.publicKey]);
    const message = seal(share, { pair });
    const [theirs, ciphertext, box] = [message.slice(1, 33), message.slice(33, 1121), message.slice(1121)];
    const secret = Buffer.concat([
      nobleX25519.getSharedSecret(x.secretKey, theirs),
      ml_kem768.decapsulate(ciphertext, kem.secretKey),
    ]);
    // keys in the order of RFC 8785, written out by hand
    const digest = (part: Uint8Array) => Buffer.from(sha256(part)).toString('hex');
    const text =
      `{"contributor":"org-1","header":"${digest(message.slice(0, 1121))}","pair":"${digest(pair)}",` +
      `"recipient":{"committeeIndex":2,"consortium":"test","epoch":0,"keys":4,` +
      `"keysRoot":"${own.public.keysRoot}","member":"org-2","round":5},"transcriptHash":"${round.hash}"}`;
    const info = sha256(Buffer.from(`cordon/v1/seal\0${text}`));
    const okm = Uint8Array.from(hkdf(sha256, secret, Buffer.from('cordon/v1/seal'), info, 44));
    const key = await crypto.subtle.importKey('raw', okm.slice(0, 32), 'AES-GCM', false, ['decrypt']);
    const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: okm.slice(32) }, key, box);
    expect(new Uint8Array(opened)).toEqual(share);
  });
});
