import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { toHex, uint32ToBytes } from '../../crypto/public/encoding.ts';
import type { ShareSum } from '../../crypto/public/key-shares.ts';
import { chunksFor, noiseBound } from '../../crypto/public/params.ts';
import { SumTree } from '../../crypto/public/sum-tree.ts';
import type { CoordinatorModules } from '../modules.ts';
import { type OpenedKey, openKey } from './open-key.ts';
import { sumUploads } from './sum-uploads.ts';

export interface OpenedSum {
  readonly keySum: Int32Array;
  /** SHA-256 of the values as little-endian 32-bit numbers, hex. */
  readonly sumHash: string;
  /** Merkle root over the value chunks, hex. */
  readonly sumRoot: string;
  readonly sumBytes: number;
  readonly sumMs: number;
  readonly openMs: number;
  readonly noise: { readonly greatest: number; readonly bound: number };
}

/**
 * Sums the ciphertexts, interpolates the key sum from the answers, opens each finished chunk with its noise check and
 * appends its values to the sum's file. The file counts only when every chunk passed; nothing is held whole.
 * @throws CryptoError COMMITTEE_UNAVAILABLE, ANSWER_INVALID, NOISE_CHECK_FAILED, ENCODING_INVALID; CordonError BLOB_CORRUPT
 */
export async function openRound(
  set: ContributorSet,
  answers: readonly ShareSum[],
  modules: CoordinatorModules,
): Promise<OpenedSum> {
  const { primitives, rounds, uploads, elapsed } = modules;
  const { transcript, contributors } = set;
  const { round, layout, length } = transcript;
  const members = contributors.length;
  const started = elapsed();
  let openMs = 0;
  const found: { key?: OpenedKey } = {};
  const sources = contributors.map(({ manifest }) => ({ manifest, path: uploads.path(manifest) }));
  if (modules.failpoint('coordinator.blob', round)) await damage(sources[0]?.path ?? '');
  const [hash, tree] = [createHash('sha256'), new SumTree(primitives, layout)];
  const file = await rounds.createSum();
  try {
    await sumUploads(sources, chunksFor(length, layout), async (index, packedSum) => {
      const before = elapsed();
      const { opener } = (found.key ??= openKey(set, answers, packedSum, modules));
      const bytes = uint32ToBytes(opener.openChunk(index, packedSum));
      // A coordinator that cheats, for the tests of the audit: all that it says of this sum is consistent.
      if (index === 0 && modules.failpoint('coordinator.wrong-sum', round)) bytes[0] = (bytes[0] ?? 0) ^ 1;
      hash.update(bytes);
      tree.update(bytes);
      openMs += elapsed() - before;
      await file.write(bytes);
    });
    await file.seal(rounds.sumPath(round), true);
  } finally {
    await file.discard();
  }
  const { key } = found;
  if (!key) throw new Error('a sum without a chunk');
  return {
    keySum: key.keySum,
    sumHash: hash.digest('hex'),
    sumRoot: toHex(tree.root()),
    sumBytes: 4 * length,
    sumMs: elapsed() - started - openMs,
    openMs,
    noise: { greatest: key.opener.greatestNoise(), bound: noiseBound(members) },
  };
}

/** Bit rot on purpose, for the tests of the digests. */
async function damage(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const byte = new Uint8Array(1);
  await file.read(byte, 0, 1, 1000);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, 1000);
  await file.close();
}
