import { verifyAnswer } from '../crypto/public/answer.ts';
import type { ContributorSet } from '../crypto/public/contributor-set.ts';
import type { ShareSum } from '../crypto/public/key-shares.ts';
import { manifestHash } from '../crypto/public/manifest.ts';
import { RoundRecord } from '../crypto/public/round-record.ts';
import { type Transcript, transcriptHash, verifyTranscript } from '../crypto/public/transcript.ts';
import type { AnswerMessage } from '../protocol/messages/answer.ts';
import type { ComplaintMessage } from '../protocol/messages/complaint.ts';
import type { EphemeralPublicMessage } from '../protocol/messages/ephemeral-public.ts';
import type { LogBody, LogKind, SignedLogEntryMessage } from '../protocol/messages/log-entry.ts';
import type { ManifestMessage } from '../protocol/messages/manifest.ts';
import { type RoundFailure, plainFailure } from '../protocol/messages/runs.ts';
import type { RoundConfig, RoundState } from '../protocol/round/state.ts';
import type { ChunkRange } from '../crypto/public/audit-order.ts';
import type { AuditStatementMessage } from '../protocol/messages/audit-statement.ts';
import { openRound } from './aggregation/open-round.ts';
import type { CoordinatorModules } from './modules.ts';
import { AcceptedUploads } from './rounds/accepted-uploads.ts';
import { AdvertisedKeys } from './rounds/advertised-keys.ts';
import * as refusals from './rounds/refusals.ts';
import { RoundClock } from './rounds/round-clock.ts';
import { RoundDriver } from './rounds/round-driver.ts';
import { RoundResult, openedEntry } from './rounds/round-result.ts';
import { RunningAudit } from './rounds/running-audit.ts';

export interface RoundOptions {
  readonly config: RoundConfig;
  /** Everything of the transcript but the committee, which is not known before the keys are in. */
  readonly transcript: Omit<Transcript, 'committee'>;
  /** Next model's hash from the file of the opened sum; called once. */
  readonly nextModel: (sumPath: string, members: number) => Promise<string>;
  /** The result stands in the log, with this hash of the next model. */
  readonly onPublished: (modelHash: string) => void;
  /** Called after every change, so that everybody hears where things stand. */
  readonly onChange: () => void;
}

/**
 * One round, in the order of the protocol: advertise, announce, upload, close, check, answer, open, audit, publish.
 * What happens next is decided by the pure state machine alone; this class does what it says and writes the log.
 */
export class Round {
  readonly options: RoundOptions;
  readonly clock: RoundClock;
  /** What else happens (time, connections, refusals, a cancel) is told to it directly. */
  readonly driver: RoundDriver;
  private readonly modules: CoordinatorModules;
  private readonly keys: AdvertisedKeys;
  private readonly accepted: AcceptedUploads;
  private readonly answers = new Map<string, ShareSum>();
  /** The round as its entries in the log tell it; from the announcement on. */
  private record: RoundRecord | null = null;
  /** From the opened sum on. */
  private result: RoundResult | null = null;

  constructor(options: RoundOptions, modules: CoordinatorModules) {
    const { config, onChange } = options;
    this.options = options;
    this.modules = modules;
    this.keys = new AdvertisedKeys(modules);
    this.accepted = new AcceptedUploads(modules.primitives);
    this.clock = new RoundClock(modules.elapsed);
    this.driver = new RoundDriver(
      config,
      {
        announce: (committee) => this.announce(committee),
        close: () => this.close(),
        fix: () => this.fix(),
        combine: (members) => this.combine(members),
        publish: () => this.publish(),
        abort: (reason) => this.abort(reason),
      },
      onChange,
      modules,
    );
  }

  get progress(): RoundState {
    return this.driver.state;
  }

  get round(): number {
    return this.options.config.round;
  }

  /** Contributors whose shares are to be tested, once no further update is taken. */
  get closed(): ContributorSet | null {
    return this.record?.closed ?? null;
  }

  /** The set S, once it stands; before that what is left of those that were closed. */
  get contributors(): ContributorSet | null {
    return this.record?.remaining() ?? null;
  }

  // ---- 0. Advertise

