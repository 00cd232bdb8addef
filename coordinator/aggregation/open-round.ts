import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fromHex, uint32ToBytes } from '../../crypto/public/encoding.ts';
import { interpolateAnswers } from '../../crypto/public/key-sum.ts';
import { openSum } from '../../crypto/public/open-sum.ts';
import { noiseBound } from '../../crypto/public/params.ts';
import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import type { AnswerMessage } from '../../protocol/messages/answer.ts';
import type { CoordinatorModules } from '../modules.ts';
import { sumUploads } from './sum-uploads.ts';

export interface OpenedSum {
  readonly keySum: Int32Array;
  readonly values: Uint32Array;
  readonly sumHash: string;
  readonly sumMs: number;
  readonly openMs: number;
  readonly noise: { readonly greatest: number; readonly bound: number };
}

/**
 * Interpolates the key sum from the answers, sums the ciphertexts, opens the sum with its noise check and stores it.
 * Nothing is stored unless every chunk passed.
 * @throws CryptoError COMMITTEE_UNAVAILABLE, ANSWER_INVALID, NOISE_CHECK_FAILED, ENCODING_INVALID; CordonError BLOB_CORRUPT
 */
export async function openRound(
  set: ContributorSet,
  answers: readonly AnswerMessage[],
  modules: CoordinatorModules,
): Promise<OpenedSum> {
  const { transcript, contributors } = set;
  const { round, layout, length } = transcript;
  const members = contributors.length;
  const started = modules.elapsed();
  const { keySum, wrong } = interpolateAnswers(modules.roster.threshold, answers, members);
  if (wrong.length > 0) {
    const named = wrong.map((index) => modules.roster.committee[index - 1]);
    modules.logger.error({ members: named }, 'wrong answers of committee members, left out');
  }
  const opening = openSum(modules.primitives, {
    transcriptHash: fromHex(set.transcriptHash, 32),
    keySum,
    members,
    layout,
    length,
  });
  let openMs = modules.elapsed() - started;
  const values = new Uint32Array(length);
  let filled = 0;
  const sources = contributors.map(({ manifest }) => ({ manifest, path: modules.uploads.path(manifest) }));
  if (modules.failpoint('coordinator.blob', round)) await damage(sources[0]?.path ?? '');
  await sumUploads(sources, contributors[0]?.manifest.chunks ?? 0, (index, packedSum) => {
    const before = modules.elapsed();
    const opened = opening.openChunk(index, packedSum);
    values.set(opened, filled);
    filled += opened.length;
    openMs += modules.elapsed() - before;
    return Promise.resolve();
  });
  const bytes = uint32ToBytes(values);
  await modules.rounds.saveSum(round, bytes);
  return {
    keySum,
    values,
    sumHash: createHash('sha256').update(bytes).digest('hex'),
    sumMs: modules.elapsed() - started - openMs,
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
