import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { fromHex, toHex, uint32ToBytes } from '../../crypto/public/encoding.ts';
import { interpolateAnswers } from '../../crypto/public/key-sum.ts';
import { openSum } from '../../crypto/public/open-sum.ts';
import { chunksFor, noiseBound } from '../../crypto/public/params.ts';
import { SumTree } from '../../crypto/public/sum-tree.ts';
import type { AnswerMessage } from '../../protocol/messages/answer.ts';
import type { CoordinatorModules } from '../modules.ts';
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
 * Interpolates the key sum from the answers, sums the ciphertexts, opens each finished chunk with its noise check and
 * appends its values to the sum's file. The file counts only when every chunk passed; nothing is held whole.
 * @throws CryptoError COMMITTEE_UNAVAILABLE, ANSWER_INVALID, NOISE_CHECK_FAILED, ENCODING_INVALID; CordonError BLOB_CORRUPT
 */
export async function openRound(
  set: ContributorSet,
  answers: readonly AnswerMessage[],
  modules: CoordinatorModules,
): Promise<OpenedSum> {
  const { primitives, rounds, uploads, elapsed } = modules;
  const { transcript, contributors } = set;
  const { round, layout, length } = transcript;
  const members = contributors.length;
  const started = elapsed();
  const { keySum, wrong } = interpolateAnswers(modules.roster.threshold, answers, members);
  if (wrong.length > 0) {
    const named = wrong.map((index) => modules.roster.committee[index - 1]);
    modules.logger.error({ members: named }, 'wrong answers of committee members, left out');
  }
  const transcriptHash = fromHex(set.transcriptHash, 32);
  const opening = openSum(primitives, { transcriptHash, keySum, members, layout, length });
  let openMs = elapsed() - started;
  const sources = contributors.map(({ manifest }) => ({ manifest, path: uploads.path(manifest) }));
  if (modules.failpoint('coordinator.blob', round)) await damage(sources[0]?.path ?? '');
  const [hash, tree] = [createHash('sha256'), new SumTree(primitives, layout)];
  const file = await rounds.createSum();
  try {
    await sumUploads(sources, chunksFor(length, layout), async (index, packedSum) => {
      const before = elapsed();
      const bytes = uint32ToBytes(opening.openChunk(index, packedSum));
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
  return {
    keySum,
    sumHash: hash.digest('hex'),
    sumRoot: toHex(tree.root()),
    sumBytes: 4 * length,
    sumMs: elapsed() - started - openMs,
    openMs,
    noise: { greatest: opening.greatestNoise(), bound: noiseBound(members) },
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
