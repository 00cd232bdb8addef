import { type ChunkRange, auditDuty } from '../../crypto/public/audit-order.ts';
import { auditorsNeeded } from '../../crypto/public/audit-statement.ts';
import { CordonError, type ErrorDetail, toCordonError } from '../../protocol/errors.ts';
import type { ClientMessage, State } from '../../protocol/messages/control.ts';
import type { LogBody, SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { joinAdvertisement } from '../../protocol/messages/advertisement.ts';
import { plainText } from '../../protocol/messages/text.ts';
import { REFUSABLE_PHASES, type RefusablePhase } from '../../protocol/round/phases.ts';
import type { Roster } from '../../crypto/public/roster.ts';
import type { CommitteeSeat } from '../committee/serve.ts';
import { isNamed } from '../api/inbox.ts';
import { auditRange } from './audit.ts';
import { type ContributeModules, contribute } from './contribute.ts';
import { type EpochBook, checkMembership } from './epoch-book.ts';
import { Ledger } from './ledger.ts';
import type { LogFollower } from './log-follower.ts';
import type { OpenedView } from './opened-view.ts';
import { RoundView } from './round-view.ts';
import { serve } from './serve-round.ts';
import { RunView } from './run-view.ts';
import { checkBudget, checkPolicy } from './site-policy.ts';

export interface MemberModules extends ContributeModules {
  readonly follower: LogFollower;
  readonly epochs: EpochBook;
  /** Raw public key of `sign`, base64url. */
  readonly publicKey: string;
  /** This member's seat in an epoch, or null where it has none. */
  readonly seatIn: (roster: Roster) => CommitteeSeat | null;
  readonly send: (message: ClientMessage) => void;
  /** Token of the present connection: what was said on an earlier one may be lost and is said again. */
  readonly token: () => string;
  /** Whether the results of this run stand on disk already. */
  readonly isHandled: (run: string) => Promise<boolean>;
  /** A run is over and its last model verified. */
  readonly onFinished: (run: RunView, weights: Float32Array) => Promise<void>;
}

type Refusals = Map<number, ErrorDetail & { code: string }>;

/** Attempts to get the last sums of a finished run before its results are given up. */
const FINISH_ATTEMPTS = 20;

/**
 * This member's side of all rounds. It is driven by the log: what stands there decides what is to be done, and doing it
 * twice does no harm. What the coordinator says beside the log is never more than a hint when to look.
 */
export class Member {
  /** With the roster in force where the log has been read to. */
  private modules: MemberModules;
  private seat: CommitteeSeat | null;
  private readonly ledger: Ledger;
  private readonly runs = new Map<string, RunView>();
  /** Rounds that this member neither contributes to nor opens, and why. */
  private readonly refusals: Refusals = new Map();
  /** Rounds whose sum this member does not vouch for, and why: above all those that it found wrong. */
  private readonly objections: Refusals = new Map();
  private announced: RoundView | null = null;
  /** The newest run that is over and whose results are not worked out yet. */
  private finished: { run: RunView; modelHash: string; attempts: number } | null = null;
  /** Last round that is over, and the one up to which the outbox has been cleared. */
  private over = 0;
  private cleared = 0;
  /** Round and connection that the last advertisement was sent for. */
  private advertised = '';
  /** Phase and connection that the last refusal was sent for. */
  private refused = '';

  constructor(modules: MemberModules) {
    this.modules = modules;
    this.seat = modules.seatIn(modules.roster);
    this.ledger = new Ledger(modules.member);
  }

  /** Reads what is new in the log, then does what is this member's turn. */
  async act(state: State): Promise<void> {
    const { follower, bulk } = this.modules;
    for (const entry of await follower.catchUp(bulk, state.logSize)) this.read(entry);
    await this.clearOutbox();
    if (state.round !== null && state.run !== null) await this.turn(state, state.run, state.round);
    await this.finish();
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
      const detail = {
        expected: `${expected} in entry ${signed.entry.index} of the log`,
        got: `${got} (${code})`,
        next: 'take no part: the log does not follow the protocol; tell the consortium',
      };
      throw new CordonError('LOG_INVALID', detail, { cause });
    }
  }

  private learn(signed: SignedLogEntryMessage): void {
    const { kind, body } = signed.entry;
    if (kind === 'announce') this.announced = RoundView.after(this.announced, body, this.modules);
    if (this.announced && !this.announced.over) this.announced.entries.push(signed);
    if (kind === 'epoch') this.enter(body.epoch);
    else if (kind === 'task') this.runs.set(body.run, new RunView(body, this.modules.primitives));
    else if (kind === 'close') this.closed(body);
    else if (kind === 'complaint') this.complained(body);
    else if (kind === 'checked') this.roundOf(kind, body.round).record();
    else if (kind === 'opened') this.opened(body);
    else if (kind === 'audit') this.audited(body);
    else if (kind === 'publish') this.published(body);
    else if (kind === 'abort') {
      this.roundOver(body.round);
      this.runs.delete(body.run);
      this.modules.logger.warn({ round: body.round, code: body.code, got: body.got }, 'round failed');
    } else if (kind === 'finish') {
      const run = this.runs.get(body.run);
      if (run) this.finished = { run, modelHash: body.modelHash, attempts: 0 };
      this.runs.delete(body.run);
    }
  }

  /** What depended on the roster is made anew; rounds of the epoch before keep theirs. */
  private enter(epoch: number): void {
    const { epochs, seatIn, member, publicKey, logger } = this.modules;
    const roster = epochs.chain.roster(epoch);
    if (!roster || (this.announced && !this.announced.over)) throw epochInRound(epoch);
    this.seat?.retire();
    this.modules = { ...this.modules, roster };
    this.seat = seatIn(roster);
    this.ledger.enterEpoch();
    if (epoch === epochs.last.epoch) checkMembership(roster, member, publicKey);
    logger.info({ epoch, members: roster.members.length }, 'roster epoch');
  }

  /** Whoever holds a receipt looks whether it counts, on the committee or not. */
  private closed(body: LogBody<'close'>): void {
    const announced = this.roundOf('close', body.round);
    const record = announced.record();
    if (announced.contributed !== null) record.closed?.assertIncluded(announced.contributed);
    this.ledger.closed(record);
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

  private opened(body: LogBody<'opened'>): void {
    if (this.announced?.round !== body.round) throw outOfOrder('opened', body.round);
    this.announced.open(body);
  }

  private audited({ statement }: LogBody<'audit'>): void {
    if (this.announced?.round !== statement.round) throw outOfOrder('audit', statement.round);
    this.announced.requireOpened().accept(statement);
  }

  private published(body: LogBody<'publish'>): void {
    const run = this.runs.get(body.run);
    if (!run || this.announced?.round !== body.round) throw outOfOrder('publish', body.round);
    const opened = this.announced.requireOpened();
    opened.checkPublish(body);
    run.published(opened.body, body);
    this.roundOver(body.round);
  }

  private roundOver(round: number): void {
    this.over = Math.max(this.over, round);
    if (this.announced) this.announced.over = true;
    for (const refused of [this.refusals, this.objections]) {
      for (const number of refused.keys()) if (number <= this.over) refused.delete(number);
    }
    this.seat?.retire();
  }

  /** The bytes of a round are kept until it is over, whatever its end, and no longer. */
  private async clearOutbox(): Promise<void> {
    if (this.over <= this.cleared) return;
    await this.modules.outbox.clear(this.over);
    this.cleared = this.over;
  }

  // ---- What this member does

  private async turn(state: State, run: string, round: number): Promise<void> {
    const announced = this.announced?.round === round ? this.announced : null;
    // Whoever could not contribute or open can still tell whether the sum is right.
    const refusals = announced?.opened ? this.objections : this.refusals;
    try {
      if (refusals.has(round)) return;
      this.checkEpoch();
      if (state.phase === 'advertising') await this.advertise(run, round);
      else if (announced) await this.takePart(announced, state);
    } catch (error) {
      this.refuse(refusals, round, error);
    } finally {
      this.sayRefusal(refusals, state, run);
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

  private async advertise(runId: string, round: number): Promise<void> {
    const { policy, send, bulk } = this.modules;
    const { seat } = this;
    const run = this.runs.get(runId);
    // Only for a round that is to come: a key for another one would take the place of the key that is still needed.
    const due = run?.has(round) && round > this.over && (this.announced?.over ?? true);
    if (!seat || !run || !due) return;
    checkPolicy(policy, run.task);
    const said = `${round} ${this.modules.token()}`;
    if (this.advertised === said) return;
    if (policy.serveOnCommittee) {
      const key = seat.advertise(round);
      await bulk.advertise(joinAdvertisement({ run: runId, key: key.public }, key.keys));
      this.advertised = said;
      return;
    }
    this.advertised = said;
    send({ type: 'refuse', run: runId, round, phase: 'advertising', ...NOT_SERVING });
  }

  private async takePart(announced: RoundView, state: State): Promise<void> {
    if (announced.over) return;
    const run = this.runs.get(announced.transcript.run);
    if (!run) return;
    const { closed, set } = announced.record();
    if (announced.opened !== null) await this.audit(announced, announced.opened, state);
    else if (closed === null) await this.contribute(announced, run);
    else if (this.seat) await serve({ announced, run, closed, set, seat: this.seat }, this.modules);
  }

  private async contribute(announced: RoundView, run: RunView): Promise<void> {
    if (announced.contributed !== null) return;
    const { transcript } = announced;
    checkBudget(this.modules.policy, this.ledger, transcript.modelHash);
    // Every sum that this member has a part in so far is behind the head that is now put on disk.
    await this.modules.follower.settle();
    announced.contributed = await contribute(transcript, run, this.modules);
  }

  /** Fetches the sum, which is needed in any case, and recomputes what this member is asked to. */
  private async audit(announced: RoundView, opened: OpenedView, state: State): Promise<void> {
    const { sums, send, token } = this.modules;
    const sumPath = await sums.fetch(opened.body, announced.transcript.layout);
    for (const range of await this.auditDuty(announced, opened, state)) {
      announced.audits.set(await auditRange(range, opened, sumPath, this.modules), '');
    }
    for (const [statement, sentOn] of announced.audits) {
      if (sentOn === token()) continue;
      announced.audits.set(statement, token());
      send({ type: 'audit', statement });
    }
  }

  /** What to recompute now: first what everybody can work out, then what the coordinator asks a stand-in for. */
  private async auditDuty(announced: RoundView, opened: OpenedView, state: State): Promise<ChunkRange[]> {
    const { member, roster, bulk } = this.modules;
    const done = [...opened.statements.filter((one) => one.member === member), ...announced.audits.keys()];
    const isOpen = ({ from, to }: ChunkRange) => !done.some((one) => one.from <= from && to <= one.to);
    const own = auditDuty(opened.order, opened.chunks, auditorsNeeded(roster), member).filter(isOpen);
    if (own.length > 0) return own;
    if (state.phase !== 'auditing' || !isNamed(state, member)) return [];
    return (await bulk.auditWanted(announced.round)).ranges.filter(isOpen);
  }

  /** Works out what the newest finished run leaves; a sum that cannot be had keeps nobody from the next run. */
  private async finish(): Promise<void> {
    const { finished, modules } = this;
    if (!finished) return;
    const { run, modelHash } = finished;
    if (await modules.isHandled(run.run)) this.finished = null;
    else if (finished.attempts >= FINISH_ATTEMPTS) {
      this.finished = null;
      modules.logger.error(
        { run: run.run },
        'the sums of a finished run cannot be had; its results are given up',
      );
    } else {
      finished.attempts += 1;
      const model = await run.model(modules.sums);
      if (model.hash !== modelHash) throw otherModel(model.hash, modelHash);
      await modules.onFinished(run, model.weights);
      this.finished = null;
    }
  }

  /** Trouble with the link is tried again; anything else is this member's last word for the round. */
  private refuse(refusals: Refusals, round: number, error: unknown): void {
    const refusal = toCordonError(error);
    if (TRY_AGAIN.has(refusal.code)) throw refusal;
    const { code, expected, got, next } = refusal;
    this.modules.logger.error({ round, code, expected, got, next }, 'takes no further part in this round');
    refusals.set(round, {
      code,
      expected: plainText(expected),
      got: plainText(got),
      next: plainText(next),
    });
  }

  /** Once a phase and connection: the coordinator waits for this member anew in every phase, and a message may be lost. */
  private sayRefusal(refusals: Refusals, { round, phase }: State, run: string): void {
    const reason = round === null ? undefined : refusals.get(round);
    if (round === null || !reason || !isRefusable(phase)) return;
    const said = `${round} ${phase} ${this.modules.token()}`;
    if (this.refused === said) return;
    this.refused = said;
    this.modules.send({ type: 'refuse', run, round, phase, ...reason });
  }
}

function outOfOrder(kind: string, round: number): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: `the announcement of round ${round} and its run before its ${kind}`,
    got: 'another round, or none',
    next: 'take no part: the log does not follow the protocol; tell the consortium',
  });
}

