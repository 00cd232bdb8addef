import { createPrivateKey, encapsulate, hkdfSync } from 'node:crypto';
import { x25519 as nobleX25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { nodePrimitives as p, systemRandom } from '../identity/node-primitives.ts';
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../public/encoding.ts';
import { CryptoError } from '../public/errors.ts';
import {
  SEAL_OFFSETS,
  SEAL_OVERHEAD,
  SEALED_SEED_BYTES,
  SEALED_VECTOR_BYTES,
  SEED_SHARE_BYTES,
  VECTOR_SHARE_BYTES,
} from '../public/sealed-share.ts';
import { EphemeralKey, importPublic, x25519 } from './ephemeral-key.ts';
import { openShare, sealShare } from './seal.ts';

const federation = new TestFederation(4);
const round = federation.round(5);
const own = round.ephemeral('org-2');
const context = { transcriptHash: round.hash, contributor: 'org-1' };
for (const key of round.ephemerals.values()) key.bind(round.hash);

const seal = (share: Uint8Array, recipient = own.public) => sealShare(p, { ...context, recipient }, share);
const share = systemRandom(SEED_SHARE_BYTES);
const sealed = seal(share);

/** u = 0, 1 and the two points of order 8. */
const SMALL_ORDER = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
];

/** The error of opening, which must be the same whatever the cause. */
function failure(open: () => unknown): CryptoError {
  try {
    open();
  } catch (error) {
    if (error instanceof CryptoError) return error;
    throw error;
  }
  throw new Error('it opened');
}

function expectInvalid(open: () => unknown, contributor = 'org-1'): void {
  const error = failure(open);
  expect(error.code).toBe('SHARE_INVALID');
  expect(error.expected).toContain(`share of ${contributor} `);
  expect(error.got).toBe('something else');
  expect(error.cause).toBeUndefined();
}

describe('sealed shares', () => {
  it('open for their recipient, at the announced sizes', () => {
    expect(openShare(p, own, context, sealed)).toEqual(share);
    expect(sealed).toHaveLength(SEALED_SEED_BYTES);
    const vector = systemRandom(VECTOR_SHARE_BYTES);
    expect(seal(vector)).toHaveLength(SEALED_VECTOR_BYTES);
    expect(openShare(p, own, context, seal(vector))).toEqual(vector);
  });

  it('roundtrip for any content, and no two seals of it are alike', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (content) => {
        const [one, two] = [seal(content), seal(content)];
        expect(openShare(p, own, context, one)).toEqual(content);
        expect(openShare(p, own, context, two)).toEqual(content);
        expect(toHex(one)).not.toBe(toHex(two));
      }),
      { numRuns: 30 },
    );
  });

  it('any flipped bit is refused', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
        const changed = sealed.slice();
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expectInvalid(() => openShare(p, own, context, changed));
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

  it('undecryptable share: truncated, extended, empty or random bytes are refused by name', () => {
    for (const bytes of [
      sealed.subarray(0, -1),
      Buffer.concat([sealed, Uint8Array.of(0)]),
      new Uint8Array(),
      sealed.subarray(0, SEAL_OVERHEAD),
      systemRandom(sealed.length),
      new Uint8Array(sealed.length),
    ]) {
      expectInvalid(() => openShare(p, own, context, bytes));
    }
  });

  it('swapped recipient: a share sealed to another member is refused', () => {
    expectInvalid(() => openShare(p, round.ephemeral('org-3'), context, sealed));
  });

  it('swapped recipient: the same key in the seat of another member is refused', () => {
    const seat = { ...own.public, member: 'org-3', committeeIndex: 3 };
    expectInvalid(() => openShare(p, own, context, seal(share, seat)));
  });

  it('swapped contributor: a share sealed by another member is refused', () => {
    expectInvalid(() => openShare(p, own, { ...context, contributor: 'org-4' }, sealed), 'org-4');
  });

  it('share from another round: one sealed under another transcript is refused, even to the same key', () => {
    const stale = sealShare(p, { ...context, transcriptHash: '0'.repeat(64), recipient: own.public }, share);
    expectInvalid(() => openShare(p, own, context, stale));
  });

  it('a small-order X25519 key of the sender is refused like any other fault (RFC 7748 section 6.1)', () => {
    for (const point of SMALL_ORDER) {
      const changed = sealed.slice();
      changed.set(fromHex(point), SEAL_OFFSETS.x25519);
      expectInvalid(() => openShare(p, own, context, changed));
    }
  });

  it('is not sealed to a small-order X25519 key or a malformed ML-KEM key', () => {
    for (const point of SMALL_ORDER) {
      const recipient = { ...own.public, x25519: toBase64Url(fromHex(point)) };
      expect(failure(() => seal(share, recipient)).code).toBe('TRANSCRIPT_INVALID');
    }
    const recipient = { ...own.public, mlkem768: toBase64Url(new Uint8Array(1184).fill(255)) };
    expect(failure(() => seal(share, recipient)).code).toBe('TRANSCRIPT_INVALID');
  });
});

