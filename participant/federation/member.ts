import type { Roster } from '../../crypto/public/roster.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import type { ClientMessage, State } from '../../protocol/messages/control.ts';
import type { CountSketchTask } from '../../protocol/task.ts';
import type { LogBody, SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { CommitteeSeat } from '../committee/serve.ts';
import { type RunRecord, RunRecords } from '../models/run-record.ts';
import { Advertiser } from './advertise-round.ts';
import { audit } from './audit-round.ts';
import { type ContributeModules, contribute } from './contribute.ts';
import { type EpochBook, checkMembership } from './epoch-book.ts';
import { FinishedRun } from './finished-run.ts';
import { MemberRuns, isKeyEntry } from './member-runs.ts';
import { Ledger } from './ledger.ts';
import type { LogFollower } from './log-follower.ts';
import type { RefutedSum } from './refuted-sum.ts';
import { Refusals } from './refusals.ts';
import { RoundView } from './round-view.ts';
import type { AnswerStore } from '../analytics/answer-store.ts';
import type { TaskKeys } from '../analytics/task-keys.ts';
import type { RunView } from './run-view.ts';
import { SketchRun } from './sketch-run.ts';
import { TrainingRun } from './training-run.ts';
import { serve } from './serve-round.ts';
import { checkBudget } from './site-policy.ts';
import { outOfOrder, unrulyLog } from './unruly-log.ts';

export interface MemberModules extends ContributeModules {
  readonly follower: LogFollower;
  readonly epochs: EpochBook;
  readonly refuted: RefutedSum;
  /** Raw public key of `sign`, base64url. */
  readonly publicKey: string;
  /** This member's seat in an epoch, or null where it has none. */
  readonly seatIn: (roster: Roster) => CommitteeSeat | null;
  readonly send: (message: ClientMessage) => void;
  readonly keys: TaskKeys;
  readonly answers: AnswerStore;
  /** As `SketchRunModules` has it. */
  readonly passedBy: (pace: CountSketchTask['pace']) => number;
  /** Token of the present connection: what was said on an earlier one may be lost and is said again. */
  readonly token: () => string;
  /** Whether the results of this run stand on disk already. */
  readonly isHandled: (run: string) => Promise<boolean>;
  /** A run is over and its last model verified. */
  readonly onFinished: (run: TrainingRun, weights: Float32Array, record: RunRecord) => Promise<void>;
}

/**
 * This member's side of all rounds. It is driven by the log: what stands there decides what is to be done, and doing it
 * twice does no harm. What the coordinator says beside the log is never more than a hint when to look.
 */
export class Member {
  /** With the roster in force where the log has been read to. */
  private modules: MemberModules;
  private seat: CommitteeSeat | null;
  private readonly ledger: Ledger;
  private readonly runs = new MemberRuns();
  private readonly records = new RunRecords();
  /** Rounds that this member neither contributes to nor opens, and why. */
  private readonly refusals: Refusals;
  /** Rounds whose sum this member does not vouch for, and why: above all those that it found wrong. */
  private readonly objections: Refusals;
  private announced: RoundView | null = null;
  private readonly advertiser = new Advertiser();
  private readonly finished: FinishedRun;
  /** Last round that is over, and the one up to which the outbox has been cleared. */
  private over = 0;
  private cleared = 0;
  /** Runs that are over and of which something may still stand on disk. */
  private readonly ended = new Set<string>();

  constructor(modules: MemberModules) {
    this.modules = modules;
    this.seat = modules.seatIn(modules.roster);
    this.ledger = new Ledger(modules.member);
    this.finished = new FinishedRun(modules);
    this.refusals = new Refusals(modules);
    this.objections = new Refusals(modules);
  }

  /** Reads what is new in the log, then does what is this member's turn. */
  async act(state: State): Promise<void> {
    const { follower, bulk } = this.modules;
    for (const entry of await follower.catchUp(bulk, state.logSize, state.entries)) this.read(entry);
    this.clearOutbox();
    await this.runs.settle(this.modules);
    if (state.round !== null && state.run !== null) await this.turn(state, state.run, state.round);
    await this.finished.workOut();
    this.dropOwn();
  }

  // ---- What the log says

  /** What the protocol does not have in that place condemns the log: no later entry can mend it. */
  private read(signed: SignedLogEntryMessage): void {
    try {
      this.learn(signed);
    } catch (error) {
      const cause = toCordonError(error);
      if (FINAL.has(cause.code)) throw cause;
      const { code, expected, got } = cause;
      throw unrulyLog(`${expected} in entry ${signed.entry.index} of the log`, `${got} (${code})`, { cause });
    }
  }

  private learn(signed: SignedLogEntryMessage): void {
    const { kind, body } = signed.entry;
    if (kind === 'announce') this.announced = RoundView.after(this.announced, body, this.modules);
    if (this.announced && !this.announced.over && !this.isOfAnother(signed)) {
      this.announced.entries.push(signed);
    }
    if (kind === 'epoch') this.enter(body.epoch);
    else if (kind === 'task') this.runs.begin(body, this.modules);
    else if (isKeyEntry(signed.entry)) this.runs.learnKey(signed.entry);
    else if (kind === 'close') this.closed(body);
    else if (kind === 'complaint') this.complained(body);
    else if (kind === 'checked') this.roundOf(kind, body.round).record();
    else if (kind === 'opened') this.roundOf(kind, body.round).open(body);
    else if (kind === 'audit') {
      this.roundOf(kind, body.statement.round).requireOpened().accept(body.statement);
    } else if (kind === 'publish') this.published(body);
    else if (kind === 'abort') this.aborted(body);
    else if (kind === 'finish') {
      const run = this.runs.get(body.run);
      if (run) this.finished.put(run, body.modelHash, this.records.take(body.run, signed));
      this.runs.end(body.run);
      this.ended.add(body.run);
    }
  }

  /** What depended on the roster is made anew; rounds of the epoch before keep theirs. */
  private enter(epoch: number): void {
    const { epochs, seatIn, member, publicKey, logger } = this.modules;
    const roster = epochs.chain.roster(epoch);
    if (!roster || (this.announced && !this.announced.over)) {
      throw unrulyLog(`epoch ${epoch} between two rounds`, 'it within one');
    }
    this.seat?.retire();
    this.modules = { ...this.modules, roster };
    this.seat = seatIn(roster);
    this.ledger.enterEpoch();
    this.runs.enterEpoch(epoch);
    this.finished.drop((run) => run instanceof SketchRun);
    if (epoch === epochs.last.epoch) checkMembership(roster, member, publicKey);
    logger.info({ epoch, members: roster.members.length }, 'roster epoch');
  }

  /** Whoever holds a receipt looks whether it counts, on the committee or not. */
  private closed(body: LogBody<'close'>): void {
    const announced = this.roundOf('close', body.round);
    const record = announced.record();
    if (announced.contributed !== null) record.closed?.assertIncluded(announced.contributed);
    // What sketches give away stands in the site's privacy ledger.
    if (!(this.runs.get(record.transcript.run) instanceof SketchRun)) this.ledger.closed(record);
  }

  private complained({ complaint }: LogBody<'complaint'>): void {
    const { removed } = this.roundOf('complaint', complaint.round).record();
    const { round, contributor, member } = complaint;
    this.modules.logger.warn(
      { round, contributor, by: member, fault: removed.get(contributor) },
      'contributor removed',
    );
  }

  /** The announced round, which an entry of its must be about. */
  private roundOf(kind: string, round: number): RoundView {
    if (this.announced?.round !== round) throw outOfOrder(kind, round);
    return this.announced;
  }

  private published(body: LogBody<'publish'>): void {
    const run = this.runs.get(body.run);
    if (!run) throw outOfOrder('publish', body.round);
    const opened = this.roundOf('publish', body.round).requireOpened();
    opened.checkPublish(body);
    this.modules.refuted.assertNot(opened);
    const { member } = this.modules;
    run.published(opened.body, body, opened.set.find(member) !== undefined);
    if (run instanceof TrainingRun) {
      this.records.published(body.run, body.round, this.modules.roster.epoch, opened.set.members);
    }
    this.roundOver(body.round);
  }

  /** Whether it is the end of a run whose round is not the announced one. */
  private isOfAnother({ entry }: SignedLogEntryMessage): boolean {
    return entry.kind === 'abort' && entry.body.run !== this.announced?.transcript.run;
  }

  /**
   * The open round of the run, or, where none is open, the one that would come next or the last one: with any other
   * number this member would be silent up to there. The end of a run that is not known, or over already, has no effect:
   * a coordinator whose disk was full may write one.
   */
  private aborted({ run: id, round, code, got }: LogBody<'abort'>): void {
    const { announced } = this;
    const run = this.runs.get(id);
    const isOpen = announced?.over === false && announced.transcript.run === id;
    if (isOpen ? announced.round !== round : run && !run.mayEndWith(round)) throw outOfOrder('abort', round);
    // Of runs whose ends were not written in time the end may come within a later round, which goes on.
    if (isOpen || (run && round > (announced?.round ?? 0))) this.roundOver(round);
    this.runs.end(id);
    this.ended.add(id);
    this.records.drop(id);
    this.modules.logger.warn({ run: id, round, code, got }, 'round failed');
  }

  private roundOver(round: number): void {
    this.over = Math.max(this.over, round);
    if (this.announced) this.announced.over = true;
    this.refusals.clear(this.over);
    this.objections.clear(this.over);
    this.seat?.retire();
  }

  /** The bytes of a round are kept until it is over, whatever its end, and no longer. */
  private clearOutbox(): void {
    if (this.over <= this.cleared) return;
    this.modules.outbox.clear(this.over);
    this.cleared = this.over;
  }

  /** What this member kept to itself in a run serves that run alone, and what is made of it at its end. */
  private dropOwn(): void {
    const { run } = this.finished;
    if (run !== null) this.ended.delete(run);
    if (this.ended.size > 0) this.modules.own.clear(this.ended);
    this.ended.clear();
    if (run !== null) this.ended.add(run);
  }

  // ---- What this member does

  private async turn(state: State, run: string, round: number): Promise<void> {
    const announced = this.announced?.round === round ? this.announced : null;
    // Whoever could not contribute or open can still tell whether the sum is right.
    const refusals = announced?.opened ? this.objections : this.refusals;
    try {
      if (refusals.has(round)) return;
      this.checkEpoch();
      if (state.phase === 'keying') this.runs.makeKey(run, round, this.modules);
      else if (state.phase === 'advertising') await this.advertise(run, round);
      else if (announced) await this.takePart(announced, state);
    } catch (error) {
      refusals.note(round, error);
    } finally {
      refusals.say(state);
    }
  }

  /** Whoever knows a later epoch takes no part in an earlier one: those who left it, or its bounds, might be the reason. */
  private checkEpoch(): void {
    const { roster, epochs } = this.modules;
    if (roster.epoch === epochs.last.epoch) return;
    throw new CordonError('EPOCH_INVALID', {
      expected: `a round of epoch ${epochs.last.epoch}, which members signed`,
      got: `one of epoch ${roster.epoch}`,
      next: 'the coordinator has to be started with the present roster file',
    });
  }

  private async advertise(id: string, round: number): Promise<void> {
    const { seat } = this;
    const run = this.runs.get(id);
    const isToCome = round > this.over && (this.announced?.over ?? true);
    if (seat && run?.has(round) && isToCome) await this.advertiser.advertise(run, round, seat, this.modules);
  }

  private async takePart(announced: RoundView, state: State): Promise<void> {
    if (announced.over) return;
    const run = this.runs.get(announced.transcript.run);
    if (!run) return;
    const { closed, set } = announced.record();
    if (announced.opened !== null) await audit(announced, announced.opened, state, this.modules);
    else if (closed === null) await this.contribute(announced, run);
    else if (this.seat) await serve({ announced, run, closed, set, seat: this.seat }, this.modules);
  }

  private async contribute(announced: RoundView, run: RunView): Promise<void> {
    if (announced.contributed !== null) return;
    const { transcript } = announced;
    if (run instanceof TrainingRun) checkBudget(this.modules.policy, this.ledger, transcript.modelHash);
    // Every sum that this member has a part in so far is behind the head that is now put on disk.
    await this.modules.follower.settle();
    announced.contributed = await contribute(transcript, run, this.modules);
  }
}

/** What says by itself that no further attempt can mend it. */
const FINAL: ReadonlySet<string> = new Set([
  'AUDIT_FAILED',
  'LOG_INVALID',
  'ROSTER_INVALID',
  'SIGNATURE_INVALID',
  'INTERNAL',
]);
