import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fromBase64Url, fromHex } from '../../crypto/public/encoding.ts';
import {
  type ShareSum,
  findWrongAnswers,
  interpolateKeySum,
  unpackShare,
} from '../../crypto/public/key-shares.ts';
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
  const keySum = interpolateKeySum(modules.roster.threshold, consistent(answers, modules), members);
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
  const bytes = littleEndianUint32(values);
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

/** The answers without those that are certainly wrong; contradictions that name nobody are left for the interpolation to refuse. */
function consistent(answers: readonly AnswerMessage[], { roster, logger }: CoordinatorModules): ShareSum[] {
  const sums = answers.map(({ committeeIndex, shares }) => ({
    committeeIndex,
    shareSum: unpackShare(fromBase64Url(shares)),
  }));
  const wrong = findWrongAnswers(roster.threshold, sums) ?? [];
  if (wrong.length === 0) return sums;
  const members = wrong.map((index) => roster.committee[index - 1]);
  logger.error({ members }, 'wrong answers of committee members, left out');
  return sums.filter(({ committeeIndex }) => !wrong.includes(committeeIndex));
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

/** Little-endian bytes on any machine. */
export function littleEndianUint32(values: Uint32Array | Int32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(i * 4, value, true);
  });
  return bytes;
}
