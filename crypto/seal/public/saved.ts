import type { ComprModeType } from 'node-seal';
import type { Seal } from './runtime.ts';

interface Saves {
  saveToArray(mode: ComprModeType): unknown;
}

/** What SEAL saves of an object, uncompressed; see `serial.ts` for the form. */
export function savedBytes(seal: Seal, object: Saves): Uint8Array {
  const bytes = object.saveToArray(seal.ComprModeType.none);
  if (!(bytes instanceof Uint8Array)) throw new TypeError('SEAL saves to a Uint8Array');
  return bytes;
}