  /**
   * @param keys the pairs under the key's root
   * @throws CordonError STALE_ROUND; CryptoError TRANSCRIPT_INVALID, SIGNATURE_INVALID
   */
  async advertise(member: string, key: EphemeralPublicMessage, keys: Uint8Array): Promise<void> {
    refusals.requireRound(this.round, key.round);
    refusals.requireOwn('a key', member, key.member);
    if (this.progress.phase !== 'advertising') return;
    this.keys.put(key, keys);
    await this.driver.handle({ type: 'advertised', member });
  }

  // ---- 1. Announce

  private async announce(members: readonly string[]): Promise<void> {
    const { primitives, roster } = this.modules;
    const committee = this.keys.of(members);
    const transcript: Transcript = { ...this.options.transcript, committee };
    verifyTranscript(primitives, transcript, roster);
    const digest = transcriptHash(primitives, transcript);
    const body = { transcriptHash: digest, transcript: { ...transcript, committee } };
    const { entry } = await this.write('announce', body);
    this.record = new RoundRecord(primitives, roster, digest, entry);
    this.clock.mark('announced');
  }

  /** The pairs that committee members have made for this contributor, with their proofs; null before the announcement. */
  pairsFor(member: string): Uint8Array | null {
    return this.record ? this.keys.pairsFor(member, this.record.transcript.committee) : null;
  }

  // ---- 2. Upload

  /**
   * Checks a manifest before a byte of its blob is taken.
   * @returns the receipt if this very upload was accepted before
   */
  admit(member: string, manifest: ManifestMessage): SignedLogEntryMessage | null {
    refusals.requireRound(this.round, manifest.round);
    refusals.requireOwn('a manifest', member, manifest.member);
    const receipt = this.accepted.receiptOf(manifest);
    if (!receipt) refusals.requireCollecting(this.record, this.round, this.progress.phase).verify(manifest);
    return receipt;
  }

  /** The blob is whole, as its manifest says, and on disk: into the log, and a receipt. */
  async accept(manifest: ManifestMessage): Promise<SignedLogEntryMessage> {
    return this.driver.inTurn(async () => {
      const { member } = manifest;
      const before = this.admit(member, manifest);
      if (before) return before;
      const digest = manifestHash(this.modules.primitives, manifest);
      const receipt = await this.write('upload', { manifestHash: digest, manifest });
      this.accepted.put(member, digest, receipt);
      this.clock.addBytesUp(manifest.blobBytes);
      await this.driver.step({ type: 'uploaded', member });
      return receipt;
    });
  }

  // ---- 3. Close: no further update is taken

  private async close(): Promise<void> {
    const record = refusals.requireAnnounced(this.record, this.round, this.progress.phase);
    const { run, round } = record.transcript;
    await this.write('close', { run, round, transcriptHash: record.transcriptHash });
    this.clock.mark('closed');
  }

  // ---- 4. Check: at its end S stands

  /**
   * A committee member's proof that a contributor's share is bad: it removes the contributor.
   * @throws CordonError STALE_ROUND; CryptoError COMPLAINT_INVALID naming who complains, SIGNATURE_INVALID
   */
  async complain(member: string, complaint: ComplaintMessage): Promise<void> {
    refusals.requireRound(this.round, complaint.round);
    refusals.requireOwn('a complaint', member, complaint.member);
    await this.driver.inTurn(async () => {
      const { phase } = this.progress;
      const record = refusals.requireAnnounced(this.record, this.round, phase);
      const { contributor } = complaint;
      // One proof is enough.
      if (phase !== 'checking' || record.removed.has(contributor)) return;
      const fault = record.prove(complaint);
      await this.write('complaint', { complaint });
      this.modules.logger.warn({ round: this.round, contributor, by: member, fault }, 'contributor removed');
      await this.driver.step({ type: 'complained', contributor });
    });
  }

  /** A committee member has tested its shares, and complained where it had to. @throws CordonError STALE_ROUND */
  async checked(member: string, round: number): Promise<void> {
    refusals.requireRound(this.round, round);
    await this.driver.handle({ type: 'checked', member });
  }

  private async fix(): Promise<void> {
    const set = refusals.requireClosed(this.contributors, this.round, this.progress.phase);
    const { transcript, transcriptHash: digest, setHash } = set;
    const { run, round } = transcript;
    await this.write('checked', { run, round, transcriptHash: digest, setHash });
    this.clock.mark('fixed');
  }

  // ---- 5. Answer

