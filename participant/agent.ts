import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { durableFiles, readIfThere, writeDurably } from '../crypto/identity/durable-file.ts';
import { makeFolder } from '../crypto/identity/make-folder.ts';
import { lockFolder } from '../crypto/identity/process-lock.ts';
import { AnswerJournal } from '../crypto/secret/answer-journal.ts';
import { float32ToBytes } from '../models/detection/model-hash.ts';
import { type CordonError, toCordonError } from '../protocol/errors.ts';
import type { AuthEvent } from '../protocol/events/canonical.ts';
import { BulkClient } from './api/bulk-client.ts';
import { Connection } from './api/connection.ts';
import { Inbox } from './api/inbox.ts';
import { Backoff } from './api/reconnect.ts';
import { RemoteRefusal } from './api/remote-refusal.ts';
import { CommitteeSeat } from './committee/serve.ts';
import type { ParticipantConfig } from './config.ts';
import type { LocalTraining } from './federation/contribute.ts';
import { EpochBook, checkMembership, EPOCHS_FILE } from './federation/epoch-book.ts';
import { RoundDiary } from './federation/diary.ts';
import { LogFollower } from './federation/log-follower.ts';
import { Member } from './federation/member.ts';
import { Outbox } from './federation/outbox.ts';
import { OwnStore } from './federation/own-store.ts';
import { RefutedSum } from './federation/refuted-sum.ts';
import { SumStore } from './federation/sum-store.ts';
import { SiteAnalytics } from './analytics/site-analytics.ts';
import { FederatedExtractor } from './features/edge-v2.ts';
import type { TrainingRun } from './federation/training-run.ts';
import { federatedVersion } from './models/federated-version.ts';
import type { RunRecord } from './models/run-record.ts';
import { VersionStore } from './models/version-store.ts';
import type { ParticipantDependencies, ParticipantModules } from './modules.ts';
import { openTelemetry, type Telemetry } from './live/open-telemetry.ts';
import { type SiteSummary, prepareFiles } from './telemetry/prepare.ts';
import type { SiteData } from './train/site-data.ts';
import { topAlerts } from './train/top-alerts.ts';
import { quantisedRoundInTurns } from './train/local-update.ts';

export interface AgentOptions {
  readonly config: ParticipantConfig;
  /** Seed of sampling and rounding at this site; secret, like the update. */
  readonly seed: number | string;
  /** Ends the participant; it finishes what it is doing. */
  readonly signal: AbortSignal;
  readonly onPrepared: (summary: SiteSummary) => void;
  readonly onConnected: () => void;
}

/** Alerts that a finished run leaves for the analyst. */
const ALERTS = 20;
/** While a round is open this member looks again at least this often, should a message have been lost. */
const LOOK_AGAIN_MS = 2000;

/**
 * A participant, in the order of the data's way: telemetry, twin and features first; then, for every round, local
 * training, clipping and quantising, encryption, upload; at the end the model it has verified itself and its alerts.
 * Runs until the signal; a lost link is taken up again for ever.
 *
 * What ends it: at the first connection of the process also what comes unsigned (another version, another consortium, a
 * welcome that does not verify), since somebody has then configured something wrong. Once the coordinator has proven
 * itself, nothing that comes over the wire before its signed welcome ends anything any more: whoever holds the address
 * while the coordinator restarts can say all of that. It is warned of and tried again.
 * @throws CordonError for telemetry that cannot be read, and whatever no further attempt can mend (a forked log, a roster
 *   of another consortium); CryptoError STATE_IN_USE where another process has the state folder
 */
export async function runParticipant(
  options: AgentOptions,
  dependencies: ParticipantDependencies,
): Promise<void> {
  // Two processes on one folder would answer for each other, and answer twice.
  await makeFolder(options.config.state);
  const lock = await lockFolder(options.config.state);
  try {
    await takePart(options, dependencies);
  } finally {
    await lock.release();
  }
}

