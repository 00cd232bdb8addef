import { verifyAnswer } from '../crypto/public/answer.ts';
import { type ContributorSet, contributorSet } from '../crypto/public/contributor-set.ts';
import { toBase64Url, uint32ToBytes } from '../crypto/public/encoding.ts';
import { verifyEphemeral } from '../crypto/public/ephemeral.ts';
import { manifestHash, verifyManifest } from '../crypto/public/manifest.ts';
import { type Transcript, transcriptHash, verifyTranscript } from '../crypto/public/transcript.ts';
import type { AnswerMessage } from '../protocol/messages/answer.ts';
import type { EphemeralPublicMessage } from '../protocol/messages/ephemeral-public.ts';
import type { LogBody, LogKind, SignedLogEntryMessage } from '../protocol/messages/log-entry.ts';
import type { ManifestMessage } from '../protocol/messages/manifest.ts';
import { type RoundFailure, plainFailure } from '../protocol/messages/runs.ts';
import type { RoundConfig, RoundState } from '../protocol/round/state.ts';
import { type OpenedSum, openRound } from './aggregation/open-round.ts';
import type { CoordinatorModules } from './modules.ts';
import * as refusals from './rounds/refusals.ts';
import { RoundClock } from './rounds/round-clock.ts';
import { RoundDriver } from './rounds/round-driver.ts';

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
 * One round, in the order of the protocol: advertise, announce, upload, close, check, answer, open, publish.
 * What happens next is decided by the pure state machine alone; this class does what it says and writes the log.
 */
export class Round {
  readonly options: RoundOptions;
  readonly clock: RoundClock;
  /** What else happens (time, connections, refusals, a cancel) is told to it directly. */
  readonly driver: RoundDriver;
  /** The set S, once closed. */
  contributors: ContributorSet | null = null;
  private readonly modules: CoordinatorModules;
  private readonly keys = new Map<string, EphemeralPublicMessage>();
  private readonly accepted = new Map<string, { manifestHash: string; receipt: SignedLogEntryMessage }>();
  private readonly answers = new Map<string, AnswerMessage>();
  private readonly entries: SignedLogEntryMessage[] = [];
  private transcript: Transcript | null = null;
  private opened: (OpenedSum & { readonly modelHash: string }) | null = null;