  /** @throws CordonError STALE_ROUND, ROUND_CLOSED; CryptoError ANSWER_INVALID, SIGNATURE_INVALID */
  async answer(member: string, answer: AnswerMessage): Promise<void> {
    refusals.requireRound(this.round, answer.round);
    refusals.requireOwn('an answer', member, answer.member);
    await this.driver.inTurn(async () => {
      const { phase } = this.progress;
      if (phase !== 'opening' || this.answers.has(member)) return;
      const set = refusals.requireClosed(this.contributors, this.round, phase);
      const { primitives, roster } = this.modules;
      const sums = verifyAnswer(primitives, answer, set.transcript, set.setHash, roster);
      await this.write('answer', { answer });
      this.answers.set(member, sums);
      await this.driver.step({ type: 'answered', member });
    });
  }

  // ---- 6. Open

  private async combine(members: readonly string[]): Promise<void> {
    this.clock.mark('answered');
    const { rounds } = this.modules;
    const set = refusals.requireClosed(this.contributors, this.round, this.progress.phase);
    const answers = members.flatMap((member) => this.answers.get(member) ?? []);
    const sum = await openRound(set, answers, this.modules);
    this.clock.recordOpening(sum);
    const opened = openedEntry(set, sum);
    await this.write('opened', opened);
    const { transcript, transcriptHash: digest, setHash } = set;
    const audited = { transcript, transcriptHash: digest, setHash, sumRoot: sum.sumRoot };
    const audit = new RunningAudit(audited, this.options.config.auditMs, this.modules);
    const nextModel = this.options.nextModel(rounds.sumPath(this.round), set.members.length);
    this.result = new RoundResult(opened, audit, nextModel);
    this.clock.mark('opened');
  }

  // ---- 7. Audit

  /** What the audit asks of whom just now; nothing in other phases. */
  wanted(): Map<string, ChunkRange[]> {
    return this.result?.audit.wanted(this.progress) ?? new Map<string, ChunkRange[]>();
  }

  /**
   * The uploads of the sum, for a member that is to audit these chunks.
   * @throws CordonError STALE_ROUND, also for chunks that this member is not asked for
   */
  toAudit(member: string, range: ChunkRange): ContributorSet {
    const audit = refusals.requireAuditing(this.result?.audit, this.round, this.progress.phase);
    if (!audit.asks(member, range, this.progress)) throw refusals.notAsked(member, range);
    return refusals.requireClosed(this.contributors, this.round, this.progress.phase);
  }

  /** Tells everybody where the audit stands when time has passed for an auditor and another one is asked. */
  askStandIns(): void {
    if (this.result?.audit.asksOthers(this.progress)) this.options.onChange();
  }

  /** @throws CordonError STALE_ROUND, FORBIDDEN; CryptoError AUDIT_INVALID, SIGNATURE_INVALID */
  async audit(member: string, statement: AuditStatementMessage): Promise<void> {
    refusals.requireRound(this.round, statement.round);
    refusals.requireOwn('a statement', member, statement.member);
    await this.driver.inTurn(async () => {
      // Said again, or where others were faster, it changes nothing.
      const audit = this.result?.audit;
      if (this.progress.phase !== 'auditing' || !audit?.take(statement)) return;
      await this.write('audit', { statement });
      await this.driver.step({ type: 'audited', member });
      if (audit.complete) await this.driver.step({ type: 'covered' });
    });
  }

  // ---- 8. Publish

  private async publish(): Promise<void> {
    if (!this.result) throw refusals.notOpened(this.round, this.progress.phase);
    const entry = await this.result.publication();
    this.modules.failpoint('coordinator.before-publish', this.round);
    await this.write('publish', entry);
    this.options.onPublished(entry.modelHash);
    this.clock.mark('published');
  }

  private async abort(reason: RoundFailure): Promise<void> {
    const { run, round } = this.options.transcript;
    await this.write('abort', { run, round, ...plainFailure(reason) });
    this.modules.logger.warn({ round, ...reason }, 'round failed');
  }

  private async write<K extends LogKind>(kind: K, body: LogBody<K>): Promise<SignedLogEntryMessage> {
    const entry = await this.modules.log.append(kind, body);
    // What stands in the log is taken from there alone, as every member does.
    if (kind !== 'abort') this.record?.accept(entry.entry);
    return entry;
  }
}
