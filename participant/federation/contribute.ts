import { verifyEntry } from '../../crypto/public/log.ts';
import { manifestHash } from '../../crypto/public/manifest.ts';
import { type Transcript, transcriptHash, verifyTranscript } from '../../crypto/public/transcript.ts';
import { weightCount } from '../../models/detection/architecture.ts';
import { CordonError } from '../../protocol/errors.ts';
import { BULK_LIMITS } from '../../protocol/messages/bulk.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { ManifestMessage } from '../../protocol/messages/manifest.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import type { ParticipantModules } from '../modules.ts';
import { type Costs, type RoundDiary } from './diary.ts';
import { encryptUpdate } from './encrypt-update.ts';
import type { Outbox } from './outbox.ts';
import type { RunView } from './run-view.ts';
import { type SitePolicy, checkPolicy } from './site-policy.ts';

/** Local training of one round: quantised values of the task's length. */
export type LocalTraining = (
  weights: Float32Array,
  run: RunView,
  round: number,
) => { readonly values: Uint32Array; readonly costs: Partial<Costs> };

export interface ContributeModules extends ParticipantModules {
  readonly bulk: BulkClient;
  readonly outbox: Outbox;
  readonly diary: RoundDiary;
  readonly policy: SitePolicy;
  readonly train: LocalTraining;
}

/**
 * A member's contribution to one round: check everything, train, encrypt to disk, upload, keep the receipt.
 * Called again after any interruption it goes on where it was, with the same bytes.
 * @returns hash of the manifest that the coordinator has given a receipt for
 * @throws CordonError POLICY_REFUSED, TRANSCRIPT_INVALID, MODEL_MISMATCH, NOT_FINITE, ROUND_CLOSED, ...; CryptoError
 */
export async function contribute(
  transcript: Transcript,
  run: RunView,
  modules: ContributeModules,
): Promise<string> {
  const { primitives, outbox, failpoint } = modules;
  const { round } = transcript;
  verifyTranscript(primitives, transcript, modules.roster);
  checkPolicy(modules.policy, run.task);
  const digest = transcriptHash(primitives, transcript);
  const manifest = (await outbox.manifest(round, digest)) ?? (await make(transcript, run, modules));
  failpoint('participant.before-upload', round);
  const started = modules.elapsed();
  const receipt = await upload(manifest, modules);
  checkReceipt(receipt, manifest, modules);
  await modules.diary.record(round, { uploadMs: modules.elapsed() - started, bytesUp: manifest.blobBytes });
  failpoint('participant.after-upload', round);
  return manifestHash(primitives, manifest);
}

async function make(
  transcript: Transcript,
  run: RunView,
  modules: ContributeModules,
): Promise<ManifestMessage> {
  const { outbox, diary, bulk } = modules;
  const { round } = transcript;
  const model = await run.model(bulk);
  checkTask(transcript, run, model.hash);
  const { values, costs } = modules.train(model.weights, run, round);
  await diary.recordVector(round, values);
  const started = modules.elapsed();
  const manifest = await encryptUpdate(values, transcript, await outbox.createBlob(round), modules);
  const stored: ManifestMessage = { ...manifest, shares: [...manifest.shares] };
  await outbox.saveManifest(stored);
  await diary.record(round, { ...costs, encryptMs: modules.elapsed() - started });
  return stored;
}

/** The transcript must say what the task says, and name the model that this member computed itself. */
function checkTask(transcript: Transcript, run: RunView, model: string): void {
  const { task } = run;
  const pairs: readonly [string, unknown, unknown][] = [
    ['run', run.run, transcript.run],
    ['task', run.taskHash, transcript.taskHash],
    ['length', weightCount(run.architecture), transcript.length],
    ['layout', task.quantiser.layout, transcript.layout],
    ['bits of a value', task.quantiser.bits, transcript.valueBits],
    ['bits of the quantiser', task.quantiser.bits, transcript.quantiser.bits],
    ['clip norm', task.quantiser.clipNorm, transcript.quantiser.clipNorm],
    ['floor of contributors', task.kMin, transcript.kMin],
    ['seconds to collect', task.deadlines.collectSeconds, transcript.deadline.collectSeconds],
    ['seconds of grace', task.deadlines.graceSeconds, transcript.deadline.graceSeconds],
  ];
  for (const [what, expected, got] of pairs) {
    if (expected === got) continue;
    throw new CordonError('TRANSCRIPT_INVALID', {
      expected: `${what} ${String(expected)} as in the task`,
      got: String(got),
      next: 'take no part; the coordinator announces another round than the task describes',
    });
  }
  const step = run.step(transcript.round);
  if (step < 1 || step > task.rounds) {
    throw new CordonError('STALE_ROUND', {
      expected: `a round from ${run.firstRound} to ${run.firstRound + task.rounds - 1}`,
      got: String(transcript.round),
      next: 'take no part; the round is not one of this run',
    });
  }
  if (model === transcript.modelHash) return;
  throw new CordonError('MODEL_MISMATCH', {
    expected: `model ${model}, which this member computed from the sums`,
    got: transcript.modelHash,
    next: 'take no part; a chosen model could be made to read individuals out of sums',
  });
}

async function upload(manifest: ManifestMessage, modules: ContributeModules): Promise<SignedLogEntryMessage> {
  const { bulk, outbox } = modules;
  let status = await bulk.beginUpload(manifest);
  while (status.receipt === null) {
    const length = Math.min(BULK_LIMITS.block, manifest.blobBytes - status.offset);
    if (length <= 0) throw noReceipt();
    status = await bulk.sendBlock(status.upload, outbox.blobPath(manifest.round), status.offset, length);
  }
  return status.receipt;
}

function checkReceipt(
  receipt: SignedLogEntryMessage,
  manifest: ManifestMessage,
  modules: ContributeModules,
): void {
  verifyEntry(modules.primitives, receipt, modules.roster.coordinatorKey);
  const { entry } = receipt;
  if (entry.kind !== 'upload' || entry.body.manifestHash !== manifestHash(modules.primitives, manifest)) {
    throw noReceipt();
  }
}

function noReceipt(): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: 'a signed receipt for this upload',
    got: 'none, or one for something else',
    next: 'the participant asks again; if it stays so, the coordinator is at fault',
  });
}
