import initialize from 'node-seal';
import type { MainModule } from 'node-seal';
import { CryptoError } from '../../public/errors.ts';

/** Microsoft SEAL 4.1 as WebAssembly. Everything it makes must be disposed of: `using x = new seal.Ciphertext()`. */
export type Seal = MainModule;

let loading: Promise<Seal> | null = null;

/**
 * SEAL, loaded once a process. Its generators take their seeds from `crypto.getRandomValues`, the system's source: a test
 * watches the call. The build is the one that throws where a result would be transparent (readable without any key).
 */
export function loadSeal(): Promise<Seal> {
  loading ??= initialize();
  return loading;
}

/** Fills a new SEAL object and gives it to the caller, who owns it; on any error it is disposed of. */
export function filled<T extends Disposable>(object: T, fill: (object: T) => void): T {
  try {
    fill(object);
    return object;
  } catch (error) {
    object[Symbol.dispose]();
    throw error;
  }
}

/** What WebAssembly exceptions of SEAL carry, and what frees them. */
interface SealException {
  readonly message?: readonly unknown[];
}
interface ExceptionSupport {
  decrementExceptionRefcount(exception: unknown): void;
}

/**
 * Runs a call of SEAL on something that came from outside and turns SEAL's refusal into an error of ours; the exception
 * object in the WebAssembly heap is freed.
 * @throws CryptoError ENCODING_INVALID where SEAL refuses
 */
export function accepted<T>(seal: Seal, what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error) throw error;
    const message = (error as SealException).message?.[1];
    (seal as unknown as ExceptionSupport).decrementExceptionRefcount(error);
    throw new CryptoError('ENCODING_INVALID', {
      expected: `${what} that SEAL accepts`,
      got: typeof message === 'string' ? message : 'an exception',
      next: 'refuse the message it came in',
    });
  }
}
