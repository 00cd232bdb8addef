import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { ctr, gcm } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { nodePrimitives as p } from '../../identity/node-primitives.ts';
import { fromHex, toHex } from '../../public/encoding.ts';

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(/\s/g, ''));

describe('SHA-256 (FIPS 180-4; the messages of its example document)', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    [
      'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
      'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('of %.20s...', (message, digest) => {
    const bytes = new TextEncoder().encode(message);
    expect(toHex(p.sha256(bytes))).toBe(digest);
    expect(toHex(p.sha256(bytes.subarray(0, 1), bytes.subarray(1)))).toBe(digest);
    expect(toHex(sha256(bytes))).toBe(digest);
  });
});

it('AES-256-CTR: NIST SP 800-38A sections F.5.5 and F.5.6, all four blocks, and from each block on', () => {
  const key = hex('603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4');
  const plain = hex(
    '6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51' +
      '30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710',
  );
  const cipher = hex(
    '601ec313775789a5b7a7f504bbf3d228 f443e3ca4d62b59aca84e990cacaf5c5' +
      '2b0930daa23de94ce87017ba2d84988d dfc9c58db67aada613c2dd08457941a6',
  );
  // The last byte is the counter: ff of the first block carries over.
  ['feff', 'ff00', 'ff01', 'ff02'].forEach((counter, block) => {
    const start = hex(`f0f1f2f3f4f5f6f7f8f9fafbfcfd${counter}`);
    const from = 16 * block;
    const stream = p.aes256ctr(key, start, 64 - from);
    expect(toHex(stream.map((byte, i) => byte ^ (plain[from + i] ?? 0)))).toBe(toHex(cipher.subarray(from)));
    expect(toHex(ctr(key, start).encrypt(plain.subarray(from)))).toBe(toHex(cipher.subarray(from)));
  });
});

// McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)" (2005), appendix B: the test cases with keys of 256 bits
// and nonces of 96.
describe('AES-256-GCM (NIST SP 800-38D; McGrew and Viega, appendix B)', () => {
  const key = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308';
  const nonce = 'cafebabefacedbaddecaf888';
  const plain =
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
    '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255';
  const cipher =
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
    '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad';
  const zero = (bytes: number): string => '00'.repeat(bytes);
  it.each([
    [13, zero(32), zero(12), '', '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    [
      14,
      zero(32),
      zero(12),
      '',
      zero(16),
      'cea7403d4d606b6e074ec5d3baf39d18',
      'd0d1c8a799996bf0265b98b5d48ab919',
    ],
    [15, key, nonce, '', plain, cipher, 'b094dac5d93471bdec1a502270e3cc6c'],
    [
      16,
      key,
      nonce,
      'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      plain.slice(0, 120),
      cipher.slice(0, 120),
      '76fc6ece0f4e1768cddf8853bb2d551b',
    ],
  ])('test case %i', (_, keyHex, nonceHex, aad, plainHex, cipherHex, tag) => {
    const options = { authTagLength: 16 };
    const sealing = createCipheriv('aes-256-gcm', hex(keyHex), hex(nonceHex), options).setAAD(hex(aad));
    const made = Buffer.concat([sealing.update(hex(plainHex)), sealing.final()]);
    expect(made.toString('hex')).toBe(cipherHex);
    expect(sealing.getAuthTag().toString('hex')).toBe(tag);
    const open = (tagBytes: Uint8Array): string => {
      const opening = createDecipheriv('aes-256-gcm', hex(keyHex), hex(nonceHex), options).setAAD(hex(aad));
      opening.setAuthTag(tagBytes);
      return Buffer.concat([opening.update(hex(cipherHex)), opening.final()]).toString('hex');
    };
    expect(open(hex(tag))).toBe(plainHex);
    expect(() => open(hex(tag).map((byte, i) => (i === 15 ? byte ^ 1 : byte)))).toThrow();
    expect(toHex(gcm(hex(keyHex), hex(nonceHex), hex(aad)).encrypt(hex(plainHex)))).toBe(cipherHex + tag);
  });
});

describe('HKDF-SHA256 (RFC 5869 appendix A)', () => {
  const range = (from: number, to: number): Uint8Array =>
    Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i);
  it.each([
    [
      'A.1',
      new Uint8Array(22).fill(0x0b),
      range(0, 12),
      range(0xf0, 0xf9),
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    ],
    [
      'A.2',
      range(0, 0x4f),
      range(0x60, 0xaf),
      range(0xb0, 0xff),
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09' +
        'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    ],
    [
      'A.3',
      new Uint8Array(22).fill(0x0b),
      new Uint8Array(),
      new Uint8Array(),
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    ],
  ])('%s', (_, ikm, salt, info, okm) => {
    const length = okm.length / 2;
    expect(toHex(new Uint8Array(hkdfSync('sha256', ikm, salt, info, length)))).toBe(okm);
    expect(toHex(hkdf(sha256, ikm, salt, info, length))).toBe(okm);
  });
});
