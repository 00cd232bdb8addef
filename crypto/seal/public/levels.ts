import type { ParmsIdType, SEALContext } from 'node-seal';
import { bytesOf } from './residues.ts';

/** One level of a context: so many primes are left. */
export interface Level extends Disposable {
  readonly primes: number;
  /** SEAL's name of the level, as a handle and as 32 bytes. */
  readonly parmsId: ParmsIdType;
  readonly parmsIdBytes: Uint8Array;
}

/**
 * The levels of a context: of its keys, then of its ciphertexts from the highest down to one prime. They belong to the
 * caller, who disposes of them before the context.
 */
export function levelsOf(context: SEALContext): { key: Level; data: readonly Level[] } {
  using stack = new DisposableStack();
  using keyData = context.keyContextData();
  const key = stack.use(level(keyData.parmsId(), keyPrimes(context)));
  const data: Level[] = [];
  let at = context.firstContextData();
  for (;;) {
    using current = at;
    data.push(stack.use(level(current.parmsId(), current.chainIndex() + 1)));
    if (current.chainIndex() === 0) break;
    at = current.nextContextData();
  }
  stack.move();
  return { key, data };
}

function keyPrimes(context: SEALContext): number {
  using data = context.keyContextData();
  return data.chainIndex() + 1;
}

function level(parmsId: ParmsIdType, primes: number): Level {
  const words: unknown = parmsId.values();
  if (!(words instanceof BigUint64Array)) throw new TypeError('SEAL names a level by a BigUint64Array');
  return {
    primes,
    parmsId,
    parmsIdBytes: Uint8Array.from(bytesOf(words)),
    [Symbol.dispose]: () => parmsId.delete(),
  };
}