  constructor(options: RoundOptions, modules: CoordinatorModules) {
    const { config, onChange } = options;
    this.options = options;
    this.modules = modules;
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

  // ---- 0. Advertise

  /** @throws CordonError STALE_ROUND; CryptoError TRANSCRIPT_INVALID, SIGNATURE_INVALID */
  advertise(member: string, key: EphemeralPublicMessage): void {
    refusals.requireRound(this.round, key.round);
    refusals.requireOwn('a key', member, key.member);
    if (this.progress.phase !== 'advertising') return;
    verifyEphemeral(this.modules.primitives, key, this.modules.roster);
    // A member that restarted has lost its first key; until the announcement the newest one counts.
    this.keys.set(member, key);
    void this.driver.handle({ type: 'advertised', member });
  }

  // ---- 1. Announce

  private async announce(committee: readonly string[]): Promise<void> {
    const { primitives, roster } = this.modules;
    const keys = committee.flatMap((member) => this.keys.get(member) ?? []);
    keys.sort((a, b) => a.committeeIndex - b.committeeIndex);
    const transcript: Transcript = { ...this.options.transcript, committee: keys };
    verifyTranscript(primitives, transcript, roster);
    await this.write('announce', {
      transcriptHash: transcriptHash(primitives, transcript),
      transcript: { ...transcript, committee: keys },
    });
    this.transcript = transcript;
    this.clock.mark('announced');
  }

  // ---- 2. Upload

  /**
   * Checks a manifest before a byte of its blob is taken.
   * @returns the receipt if this very upload was accepted before
   */
  admit(member: string, manifest: ManifestMessage): SignedLogEntryMessage | null {
    const { primitives, roster } = this.modules;
    refusals.requireRound(this.round, manifest.round);
    refusals.requireOwn('a manifest', member, manifest.member);
    const before = this.accepted.get(member);
    if (before?.manifestHash === manifestHash(primitives, manifest)) return before.receipt;
    if (before) throw refusals.conflicting(member);
    const transcript = refusals.requireCollecting(this.transcript, this.round, this.progress.phase);
    verifyManifest(primitives, manifest, transcript, roster);
    return null;
  }

  /** The blob is whole, as its manifest says, and on disk: into the log, and a receipt. */
  async accept(manifest: ManifestMessage): Promise<SignedLogEntryMessage> {
    return this.driver.inTurn(async () => {
      const { member } = manifest;
      const before = this.admit(member, manifest);
      if (before) return before;
      const digest = manifestHash(this.modules.primitives, manifest);
      const receipt = await this.write('upload', { manifestHash: digest, manifest });
      this.accepted.set(member, { manifestHash: digest, receipt });
      this.clock.addBytesUp(manifest.blobBytes);
      await this.driver.step({ type: 'uploaded', member });
      return receipt;
    });
  }

  // ---- 3. Close: no further update is taken

  private async close(): Promise<void> {
    const transcript = refusals.requireAnnounced(this.transcript, this.round, this.progress.phase);
    const digest = transcriptHash(this.modules.primitives, transcript);
    const { run, round } = transcript;
    await this.write('close', { run, round, transcriptHash: digest });
    this.contributors = contributorSet(this.modules.primitives, this.entries, digest, this.modules.roster);
    this.clock.mark('closed');
  }

  // ---- 4. Check: from here on S stands

  private async fix(): Promise<void> {
    const set = refusals.requireClosed(this.contributors, this.round, this.progress.phase);
    const { run, round } = set.transcript;
    await this.write('checked', {
      run,
      round,
      transcriptHash: set.transcriptHash,
      setHash: set.setHash,
    });
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
      verifyAnswer(this.modules.primitives, answer, set.transcript, set.setHash, this.modules.roster);
      await this.write('answer', { answer });
      this.answers.set(member, answer);
      await this.driver.step({ type: 'answered', member });
    });
  }

  // ---- 6. Open and publish

  private async combine(members: readonly string[]): Promise<void> {
    this.clock.mark('answered');
    const set = refusals.requireClosed(this.contributors, this.round, this.progress.phase);
    const answers = members.flatMap((member) => this.answers.get(member) ?? []);
    const opened = await openRound(set, answers, this.modules);
    this.clock.recordOpening(opened);
    const { rounds } = this.modules;
    const modelHash = await this.options.nextModel(rounds.sumPath(this.round), set.members.length);
    this.opened = { ...opened, modelHash };
    this.clock.mark('opened');
  }

  private async publish(): Promise<void> {
    const set = refusals.requireClosed(this.contributors, this.round, this.progress.phase);
    const { opened } = this;
    if (!opened) throw refusals.notOpened(this.round, this.progress.phase);
    this.modules.failpoint('coordinator.before-publish', this.round);
    await this.write('publish', {
      run: set.transcript.run,
      round: this.round,
      transcriptHash: set.transcriptHash,
      members: set.members.length,
      setHash: set.setHash,
      keySum: toBase64Url(uint32ToBytes(opened.keySum)),
      sumHash: opened.sumHash,
      sumBytes: opened.sumBytes,
      modelHash: opened.modelHash,
    });
    this.options.onPublished(opened.modelHash);
    this.clock.mark('published');
  }

  private async abort(reason: RoundFailure): Promise<void> {
    const { run, round } = this.options.transcript;
    await this.write('abort', { run, round, ...plainFailure(reason) });
    this.modules.logger.warn({ round, ...reason }, 'round failed');
  }

  private async write<K extends LogKind>(kind: K, body: LogBody<K>): Promise<SignedLogEntryMessage> {
    const entry = await this.modules.log.append(kind, body);
    this.entries.push(entry);
    return entry;
  }
}
