import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { open } from 'node:fs/promises';
import { inspect } from 'node:util';
import { toBase64Url } from '../public/encoding.ts';
import { CryptoError } from '../public/errors.ts';
import { fromSpki } from '../public/spki.ts';

const OTHERS = 0o077;

/** A process's own long-term Ed25519 key (RFC 8032). Its private part is never printed. */
export class SigningKey {
  readonly #key: KeyObject;
  /** Raw 32 bytes, base64url. */
  readonly publicKey: string;

  private constructor(key: KeyObject) {
    this.#key = key;
    const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
    this.publicKey = toBase64Url(fromSpki('ed25519', der));
  }

  static generate(): SigningKey {
    return new SigningKey(generateKeyPairSync('ed25519').privateKey);
  }

  /** @throws CryptoError CONFIG_INVALID for text that is not an Ed25519 key in PEM PKCS#8 */
  static fromPem(pem: string): SigningKey {
    const key = parse(pem);
    if (key?.asymmetricKeyType === 'ed25519') return new SigningKey(key);
    throw new CryptoError('CONFIG_INVALID', {
      expected: 'an Ed25519 private key in PEM PKCS#8',
      got: key === null ? 'something else' : `a key of type ${String(key.asymmetricKeyType)}`,
      next: 'name the right key file, or make a new key and have it put into the roster',
    });
  }

  /**
   * Reads a key that `save` wrote.
   * @throws CryptoError CONFIG_INVALID where others may read the file (not checked on Windows) or it holds no such key
   */
  static async load(path: string): Promise<SigningKey> {
    const file = await open(path, 'r');
    try {
      const { mode } = await file.stat();
      if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
        throw new CryptoError('CONFIG_INVALID', {
          expected: `a key file that its owner alone may read (mode 600): ${path}`,
          got: `mode ${(mode & 0o777).toString(8)}`,
          next: `chmod 600 ${path}; if others could have read it, make a new key`,
        });
      }
      return SigningKey.fromPem(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  }

  /** Writes PEM PKCS#8 with mode 600. An existing file is never replaced (EEXIST). */
  async save(path: string): Promise<void> {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(this.#key.export({ format: 'pem', type: 'pkcs8' }));
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Ed25519 signature, 64 bytes. */
  readonly sign = (message: Uint8Array): Uint8Array => new Uint8Array(sign(null, message, this.#key));

  toJSON(): { publicKey: string } {
    return { publicKey: this.publicKey };
  }

  [inspect.custom](): string {
    return `SigningKey(${this.publicKey})`;
  }
}

function parse(pem: string): KeyObject | null {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    // the parser's message may quote what it read
    return null;
  }
}
