import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { durableFiles } from '../crypto/identity/durable-file.ts';
import { nodePrimitives, systemRandom } from '../crypto/identity/node-primitives.ts';
import { hashObject } from '../crypto/public/hash-object.ts';
import type { SignedEpoch } from '../crypto/public/epoch.ts';
import { EMPTY_LOG, appendEntry, headOf } from '../crypto/public/log.ts';
import { manifestHash } from '../crypto/public/manifest.ts';
import type { Transcript } from '../crypto/public/transcript.ts';
import { AnswerJournal } from '../crypto/secret/answer-journal.ts';
import { modelHash } from '../models/detection/model-hash.ts';
import { architectureOf, modelWith } from '../models/detection/models.ts';
import { decode, encode } from '../protocol/codec/codec.ts';
import { toCordonError } from '../protocol/errors.ts';
import { splitAdvertisement } from '../protocol/messages/advertisement.ts';
import type { EphemeralPublicMessage } from '../protocol/messages/ephemeral-public.ts';
import type { ClientMessage, State } from '../protocol/messages/control.ts';
import { SignedLogEntryMessage } from '../protocol/messages/log-entry.ts';
import type { UploadStatus } from '../protocol/messages/bulk.ts';
import type { ManifestMessage } from '../protocol/messages/manifest.ts';
import type { TrainTask } from '../protocol/task.ts';
import { AdvertisedKeys } from '../coordinator/rounds/advertised-keys.ts';
import { type LogStep, TestFederation, type TestRound } from './crypto-federation.ts';
import { TASK, bookOf, quietLogger } from './running-coordinator.ts';
import type { BulkClient } from '../participant/api/bulk-client.ts';
import { CommitteeSeat } from '../participant/committee/serve.ts';
import { RoundDiary } from '../participant/federation/diary.ts';
import { LogFollower } from '../participant/federation/log-follower.ts';
import { Member } from '../participant/federation/member.ts';
import { Outbox } from '../participant/federation/outbox.ts';
import { OwnStore } from '../participant/federation/own-store.ts';
import { RefutedSum } from '../participant/federation/refuted-sum.ts';
import { SumStore } from '../participant/federation/sum-store.ts';
import { SiteAnalytics } from '../participant/analytics/site-analytics.ts';
import { DEFAULT_POLICY, type SitePolicy } from '../participant/federation/site-policy.ts';

export const federation = new TestFederation(4);
export const RUN = 'run-0123456789abcdef';
export const OTHERS = ['org-2', 'org-3', 'org-4'];
const hashOf = (task: TrainTask) => hashObject(nodePrimitives, 'cordon/v1/task', task);
export const architecture = architectureOf(TASK.model);
const firstModel = (task: TrainTask) =>
  modelHash(nodePrimitives.sha256, architecture, modelWith(architecture).initialWeights(task.seed));

export const taskStep = (task: TrainTask, firstRound = 1, run = RUN): LogStep => [
  'task',
  { run, taskHash: hashOf(task), firstRound, task },
];

export function roundOf(number: number, task: TrainTask, changes: Partial<Transcript> = {}): TestRound {
  const { quantiser, deadlines } = task;
  return federation.round(number, {
    run: RUN,
    taskHash: hashOf(task),
    modelHash: firstModel(task),
    length: modelWith(architecture).length,
    layout: quantiser.layout,
    valueBits: quantiser.bits,
    quantiser: { clipNorm: quantiser.clipNorm, bits: quantiser.bits },
    kMin: task.kMin,
    deadline: { collectSeconds: deadlines.collectSeconds, graceSeconds: deadlines.graceSeconds },
    ...changes,
  });
}

export const ZERO_SUM = new Uint8Array(4 * modelWith(architecture).length);

export const uploads = (round: TestRound, members: readonly string[]) =>
  members.map((member) => round.upload(round.manifest(member)));

export const state = (phase: State['phase'], round: number, logSize: number, run = RUN): State => ({
  type: 'state',
  phase,
  run,
  round,
  step: 1,
  steps: 1,
  logSize,
  done: 0,
  expected: 4,
  waitingFor: [],
});

/**
 * A coordinator that signs whatever it likes: every log here has good hashes and signatures, and lies. With it the real
 * code of one member, org-1, and what it did.
 */
export class LyingCoordinator {
  folder = '';
  log: SignedLogEntryMessage[] = [];
  sent: ClientMessage[] = [];
  /** Epochs that it gives out. */
  offered: readonly SignedEpoch[] = federation.chain.epochs;
  trained = 0;
  /** While set, it takes updates of this round and gives a receipt that it writes nowhere. */
  receipting: TestRound | null = null;
  /** Shares that were asked for. */
  fetched = 0;
  advertised: EphemeralPublicMessage[] = [];

