import type { CryptoErrorCode } from '../../public/errors.ts';
import { CHUNK_BYTES, N } from '../../public/params.ts';
import type { MovableSecrets, VectorShape } from '../vector-encryption.ts';

/** Greatest number of values of a chunk, and room for them and the packed chunk in shared memory. */
const MOST_VALUES = 6 * N;
const PLACE_BYTES = MOST_VALUES * 4 + CHUNK_BYTES;

/** From the owner of a vector to a thread. `begin` moves the secrets, so that the sender keeps none. */
export type ToThread =
  | {
      readonly type: 'begin';
      readonly secrets: MovableSecrets;
      readonly shape: VectorShape;
      readonly shared: SharedArrayBuffer;
    }
  | { readonly type: 'chunk'; readonly index: number; readonly place: number; readonly count: number }
  | { readonly type: 'end' };

/** Fields of a CryptoError: errors lose their class between threads. */
export interface Refusal {
  readonly code: CryptoErrorCode;
  readonly expected: string;
  readonly got: string;
  readonly next: string;
}

/** From a thread. Every `chunk` is answered by `packed` or `failed`, every `end` by `ended`. */
export type FromThread =
  | { readonly type: 'packed'; readonly index: number; readonly place: number }
  | {
      readonly type: 'failed';
      readonly index: number;
      readonly refusal: Refusal | null;
      readonly text: string;
    }
  | { readonly type: 'ended' };

/** Where one chunk's values go in and its packed bytes come out. */
export interface SharedPlace {
  /** Secret: the thread overwrites them once they are encrypted. */
  readonly values: Uint32Array;
  readonly packed: Uint8Array;
}

export function sharedMemory(places: number): SharedArrayBuffer {
  return new SharedArrayBuffer(places * PLACE_BYTES);
}

export function placeIn(shared: SharedArrayBuffer, place: number): SharedPlace {
  const from = place * PLACE_BYTES;
  return {
    values: new Uint32Array(shared, from, MOST_VALUES),
    packed: new Uint8Array(shared, from + MOST_VALUES * 4, CHUNK_BYTES),
  };
}
