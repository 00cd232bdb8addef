import { createHash } from 'node:crypto';
import { CryptoError } from '../../public/errors.ts';
import { SecretStream } from '../key-stream.ts';
import { type MovableSecrets, VectorEncryption } from '../vector-encryption.ts';
import { type FromThread, type ToThread, placeIn } from './messages.ts';

/** What the public polynomials are expanded with. Their key is public; the stream's care for it does no harm. */
const primitives = {
  sha256: (...parts: readonly Uint8Array[]): Uint8Array => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  keyStream: (key: Uint8Array) => {
    const stream = new SecretStream(key);
    return (iv: Uint8Array, out: Uint8Array): void => {
      stream.write(iv, out);
    };
  },
};

/**
 * A thread's part in the encryption of vectors, one after the other: it is given secrets, encrypts the chunks it is
 * asked for, and at the end wipes the secrets, the kernels' memory and every place in shared memory that it was given.
 * @param reply may be called before this returns
 * @returns what takes the messages
 */
export function serveEncryption(reply: (message: FromThread) => void): (message: ToThread) => void {
  let vector: { encryption: VectorEncryption; secrets: MovableSecrets; shared: SharedArrayBuffer } | null =
    null;
  const end = (): void => {
    vector?.encryption.end();
    vector?.secrets.hat.fill(0);
    vector = null;
  };
  return (message) => {
    if (message.type === 'begin') {
      end();
      const { secrets, shape, shared } = message;
      vector = { encryption: new VectorEncryption(primitives, secrets, shape), secrets, shared };
      secrets.noiseSeed.fill(0);
      return;
    }
    if (message.type === 'end') {
      end();
      reply({ type: 'ended' });
      return;
    }
    const { index, place, count } = message;
    if (vector === null) {
      reply({ type: 'failed', index, refusal: null, text: 'a chunk of a vector that has not begun' });
      return;
    }
    const { values, packed } = placeIn(vector.shared, place);
    let answer: FromThread = { type: 'packed', index, place };
    try {
      packed.set(vector.encryption.chunk(index, values.subarray(0, count)));
    } catch (error) {
      end();
      answer = { type: 'failed', index, ...told(error) };
    }
    values.fill(0, 0, count); // before the reply: with it the place is the other side's again
    reply(answer);
  };
}

function told(error: unknown): Pick<FromThread & { type: 'failed' }, 'refusal' | 'text'> {
  if (!(error instanceof CryptoError)) return { refusal: null, text: String(error) };
  const { code, expected, got, next } = error;
  return { refusal: { code, expected, got, next }, text: error.message };
}