  static async start(): Promise<LyingCoordinator> {
    const self = new LyingCoordinator();
    self.folder = await mkdtemp(join(tmpdir(), 'cordon-hostile-'));
    return self;
  }

  async stop(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async memberWith(policy: Partial<SitePolicy> = {}, known = federation): Promise<Member> {
    const modules = {
      epochs: await bookOf(known),
      roster: federation.roster,
      member: 'org-1',
      primitives: nodePrimitives,
      random: systemRandom,
      sign: federation.key('org-1').sign,
      publicKey: federation.key('org-1').publicKey,
      elapsed: () => performance.now(),
      failpoint: () => false,
      logger: quietLogger(),
    };
    const plane = {
      log: (from: number) => Promise.resolve(this.log.slice(from, from + 50)),
      epoch: (number: number) => Promise.resolve(this.offered[number] ?? null),
      sum: () => Readable.from([ZERO_SUM]),
      auditWanted: () => Promise.resolve({ ranges: [] }),
      advertise: (body: Uint8Array) => {
        this.advertised.push(splitAdvertisement(body).key);
        return Promise.resolve();
      },
      pairs: () =>
        this.receipting
          ? Promise.resolve(pairsOf(this.receipting))
          : Promise.reject(new Error('no keys here')),
      shares: () => {
        this.fetched += 1;
        return Promise.reject(new Error('no shares here'));
      },
      beginUpload: (manifest: ManifestMessage) =>
        this.receipting
          ? Promise.resolve(this.receipt(manifest, this.receipting))
          : Promise.reject(new Error('no upload here')),
    } as unknown as BulkClient;
    const site = { ...DEFAULT_POLICY, ...policy };
    const analytics = await SiteAnalytics.open(this.folder, site, { ...modules, now: () => 0 });
    const diary = new RoundDiary(join(this.folder, 'rounds'), false);
    const journal = new AnswerJournal(join(this.folder, 'answers'), durableFiles);
    return new Member({
      ...modules,
      diary,
      bulk: plane,
      sums: new SumStore(join(this.folder, 'sums'), plane, nodePrimitives),
      own: new OwnStore(join(this.folder, 'own')),
      refuted: await RefutedSum.open(join(this.folder, 'refuted-sum.json')),
      policy: site,
      outbox: new Outbox(join(this.folder, 'outbox')),
      follower: await LogFollower.open(join(this.folder, 'head.json'), nodePrimitives, modules.epochs),
      seatIn: (roster) => CommitteeSeat.of({ ...modules, roster, bulk: plane, journal, diary }),
      token: () => 'token',
      send: (message) => void this.sent.push(message),
      ...analytics.forMember,
      isHandled: () => Promise.resolve(false),
      onFinished: () => Promise.resolve(),
      train: () => {
        this.trained += 1;
        return { values: new Uint32Array(modelWith(architecture).length), costs: {} };
      },
    });
  }

  private receipt(manifest: ManifestMessage, round: TestRound): UploadStatus {
    const [kind, body] = round.upload(manifest);
    const last = this.log.at(-1);
    const head = last ? headOf(last) : EMPTY_LOG;
    const entry = appendEntry(nodePrimitives, federation.coordinator.sign, head, { time: 1, kind, body });
    const receipt = decode(SignedLogEntryMessage, encode(entry));
    return { upload: manifestHash(nodePrimitives, manifest), offset: manifest.blobBytes, receipt };
  }

  /** Another log, for a member that has not seen one before. */
  async rewrite(...steps: readonly LogStep[]): Promise<void> {
    for (const name of ['head.json', 'head.recent.json']) await rm(join(this.folder, name), { force: true });
    this.write(...steps);
  }

  write(...steps: readonly LogStep[]): void {
    this.log = roundOf(1, TASK)
      .log(...steps)
      .map((entry) => decode(SignedLogEntryMessage, encode(entry)));
  }
}

/** The pairs of the round's committee for org-1. */
function pairsOf({ ephemerals, transcript }: TestRound): Uint8Array {
  const keys = new AdvertisedKeys({ primitives: nodePrimitives, roster: federation.roster });
  for (const key of ephemerals.values()) keys.put(key.public, key.keys);
  return keys.pairsFor('org-1', transcript.committee);
}

/** What came of it: `accepted`, or the code of what was thrown. */
export const code = (work: Promise<void>) =>
  work.then(
    () => 'accepted',
    (error: unknown) => toCordonError(error).code,
  );
