import { verifyEntry } from '../../crypto/public/log.ts';
import { type Manifest, manifestHash } from '../../crypto/public/manifest.ts';
import { type Transcript, transcriptHash, verifyTranscript } from '../../crypto/public/transcript.ts';
import type { ValueSource } from '../../crypto/secret/encrypt.ts';
import type { RoundStart } from '../../models/federated/own-state.ts';
import { CordonError } from '../../protocol/errors.ts';
import { BULK_LIMITS } from '../../protocol/messages/bulk.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { ManifestMessage } from '../../protocol/messages/manifest.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import type { ParticipantModules } from '../modules.ts';
import type { Costs, RoundDiary } from './diary.ts';
import { checkRound } from './check-round.ts';
import { encryptUpdate } from './encrypt-update.ts';
import { ownPairs } from './own-pairs.ts';
import type { Outbox } from './outbox.ts';
import type { OwnStore } from './own-store.ts';
import type { RunView } from './run-view.ts';
import { SketchRun } from './sketch-run.ts';
import { TrainingRun } from './training-run.ts';
import type { SumStore } from './sum-store.ts';
import { type SitePolicy, checkPolicy, checkShares } from './site-policy.ts';

/** Local training of one round: quantised values of the task's length, and what the member keeps to itself. */
export type LocalTraining = (
  start: RoundStart,
  run: TrainingRun,
  round: number,
) => Trained | Promise<Trained>;

/** This member's sketch of a round's period, noised. */
export type LocalSketch = (run: SketchRun, round: number) => Trained | Promise<Trained>;

interface Trained {
  readonly values: Uint32Array | ValueSource;
  readonly costs: Partial<Costs>;
  /** Once the values are in the sum; nothing where it is left out. */
  readonly own?: Float32Array | null;
}

export interface ContributeModules extends ParticipantModules {
  readonly bulk: BulkClient;
  readonly sums: SumStore;
  readonly own: OwnStore;
  readonly outbox: Outbox;
  readonly diary: RoundDiary;
  readonly policy: SitePolicy;
  readonly train: LocalTraining;
  readonly sketch: LocalSketch;
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
  const { outbox, diary, sums } = modules;
  const { round } = transcript;
  checkRound(transcript, run, await run.standing(sums), modules.policy);
  // On their way while this member trains.
  const pairs = ownPairs(transcript, modules);
  pairs.catch(() => undefined);
  const { values, costs, own: ownState } = await makeValues(run, round, modules);
  try {
    // Before the update is on disk, and so before it leaves: whatever is in a sum has its counterpart here.
    if (run instanceof TrainingRun) await run.keepOwn(modules.own, round, ownState ?? null);
    await diary.recordVector(round, values);
    const started = modules.elapsed();
    // Training is long: a link that broke at its beginning may stand again.
    const own = await pairs.catch(() => ownPairs(transcript, modules));
    const manifest = await encryptToDisk(values, transcript, own, modules);
    const stored: ManifestMessage = { ...manifest, shares: [...manifest.shares] };
    await outbox.saveManifest(stored);
    diary.note(round, { ...costs, encryptMs: modules.elapsed() - started });
    return stored;
  } finally {
    if (!(values instanceof Uint32Array)) values.erase?.();
  }
}

async function makeValues(run: RunView, round: number, modules: ContributeModules): Promise<Trained> {
  if (run instanceof SketchRun) {
    checkShares(run.task, modules.roster.cRoster);
    return modules.sketch(run, round);
  }
  if (!(run instanceof TrainingRun)) throw new TypeError('a run of no known kind');
  return modules.train(await run.start(modules), run, round);
}

async function encryptToDisk(
  values: Trained['values'],
  transcript: Transcript,
  pairs: readonly Uint8Array[],
  modules: ContributeModules,
): Promise<Manifest> {
  const blob = modules.outbox.createBlob(transcript.round);
  try {
    return await encryptUpdate(values, transcript, pairs, blob, modules);
  } finally {
    blob.close();
  }
}

async function upload(manifest: ManifestMessage, modules: ContributeModules): Promise<SignedLogEntryMessage> {
  const { bulk, outbox } = modules;
  let status = await bulk.beginUpload(manifest);
  while (status.receipt === null) {
    const { offset } = status;
    const length = Math.min(BULK_LIMITS.block, manifest.blobBytes - offset);
    if (length <= 0) throw noProgress();
    status = await bulk.sendBlock(status.upload, outbox.blobPath(manifest.round), offset, length);
    // A coordinator that never gets further could keep a member sending for ever.
    if (status.receipt === null && status.offset <= offset) throw noProgress();
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

function noProgress(): CordonError {
  return new CordonError('COORDINATOR_UNREACHABLE', {
    expected: 'an upload that gets further, or a receipt',
    got: 'neither',
    next: 'the participant tries again by itself; if it stays so, ask the operator of the coordinator',
  });
}

function noReceipt(): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: 'a signed receipt for this upload',
    got: 'none, or one for something else',
    next: 'the participant asks again; if it stays so, the coordinator is at fault',
  });
}
