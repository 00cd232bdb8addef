import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { ed25519 } from '@noble/curves/ed25519.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url, fromHex, toHex } from '../public/encoding.ts';
import { checkSigned, isSigned } from '../public/signed.ts';
import { nodePrimitives } from './node-primitives.ts';
import { signFields } from '../public/signed.ts';
import { SigningKey } from './signing-key.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cordon-key-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** PKCS#8 of a raw Ed25519 seed (RFC 8410 section 7). */
function pem(seed: Uint8Array): string {
  const der = Buffer.concat([fromHex('302e020100300506032b657004220420'), seed]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}

describe('SigningKey', () => {
  it('signs as RFC 8032 section 7.1 test 2 and as @noble', () => {
    const seed = fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    const key = SigningKey.fromPem(pem(seed));
    expect(toHex(fromBase64Url(key.publicKey, 32))).toBe(
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    );
    expect(toHex(key.sign(Uint8Array.of(0x72)))).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    const message = new Uint8Array(1000).fill(7);
    expect(key.sign(message)).toEqual(ed25519.sign(message, seed));
  });

  it('is the same key after save and load, in a file that its owner alone may read', async () => {
    const path = join(dir, 'own.pem');
    const key = SigningKey.generate();
    await key.save(path);
    expect((await SigningKey.load(path)).publicKey).toBe(key.publicKey);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  it('never replaces an existing key', async () => {
    const path = join(dir, 'kept.pem');
    const key = SigningKey.generate();
    await key.save(path);
    await expect(SigningKey.generate().save(path)).rejects.toThrow('EEXIST');
    expect((await SigningKey.load(path)).publicKey).toBe(key.publicKey);
  });

  it.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o660, 0o601])(
    'refuses a file of mode %o, which others may reach',
    async (mode) => {
      const path = join(dir, `open-${mode}.pem`);
      await SigningKey.generate().save(path);
      await chmod(path, mode);
      await expect(SigningKey.load(path)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    },
  );

  it('refuses a file that holds no Ed25519 key, without quoting it', async () => {
    const path = join(dir, 'other.pem');
    await writeFile(path, 'my password', { mode: 0o600 });
    const error = await SigningKey.load(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(inspect(error, { depth: 9 })).not.toContain('my password');
    const rsa = generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
    expect(() => SigningKey.fromPem(String(rsa))).toThrow('a key of type x25519');
  });

  it('shows its public part only, however it is printed', () => {
    const seed = new Uint8Array(32).fill(0x5a);
    const key = SigningKey.fromPem(pem(seed));
    const shown = [
      JSON.stringify({ key }),
      inspect(key, { showHidden: true, depth: 9 }),
      format('%o %O %j %s', key, key, key, key),
      inspect({ nested: [key] }, { depth: 9 }),
    ].join('\n');
    expect(shown).toContain(key.publicKey);
    for (const secret of [toHex(seed), Buffer.from(seed).toString('base64'), 'KeyObject', 'ZZZZ']) {
      expect(shown).not.toContain(secret);
    }
  });
});

describe('signed objects', () => {
  const key = SigningKey.generate();
  const who = { who: 'org-1', what: 'its hello' };
  const signed = signFields(key.sign, 'cordon/v1/hello', { b: 2, a: 'x' });

  it('verify under their key and domain, whatever the order of fields', () => {
    expect(() => checkSigned(nodePrimitives, key.publicKey, 'cordon/v1/hello', signed, who)).not.toThrow();
    const { a, b, signature } = signed;
    expect(isSigned(nodePrimitives, key.publicKey, 'cordon/v1/hello', { signature, a, b } as never)).toBe(
      true,
    );
  });

  it('verify under no other key, domain or content', () => {
    const other = SigningKey.generate().publicKey;
    expect(isSigned(nodePrimitives, other, 'cordon/v1/hello', signed)).toBe(false);
    expect(isSigned(nodePrimitives, key.publicKey, 'cordon/v1/welcome', signed)).toBe(false);
    expect(isSigned(nodePrimitives, 'not a key', 'cordon/v1/hello', signed)).toBe(false);
    const more = { ...signed, c: 3 };
    expect(() => checkSigned(nodePrimitives, key.publicKey, 'cordon/v1/hello', more, who)).toThrow(
      'SIGNATURE_INVALID: expected the signature of org-1 on its hello',
    );
  });
});
