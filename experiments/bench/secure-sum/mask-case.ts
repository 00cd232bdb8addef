import { createCipheriv, randomBytes } from 'node:crypto';
import type { OwnCase } from '../measure.ts';
import { assertSum, plainSum } from './seeded-values.ts';

/** Key stream made at a time: stays in the second-level cache. */
const BLOCK = 1 << 16;

/**
 * SecAgg+ (Bell et al. 2020) for one neighbour: a shared seed expanded to a mask of 32-bit words, added by one of the two
 * and subtracted by the other. AES-128-CTR, because that is the fastest generator that Node has; the key agreement and the
 * sharing of seeds, which do not depend on the length, are left out.
 */
export function maskCase(vectors: readonly Uint32Array[]): OwnCase {
  const [first = new Uint32Array(), second = new Uint32Array()] = vectors;
  const expected = plainSum([first, second]);
  const seed = randomBytes(16);
  let masked: Uint32Array = new Uint32Array();
  return {
    name: 'secaggplus.mask_ms_per_neighbour',
    clock: 'cpu',
    note: 'one pairwise mask of 32-bit words from a seed (AES-128-CTR of OpenSSL) added to the vector; a member does this for each of its neighbours, and again what is unmasked after drop-outs; key agreement and seed sharing not counted',
    before: () => {
      masked = first.slice();
    },
    run: () => addMask(masked, seed, 1),
    after: () => {
      const other = second.slice();
      addMask(other, seed, -1);
      assertSum('secaggplus', plainSum([masked, other]), expected);
    },
  };
}

function addMask(values: Uint32Array, seed: Uint8Array, sign: 1 | -1): void {
  const cipher = createCipheriv('aes-128-ctr', seed, new Uint8Array(16));
  const zeros = new Uint8Array(BLOCK);
  for (let from = 0; from < values.length; from += BLOCK / 4) {
    const stream = cipher.update(zeros);
    const mask = new Uint32Array(stream.buffer, stream.byteOffset, stream.byteLength >> 2);
    const block = values.subarray(from, from + BLOCK / 4);
    if (sign === 1) for (let i = 0; i < block.length; i++) block[i] = (block[i] ?? 0) + (mask[i] ?? 0);
    else for (let i = 0; i < block.length; i++) block[i] = (block[i] ?? 0) - (mask[i] ?? 0);
  }
}