describe('EphemeralKey', () => {
  const seat = { consortium: 'test', epoch: 0, round: 1, member: 'org-1', committeeIndex: 1 };
  const fresh = () => EphemeralKey.generate(seat, federation.key('org-1').sign);

  it('serves one transcript: binding to another one, or opening for one, is refused', () => {
    const key = fresh();
    expect(failure(() => openShare(p, key, context, sealed)).code).toBe('KEY_SPENT');
    key.bind(round.hash);
    key.bind(round.hash);
    expect(failure(() => key.bind('0'.repeat(64))).code).toBe('KEY_SPENT');
    const other = { ...context, transcriptHash: '0'.repeat(64) };
    expect(failure(() => openShare(p, key, other, sealed)).code).toBe('KEY_SPENT');
  });

  it('opens nothing once it is erased', () => {
    const key = fresh();
    key.bind(round.hash);
    const bytes = sealShare(p, { ...context, recipient: key.public }, share);
    expect(openShare(p, key, context, bytes)).toEqual(share);
    key.erase();
    expect(key.erased).toBe(true);
    expect(failure(() => openShare(p, key, context, bytes)).code).toBe('KEY_SPENT');
    expect(failure(() => key.bind(round.hash)).code).toBe('KEY_SPENT');
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
  /** PKCS#8 of a raw X25519 key (RFC 8410 section 7). */
  const importSecret = (raw: Uint8Array) =>
    createPrivateKey({
      key: Buffer.concat([fromHex('302e020100300506032b656e04220420'), raw]),
      format: 'der',
      type: 'pkcs8',
    });

  it('X25519: RFC 7748 section 6.1', () => {
    const alice = fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = fromHex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    expect(toHex(x25519(importSecret(alice), bob))).toBe(
      '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
    );
  });

  it('X25519 agrees with @noble', () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), (a, b) => {
        const theirs = nobleX25519.getPublicKey(b);
        expect(toHex(x25519(importSecret(a), theirs))).toBe(toHex(nobleX25519.getSharedSecret(a, theirs)));
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
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(fromBase64Url(own.public.mlkem768, 1184));
    const theirs = nobleX25519.getPublicKey(systemRandom(32));
    expect(toHex(own.agree(round.hash, theirs, cipherText).mlkem768)).toBe(toHex(sharedSecret));

    const pair = ml_kem768.keygen();
    const { sharedKey, ciphertext } = encapsulate(importPublic('ml-kem-768', pair.publicKey));
    expect(toHex(ml_kem768.decapsulate(ciphertext, pair.secretKey))).toBe(toHex(sharedKey));
  });

  it('the whole layout, opened by a second implementation on @noble', async () => {
    const x = nobleX25519.keygen();
    const kem = ml_kem768.keygen();
    const recipient = {
      ...own.public,
      x25519: toBase64Url(x.publicKey),
      mlkem768: toBase64Url(kem.publicKey),
    };
    const message = seal(share, recipient);
    const [theirs, ciphertext, box] = [message.slice(1, 33), message.slice(33, 1121), message.slice(1121)];
    const secret = Buffer.concat([
      nobleX25519.getSharedSecret(x.secretKey, theirs),
      ml_kem768.decapsulate(ciphertext, kem.secretKey),
    ]);
    // keys in the order of RFC 8785, written out by hand
    const text =
      `{"contributor":"org-1","mlkem768":"${Buffer.from(ciphertext).toString('base64url')}",` +
      `"recipient":{"committeeIndex":2,"consortium":"test","epoch":0,"member":"org-2",` +
      `"mlkem768":"${recipient.mlkem768}","round":5,"x25519":"${recipient.x25519}"},` +
      `"transcriptHash":"${round.hash}","version":1,"x25519":"${Buffer.from(theirs).toString('base64url')}"}`;
    const info = sha256(Buffer.from(`cordon/v1/seal\0${text}`));
    const okm = Uint8Array.from(hkdf(sha256, secret, Buffer.from('cordon/v1/seal'), info, 44));
    const key = await crypto.subtle.importKey('raw', okm.slice(0, 32), 'AES-GCM', false, ['decrypt']);
    const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: okm.slice(32) }, key, box);
    expect(new Uint8Array(opened)).toEqual(share);
  });
});
