import { createHash, timingSafeEqual } from 'node:crypto';
import { open } from 'node:fs/promises';
import { CordonError, toCordonError } from '../../protocol/errors.ts';

/** Permission bits of group and others. */
const OTHERS = 0o077;
const LEAST_LENGTH = 32;
const MOST_LENGTH = 4096;

/** What a sender shows; held as a digest. */
export class Token {
  readonly #digest: Buffer;

  private constructor(text: string) {
    this.#digest = digest(text);
  }

  /**
   * @throws CordonError DATA_NOT_FOUND; CONFIG_INVALID where others may read the file (not checked on Windows) or it holds
   * too little
   */
  static async load(path: string): Promise<Token> {
    const file = await open(path, 'r').catch((error: unknown) => {
      const { code, got } = toCordonError(error);
      throw new CordonError(
        code,
        {
          expected: `the token that senders of events show (live.tokenFile) in ${path}`,
          got,
          next: `write one: (umask 077; openssl rand -hex 32 > ${path}); or leave live.tokenFile out`,
        },
        { cause: error },
      );
    });
    try {
      const { mode, size } = await file.stat();
      if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
        throw new CordonError('CONFIG_INVALID', {
          expected: `a token file that its owner alone may read (mode 600): ${path}`,
          got: `mode ${(mode & 0o777).toString(8)}`,
          next: `chmod 600 ${path}; if others could have read it, write a new token`,
        });
      }
      const text = size > MOST_LENGTH ? '' : (await file.readFile('utf8')).trim();
      if (text.length >= LEAST_LENGTH && /^[\x21-\x7e]+$/.test(text)) return new Token(text);
      throw new CordonError('CONFIG_INVALID', {
        expected: `one line of at least ${LEAST_LENGTH} printable characters without spaces in ${path}`,
        got: 'something else',
        next: `write a new one, for example with: openssl rand -hex 32 > ${path}`,
      });
    } finally {
      await file.close();
    }
  }

  /** Whether an `Authorization` header shows it; takes as long for a wrong one as for the right one. */
  isShownBy(header: string | undefined): boolean {
    const shown = /^Bearer (\S+)$/.exec(header ?? '')?.[1];
    return shown !== undefined && timingSafeEqual(digest(shown), this.#digest);
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