function epochInRound(epoch: number): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: `epoch ${epoch} between two rounds`,
    got: 'it within one',
    next: 'take no part: the log does not follow the protocol; tell the consortium',
  });
}

function otherModel(expected: string, got: string): CordonError {
  return new CordonError('MODEL_MISMATCH', {
    expected: `model ${expected} at the end of the run`,
    got,
    next: 'the coordinator names a model that does not follow from the sums: take no part, tell the consortium',
  });
}

function isRefusable(phase: State['phase']): phase is RefusablePhase {
  return (REFUSABLE_PHASES as readonly string[]).includes(phase);
}

/** What says by itself that no further attempt can mend it. */
const FINAL: ReadonlySet<string> = new Set([
  'LOG_INVALID',
  'ROSTER_INVALID',
  'SIGNATURE_INVALID',
  'INTERNAL',
]);

/** What may be different at the next attempt: the link, the token of a dead connection, a message that was overtaken. */
const TRY_AGAIN: ReadonlySet<string> = new Set([
  'COORDINATOR_UNREACHABLE',
  'UNAUTHENTICATED',
  'TIMEOUT',
  'OFFSET_MISMATCH',
  'DIGEST_MISMATCH',
  'NOT_FOUND',
  'STALE_ROUND',
  'ROUND_CLOSED',
]);

/** It still contributes; only its seat on the committee stays empty. */
const NOT_SERVING = {
  code: 'POLICY_REFUSED',
  expected: 'no service on committees',
  got: 'a round that asks for it',
  next: 'only this site can change its policy',
} as const;
