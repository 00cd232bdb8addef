import { createCipheriv } from 'node:crypto';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../public/encoding.ts';
import { nodePrimitives as p, systemRandom } from './node-primitives.ts';

describe('nodePrimitives', () => {
  it('SHA-256: FIPS 180-4 example, and @noble for any split into parts', () => {
    expect(toHex(p.sha256(Buffer.from('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (parts) => {
        expect(toHex(p.sha256(...parts))).toBe(toHex(sha256(Buffer.concat(parts))));
      }),
    );
  });

  it('AES-256-CTR: NIST SP 800-38A F.5.5', () => {
    const key = fromHex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
    const iv = fromHex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
    const plain = fromHex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
    const cipher = '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5';
    const stream = p.aes256ctr(key, iv, 32);
    expect(toHex(stream.map((byte, i) => byte ^ (plain[i] ?? 0)))).toBe(cipher);
    expect(p.aes256ctr(key, iv, 7)).toEqual(stream.slice(0, 7));
  });

  // RFC 8032 section 7.1, tests 1 to 3
  it.each([
    [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ])('Ed25519: RFC 8032 section 7.1, key %s', (key, message, signature) => {
    expect(p.verifyEd25519(fromHex(key), fromHex(message), fromHex(signature))).toBe(true);
    expect(p.verifyEd25519(fromHex(key), fromHex(`${message}00`), fromHex(signature))).toBe(false);
  });

  it('Ed25519: any flipped bit of key, message or signature of an @noble signature is refused', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(
        bytes(32),
        fc.uint8Array({ minLength: 1 }),
        fc.nat(2),
        fc.nat(),
        (secret, message, part, bit) => {
          const parts = [ed25519.getPublicKey(secret), message, ed25519.sign(message, secret)] as const;
          expect(p.verifyEd25519(...parts)).toBe(true);
          const changed = parts.map((one) => Uint8Array.from(one)) as [Uint8Array, Uint8Array, Uint8Array];
          const victim = changed[part] ?? message;
          const at = Math.floor(bit / 8) % victim.length;
          victim[at] = (victim[at] ?? 0) ^ (1 << (bit % 8));
          expect(p.verifyEd25519(...changed)).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('Ed25519: malformed input is false, never an exception', () => {
    expect(p.verifyEd25519(new Uint8Array(31), new Uint8Array(), new Uint8Array(64))).toBe(false);
    expect(p.verifyEd25519(new Uint8Array(32).fill(255), new Uint8Array(), new Uint8Array(64))).toBe(false);
    expect(p.verifyEd25519(new Uint8Array(32), new Uint8Array(), new Uint8Array(63))).toBe(false);
  });

  it('Ed25519: what was found good once is found good again, and nothing else is for that', () => {
    const secret = ed25519.utils.randomSecretKey();
    const [key, message] = [ed25519.getPublicKey(secret), Buffer.from('said twice')];
    const signature = ed25519.sign(message, secret);
    for (let i = 0; i < 3; i++) expect(p.verifyEd25519(key, message, signature)).toBe(true);
    // The same bytes in a row, cut at other places.
    expect(p.verifyEd25519(key, signature.subarray(0, 10), signature)).toBe(false);
    expect(p.verifyEd25519(signature.subarray(0, 32), message, signature)).toBe(false);
  });

  it('a pair from its secret, and what it agrees on, are those of @noble', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(96), bytes(32), bytes(32), (secret, theirs, coins) => {
        const kem = ml_kem768.keygen(secret.slice(32));
        const pair = Uint8Array.from([...x25519.getPublicKey(secret.slice(0, 32)), ...kem.publicKey]);
        expect(p.pairOfSecret(secret)).toEqual(pair);
        const { cipherText, sharedSecret } = ml_kem768.encapsulate(kem.publicKey, coins);
        const point = x25519.getPublicKey(theirs);
        const first = x25519.getSharedSecret(secret.slice(0, 32), point);
        expect(p.agreeWithSecret(secret, point, cipherText)).toEqual(
          Uint8Array.from([...first, ...sharedSecret]),
        );
        expect(p.agreeWithSecret(secret, new Uint8Array(32), cipherText)).toBeNull();
        expect(p.agreeWithSecret(secret, point, cipherText.subarray(1))).toBeNull();
      }),
      { numRuns: 10 },
    );
  });

  it('AES-256-GCM opens what node seals, and nothing that was changed', () => {
    const [key, nonce, plain] = [systemRandom(32), systemRandom(12), systemRandom(100)];
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const box = Uint8Array.from([...cipher.update(plain), ...cipher.final()]);
    const tag = Uint8Array.from(cipher.getAuthTag());
    expect(p.openAes256Gcm(key, nonce, box, tag)).toEqual(plain);
    const changed = box.slice();
    changed[5] = (changed[5] ?? 0) ^ 1;
    expect(p.openAes256Gcm(key, nonce, changed, tag)).toBeNull();
    expect(p.openAes256Gcm(key, nonce, box, tag.toReversed())).toBeNull();
  });

  it('systemRandom gives as many bytes as asked for, and others every time', () => {
    expect(systemRandom(33)).toHaveLength(33);
    expect(toHex(systemRandom(16))).not.toBe(toHex(systemRandom(16)));
  });
});
