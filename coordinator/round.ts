import { verifyAnswer } from '../crypto/public/answer.ts';
import { type ContributorSet, contributorSet } from '../crypto/public/contributor-set.ts';
import { toBase64Url } from '../crypto/public/encoding.ts';
import { verifyEphemeral } from '../crypto/public/ephemeral.ts';
import { manifestHash, verifyManifest } from '../crypto/public/manifest.ts';
import { type Transcript, transcriptHash, verifyTranscript } from '../crypto/public/transcript.ts';
import { CordonError, toCordonError } from '../protocol/errors.ts';
import type { AnswerMessage } from '../protocol/messages/answer.ts';
import type { EphemeralPublicMessage } from '../protocol/messages/ephemeral-public.ts';
import type { LogBody, LogKind, SignedLogEntryMessage } from '../protocol/messages/log-entry.ts';
import type { ManifestMessage } from '../protocol/messages/manifest.ts';
import { plainText } from '../protocol/messages/text.ts';
import { startRound, stepRound } from '../protocol/round/machine.ts';
import type { RefusablePhase } from '../protocol/round/phases.ts';
import type {
  RoundConfig,
  RoundEffect,
  RoundEvent,
  RoundFailure,
  RoundState,
} from '../protocol/round/state.ts';
import { littleEndianUint32, openRound } from './aggregation/open-round.ts';
import type { CoordinatorModules } from './modules.ts';
import { RoundClock } from './rounds/round-clock.ts';

export interface RoundOptions {
  readonly config: RoundConfig;
  /** Everything of the transcript but the committee, which is not known before the keys are in. */
  readonly transcript: Omit<Transcript, 'committee'>;
  /** Next model's hash from the opened sum; called once. */
  readonly nextModel: (sum: Uint32Array, members: number) => Promise<string>;
  /** Called after every change, so that everybody hears where things stand. */
  readonly onChange: () => void;
}

/**
 * One round, in the order of the protocol: advertise, announce, upload, close, answer, open, publish.
 * What happens next is decided by the pure state machine alone; this class does what it says and writes the log.
 */
export class Round {
  readonly options: RoundOptions;
  readonly clock: RoundClock;
  private readonly modules: CoordinatorModules;
  private readonly keys = new Map<string, EphemeralPublicMessage>();
  private readonly accepted = new Map<string, { manifestHash: string; receipt: SignedLogEntryMessage }>();
  private readonly answers = new Map<string, AnswerMessage>();
  private readonly entries: SignedLogEntryMessage[] = [];
  private state: RoundState;
  private transcript: Transcript | null = null;
  private set: ContributorSet | null = null;
  /** Events and what follows from them are handled one after another. */
  private queue: Promise<void> = Promise.resolve();
  private finish: (state: RoundState) => void = () => undefined;
  readonly finished: Promise<RoundState>;