async function takePart(options: AgentOptions, dependencies: ParticipantDependencies): Promise<void> {
  const { config, seed } = options;
  const { chain, member: id, primitives, publicKey } = dependencies;
  const epochs = await EpochBook.open(join(config.state, EPOCHS_FILE), primitives, chain);
  checkMembership(epochs.last, id, publicKey);
  await epochs.keep();
  // telemetry -> canonical events -> twin -> features
  const analytics = await SiteAnalytics.open(config.state, config.policy, dependencies);
  const { onEvent, counts } = analytics;
  const answers = config.telemetry.watch === undefined ? null : await analytics.inStep();
  const learning = { seed, onEvent, counts, ...(answers && { answers }) };
  const telemetry = await openTelemetry(config, learning, dependencies, options.signal);
  try {
    await writeDurably(join(config.state, 'site.json'), JSON.stringify(telemetry.summary));
    options.onPrepared(telemetry.summary);
    await federate(options, dependencies, epochs, analytics, telemetry);
  } finally {
    await telemetry.close();
  }
}

async function federate(
  options: AgentOptions,
  dependencies: ParticipantDependencies,
  epochs: EpochBook,
  analytics: SiteAnalytics,
  telemetry: Telemetry,
): Promise<void> {
  const { config, seed } = options;
  const { signal } = telemetry;
  const { member: id, primitives, publicKey } = dependencies;
  // The log is read from its beginning, where the first epoch is in force.
  const modules = { ...dependencies, epochs, roster: epochs.chain.roster(0) ?? epochs.last };

  // Rows with the others' columns, where the telemetry's have none: from the answers there are when such a run begins.
  const federated = new Map<string, SiteData>();
  const siteOf = async ({ run, task }: TrainingRun): Promise<SiteData> => {
    const own = telemetry.site(task.model.features);
    if (own) return own;
    const known = federated.get(run);
    if (known) return known;
    const extractor = new FederatedExtractor(await analytics.book());
    const { state } = config;
    const files = { ...config.telemetry, state, events: telemetry.logs, seed, rejectFile: null, extractor };
    const prepared = (await prepareFiles({ ...files, now: modules.now() })).site;
    federated.clear();
    federated.set(run, prepared);
    return prepared;
  };

  // local training -> clip, noise, quantise
  const train: LocalTraining = async (start, run, round) => {
    const data = await siteOf(run);
    const update = await quantisedRoundInTurns(start, data, run.task, round, seed, modules.elapsed);
    const { values, norm, saturated, quantiseMs, trained, own } = update;
    return { values, own, costs: { trainMs: trained.ms, quantiseMs, loss: trained.loss, norm, saturated } };
  };

  const diary = new RoundDiary(join(config.state, 'rounds'), config.recordVectors);
  // A journal whose folder a power cut has taken would answer its rounds again.
  const answers = join(config.state, 'answers');
  await makeFolder(answers);
  const journal = new AnswerJournal(answers, durableFiles);

  // a run is over: the model is this member's own computation, and the alerts stay here
  const versions = new VersionStore(config.state);
  const onFinished = async (run: TrainingRun, weights: Float32Array, record: RunRecord) => {
    const labels = telemetry.labels();
    const isBenign = (event: AuthEvent) => labels.isBenign(event);
    const alerts = topAlerts(run.architecture, weights, await siteOf(run), ALERTS, isBenign);
    await writeDurably(join(config.state, 'model.f32'), float32ToBytes(weights));
    const { consortium } = epochs.last;
    const version = federatedVersion(primitives, consortium, run, weights, record);
    await versions.keep(version, weights).catch((error: unknown) => {
      const { code, expected, got } = toCordonError(error);
      // A lineage too long for its file: the model itself stands beside.
      if (code !== 'VALUE_OUT_OF_RANGE') throw error;
      modules.logger.warn({ run: run.run, expected, got }, 'no version of the model is kept');
    });
    await writeDurably(join(config.state, `${run.run}.json`), JSON.stringify({ run: run.run, alerts }));
    telemetry.useModel({ from: run.run, hash: version.modelHash, architecture: run.architecture, weights });
    const before = { consortium, epoch: epochs.last.epoch, round: run.firstRound };
    await journal.prune(before);
    await diary.prune(run.firstRound);
    modules.logger.info({ run: run.run, alerts: alerts.length }, 'run finished');
  };
  const isHandled = async (run: string) => (await readIfThere(join(config.state, `${run}.json`))) !== null;

  // encrypt -> upload -> open the sum -> next global model, round after round
  let connection: Connection | null = null;
  const token = () => connection?.token ?? '';
  const bulk = new BulkClient(config.coordinator, token);
  const member = new Member({
    ...modules,
    bulk,
    diary,
    sums: new SumStore(join(config.state, 'sums'), bulk, modules.primitives),
    own: new OwnStore(join(config.state, 'own')),
    refuted: await RefutedSum.open(join(config.state, 'refuted-sum.json')),
    train,
    ...analytics.forMember,
    isHandled,
    onFinished,
    token,
    policy: config.policy,
    outbox: new Outbox(join(config.state, 'outbox')),
    follower: await LogFollower.open(join(config.state, 'log-head.json'), primitives, epochs),
    seatIn: (roster) => CommitteeSeat.of({ ...modules, roster, bulk, journal, diary }),
    send: (message) => connection?.send(message),
  });

  const backoff = new Backoff(modules.random);
  let hasBeenWelcome = false;
  while (!signal.aborted) {
    const inbox = new Inbox(modules.member);
    try {
      connection = await Connection.open(
        config.coordinator,
        { role: 'member', id, sign: modules.sign },
        modules,
        {
          onMessage: (message) => {
            if (message.type === 'state') inbox.put(message);
            else modules.logger.warn({ message }, 'the coordinator refuses something');
          },
          onClose: (reason) => {
            modules.logger.warn({ reason }, 'the connection was closed');
            inbox.close();
          },
        },
      );
      // It may have learned of a later epoch on the way.
      checkMembership(epochs.last, id, publicKey);
      hasBeenWelcome = true;
      backoff.reset();
      options.onConnected();
      await follow(connection, inbox, member, signal, modules);
    } catch (error) {
      const refusal = toCordonError(error);
      const isUnproven = connection === null && hasBeenWelcome && !isLocal(refusal);
      connection?.close();
      if (isFinal(refusal) && !isUnproven) throw refusal;
      const { code, expected, got } = refusal;
      modules.logger.warn(
        { code, expected, got },
        isFinal(refusal)
          ? "what answers at the coordinator's address did not prove to be it; trying again"
          : 'no link to the coordinator; trying again',
      );
    }
    connection = null;
    if (!signal.aborted) await backoff.wait(signal);
  }
}

