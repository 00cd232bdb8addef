import { SecretStream } from '../../crypto/secret/key-stream.ts';
import type { RoundingBits } from '../../models/detection/rounding.ts';

/** `RoundingBits` that hold a seed. */
export interface SeededRoundingBits extends RoundingBits {
  /** Forgets the seed: nothing more can be had. */
  erase(): void;
}

/**
 * Random numbers of roundings from a seed of 32 bytes: AES-256-CTR, counter blocks of the draw (u32, big-endian), four zero
 * bytes and the number of the block (u64, big-endian); four little-endian words a block. Who knows the seed knows how a
 * site's values were rounded, so it stays secret, like the values.
 */
export function roundingBits(seed: Uint8Array): SeededRoundingBits {
  const stream = new SecretStream(seed);
  return {
    fill(draw, from, out) {
      const start = new Uint8Array(16);
      const view = new DataView(start.buffer);
      view.setUint32(0, draw);
      view.setBigUint64(8, BigInt(from / 4));
      stream.write(start, new Uint8Array(out.buffer, out.byteOffset, out.byteLength));
    },
    erase: () => {
      stream.erase();
    },
  };
}