  constructor(options: RoundOptions, modules: CoordinatorModules) {
    this.options = options;
    this.modules = modules;
    this.clock = new RoundClock(modules.elapsed);
    const connected = modules.sessions.members();
    const gone = options.config.members.filter((member) => !connected.includes(member));
    this.state = startRound(options.config, gone, modules.elapsed());
    this.finished = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  get progress(): RoundState {
    return this.state;
  }

  get round(): number {
    return this.options.config.round;
  }

  get contributors(): ContributorSet | null {
    return this.set;
  }

  // ---- 0. Advertise

  /** @throws CordonError STALE_ROUND; CryptoError TRANSCRIPT_INVALID, SIGNATURE_INVALID */
  advertise(member: string, key: EphemeralPublicMessage): void {
    this.checkRound(key.round);
    if (key.member !== member) throw forbidden(`a key of ${member}`, `one of ${key.member}`);
    verifyEphemeral(this.modules.primitives, key, this.modules.roster);
    if (this.state.phase !== 'advertising') return;
    // A member that restarted has lost its first key; until the announcement the newest one counts.
    this.keys.set(member, key);
    this.handle({ type: 'advertised', member, at: this.modules.elapsed() });
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
    this.checkRound(manifest.round);
    if (manifest.member !== member) throw forbidden(`a manifest of ${member}`, `one of ${manifest.member}`);
    const digest = manifestHash(this.modules.primitives, manifest);
    const before = this.accepted.get(member);
    if (before?.manifestHash === digest) return before.receipt;
    if (before) throw conflicting(member);
    const transcript = this.collecting();
    verifyManifest(this.modules.primitives, manifest, transcript, this.modules.roster);
    return null;
  }

  /** The blob is whole and on disk: into the log, and a receipt. */
  async accept(manifest: ManifestMessage): Promise<SignedLogEntryMessage> {
    return this.inTurn(async () => {
      const before = this.admit(manifest.member, manifest);
      if (before) return before;
      const digest = manifestHash(this.modules.primitives, manifest);
      const receipt = await this.write('upload', { manifestHash: digest, manifest });
      this.accepted.set(manifest.member, { manifestHash: digest, receipt });
      this.clock.addBytesUp(manifest.blobBytes);
      await this.step({ type: 'uploaded', member: manifest.member, at: this.modules.elapsed() });
      return receipt;
    });
  }

  // ---- 3. Close: from here on S is fixed

  private async close(): Promise<void> {
    const transcript = this.announced();
    const digest = transcriptHash(this.modules.primitives, transcript);
    const { run, round } = transcript;
    await this.write('close', { run, round, transcriptHash: digest });
    this.set = contributorSet(this.modules.primitives, this.entries, digest, this.modules.roster);
    this.clock.mark('closed');
  }

  // ---- 4. Answer

  /** @throws CordonError STALE_ROUND, ROUND_CLOSED; CryptoError ANSWER_INVALID, SIGNATURE_INVALID */
  async answer(member: string, answer: AnswerMessage): Promise<void> {
    this.checkRound(answer.round);
    if (answer.member !== member) throw forbidden(`an answer of ${member}`, `one of ${answer.member}`);
    await this.inTurn(async () => {
      if (this.state.phase !== 'opening' || this.answers.has(member)) return;
      const set = this.closedSet();
      verifyAnswer(this.modules.primitives, answer, set.transcript, set.setHash, this.modules.roster);
      await this.write('answer', { answer });
      this.answers.set(member, answer);
      await this.step({ type: 'answered', member, at: this.modules.elapsed() });
    });
  }

  // ---- 5. Open and publish

  private async combine(members: readonly string[]): Promise<void> {
    this.clock.mark('answered');
    const set = this.closedSet();
    const answers = members.flatMap((member) => this.answers.get(member) ?? []);
    const opened = await openRound(set, answers, this.modules);
    this.clock.recordOpening(opened);
    const modelHash = await this.options.nextModel(opened.values, set.members.length);
    this.modules.failpoint('coordinator.before-publish', this.round);
    await this.write('publish', {
      run: set.transcript.run,
      round: this.round,
      transcriptHash: set.transcriptHash,
      members: set.members.length,
      setHash: set.setHash,
      keySum: toBase64Url(littleEndianUint32(opened.keySum)),
      sumHash: opened.sumHash,
      sumBytes: 4 * opened.values.length,
      modelHash,
    });
    this.clock.mark('published');
  }

  private async abort(reason: RoundFailure): Promise<void> {
    const { run, round } = this.options.transcript;
    const { code, expected, got, next } = reason;
    const plain = { expected: plainText(expected), got: plainText(got), next: plainText(next) };
    await this.write('abort', { run, round, code, ...plain });
    this.modules.logger.warn({ round, code, expected, got }, 'round failed');
  }

  // ---- Events

  connected(member: string): void {
    this.handle({ type: 'connected', member, at: this.modules.elapsed() });
  }

  disconnected(member: string): void {
    this.handle({ type: 'disconnected', member, at: this.modules.elapsed() });
  }

  refuse(member: string, round: number, phase: RefusablePhase, reason: RoundFailure): void {
    if (round !== this.round) return;
    const again = Object.hasOwn(this.state.refused, member);
    if (!again) this.modules.logger.warn({ round, member, phase, ...reason }, 'member refuses');
    this.handle({ type: 'refused', member, phase, reason, at: this.modules.elapsed() });
  }

  tick(): void {
    this.handle({ type: 'tick', at: this.modules.elapsed() });
  }

  fail(reason: RoundFailure): void {
    this.handle({ type: 'failed', reason, at: this.modules.elapsed() });
  }

  private handle(event: RoundEvent): void {
    this.inTurn(() => this.step(event)).catch((error: unknown) => {
      this.modules.logger.error({ round: this.round, ...toCordonError(error).toWire() }, 'round stopped');
      this.finish({ ...this.state, phase: 'failed' });
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** One event, its effects, and whatever follows from them. */
  private async step(event: RoundEvent): Promise<void> {
    const { state, effects } = stepRound(this.options.config, this.state, event);
    const changed = state !== this.state;
    this.state = state;
    for (const effect of effects) await this.perform(effect);
    if (changed) this.options.onChange();
    if (this.state.phase === 'published' || this.state.phase === 'failed') this.finish(this.state);
  }

  private async perform(effect: RoundEffect): Promise<void> {
    try {
      if (effect.type === 'announce') await this.announce(effect.committee);
      else if (effect.type === 'close') await this.close();
      else if (effect.type === 'abort') await this.abort(effect.reason);
      else {
        await this.combine(effect.answers);
        await this.step({ type: 'combined', at: this.modules.elapsed() });
      }
    } catch (error) {
      const { code, expected, got, next } = toCordonError(error);
      if (effect.type === 'abort') throw error;
      await this.step({ type: 'failed', reason: { code, expected, got, next }, at: this.modules.elapsed() });
    }
  }

  private async write<K extends LogKind>(kind: K, body: LogBody<K>): Promise<SignedLogEntryMessage> {
    const entry = await this.modules.log.append(kind, body);
    this.entries.push(entry);
    return entry;
  }

  private checkRound(round: number): void {
    if (round === this.round) return;
    throw new CordonError('STALE_ROUND', {
      expected: `round ${this.round}`,
      got: `round ${round}`,
      next: 'read the log and act on the current round',
    });
  }

  private collecting(): Transcript {
    if (this.state.phase === 'collecting') return this.announced();
    throw new CordonError('ROUND_CLOSED', {
      expected: 'a round that collects updates',
      got: `round ${this.round} is ${this.state.phase}`,
      next: 'wait for the next round',
    });
  }

  private announced(): Transcript {
    if (this.transcript) return this.transcript;
    throw new CordonError('STALE_ROUND', {
      expected: 'an announced round',
      got: `round ${this.round} is ${this.state.phase}`,
      next: 'wait for the announcement',
    });
  }

  private closedSet(): ContributorSet {
    if (this.set) return this.set;
    throw new CordonError('STALE_ROUND', {
      expected: 'a closed round',
      got: `round ${this.round} is ${this.state.phase}`,
      next: 'wait for the close in the log',
    });
  }
}

function forbidden(expected: string, got: string): CordonError {
  return new CordonError('FORBIDDEN', { expected, got, next: 'send only what is your own' });
}

function conflicting(member: string): CordonError {
  return new CordonError('CONFLICTING_UPDATE', {
    expected: `the update of ${member} that was accepted before`,
    got: 'another one',
    next: 'send the stored bytes again, or wait for the next round',
  });
}