/** Acts on every state that the coordinator reports, the newest one only, until the link is gone. */
async function follow(
  connection: Connection,
  inbox: Inbox,
  member: Member,
  signal: AbortSignal,
  { logger }: ParticipantModules,
): Promise<void> {
  if (signal.aborted) return connection.close();
  const stop = () => connection.close();
  signal.addEventListener('abort', stop, { once: true });
  connection.send({ type: 'ask-state' });
  try {
    for (;;) {
      const state = await inbox.next(LOOK_AGAIN_MS);
      if (state === 'closed') return;
      if (state === null) continue;
      try {
        await member.act(state);
      } catch (error) {
        const refusal = toCordonError(error);
        if (isFinal(refusal)) throw refusal;
        logger.warn({ code: refusal.code, expected: refusal.expected, got: refusal.got }, 'trying again');
        await sleep(200, undefined, { signal }).catch(() => undefined);
        inbox.again(state);
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    connection.close();
  }
}

/** What this member found out itself and no further attempt can mend. */
const FINAL: ReadonlySet<string> = new Set([
  'AUDIT_FAILED',
  'LOG_INVALID',
  'EPOCH_INVALID',
  'MODEL_MISMATCH',
  'PROTOCOL_VERSION',
  'ROSTER_INVALID',
  'SIGNATURE_INVALID',
  'DISK_FULL',
  'INTERNAL',
]);

/** Nothing that came over the wire. */
function isLocal(error: CordonError): boolean {
  return error.code === 'DISK_FULL' && !(error instanceof RemoteRefusal);
}

/** What the coordinator says is never final: it may be mended there, and an error message carries no signature. */
function isFinal(error: CordonError): boolean {
  return FINAL.has(error.code) && !(error instanceof RemoteRefusal);
}
