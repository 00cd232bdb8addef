import { createPrivateKey, createPublicKey, decapsulate, diffieHellman, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { shake128 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, it } from 'vitest';
import { nodePrimitives as p } from '../../identity/node-primitives.ts';
import { fromHex, toHex } from '../../public/encoding.ts';
import { fromSpki, toSpki } from '../../public/spki.ts';
import type { KeyKind } from '../../public/spki.ts';

/** PKCS#8 before the raw private key (RFC 8410 section 7; RFC 9935: an ML-KEM key as its 64-byte seed alone). */
const PKCS8 = {
  ed25519: '302e020100300506032b657004220420',
  x25519: '302e020100300506032b656e04220420',
  'ml-kem-768': '3054020100300b060960864801650304040204428040',
} as const;

const privateKey = (kind: KeyKind, raw: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([fromHex(PKCS8[kind]), raw]), format: 'der', type: 'pkcs8' });
const publicKey = (kind: KeyKind, raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(toSpki(kind, raw)), format: 'der', type: 'spki' });
const rawPublic = (kind: KeyKind, key: KeyObject): string =>
  toHex(fromSpki(kind, createPublicKey(key).export({ format: 'der', type: 'spki' })));

const exchange = (scalar: Uint8Array, u: Uint8Array): Uint8Array =>
  diffieHellman({ privateKey: privateKey('x25519', scalar), publicKey: publicKey('x25519', u) });

describe('X25519 (RFC 7748)', () => {
  it.each([
    [
      'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
      'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    ],
    [
      '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
      'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
    ],
  ])('section 5.2, scalar %.8s...', (scalar, u, out) => {
    expect(toHex(exchange(fromHex(scalar), fromHex(u)))).toBe(out);
    expect(toHex(x25519.getSharedSecret(fromHex(scalar), fromHex(u)))).toBe(out);
  });

  it('section 5.2: after 1 and after 1,000 iterations', () => {
    let k: Uint8Array = fromHex(`09${'00'.repeat(31)}`);
    let u = k;
    for (let i = 1; i <= 1000; i++) {
      [k, u] = [exchange(k, u), k];
      if (i === 1) {
        expect(toHex(k)).toBe('422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079');
      }
    }
    expect(toHex(k)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
  });

  it('section 6.1: Alice and Bob', () => {
    const alice = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';
    const bob = '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb';
    const alicePublic = '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a';
    const bobPublic = 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f';
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    for (const [secret, own, other] of [
      [alice, alicePublic, bobPublic],
      [bob, bobPublic, alicePublic],
    ] as const) {
      expect(rawPublic('x25519', privateKey('x25519', fromHex(secret)))).toBe(own);
      expect(toHex(x25519.getPublicKey(fromHex(secret)))).toBe(own);
      expect(toHex(exchange(fromHex(secret), fromHex(other)))).toBe(shared);
      expect(toHex(x25519.getSharedSecret(fromHex(secret), fromHex(other)))).toBe(shared);
    }
  });
});

describe('Ed25519 (RFC 8032 section 7.1)', () => {
  it.each([
    [
      'test 1',
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
        '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      'test 2',
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'test 3',
      'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
        '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
    [
      'test SHA(abc)',
      '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
      'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
        '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589' +
        '09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
    ],
  ])('%s', (_, secret, own, message, signature) => {
    const key = privateKey('ed25519', fromHex(secret));
    expect(rawPublic('ed25519', key)).toBe(own);
    expect(toHex(ed25519.getPublicKey(fromHex(secret)))).toBe(own);
    expect(sign(null, fromHex(message), key).toString('hex')).toBe(signature);
    expect(toHex(ed25519.sign(fromHex(message), fromHex(secret)))).toBe(signature);
    expect(p.verifyEd25519(fromHex(own), fromHex(message), fromHex(signature))).toBe(true);
    expect(p.verifyEd25519(fromHex(own), fromHex(`${message}00`), fromHex(signature))).toBe(false);
    expect(ed25519.verify(fromHex(signature), fromHex(message), fromHex(own))).toBe(true);
  });
});

describe('ML-KEM-768 (FIPS 203)', () => {
  // The procedure and the digest of Go's crypto/mlkem, src/crypto/mlkem/mlkem_test.go, TestAccumulated: a SHAKE-128
  // stream gives seed d || z, message and a ciphertext that nobody made; what comes out is hashed.
  it('100 keys from seeds, encapsulations and implicit rejections have the digest of the accumulated vectors', () => {
    const stream = shake128.create({});
    const accumulated = shake128.create({ dkLen: 32 });
    for (let i = 0; i < 100; i++) {
      const seed = stream.xof(64);
      const message = stream.xof(32);
      const random = stream.xof(1088);
      const noble = ml_kem768.keygen(seed);
      const key = privateKey('ml-kem-768', seed);
      expect(rawPublic('ml-kem-768', key)).toBe(toHex(noble.publicKey));
      const { cipherText, sharedSecret } = ml_kem768.encapsulate(noble.publicKey, message);
      expect(toHex(decapsulate(key, cipherText))).toBe(toHex(sharedSecret));
      const rejected = decapsulate(key, random);
      expect(toHex(rejected)).toBe(toHex(ml_kem768.decapsulate(random, noble.secretKey)));
      for (const part of [noble.publicKey, cipherText, sharedSecret, rejected]) accumulated.update(part);
    }
    expect(toHex(accumulated.digest())).toBe(
      '1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415',
    );
  });
});
