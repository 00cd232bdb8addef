import type { Transcript } from '../../crypto/public/transcript.ts';
import { type ErrorDetail, toCordonError } from '../../protocol/errors.ts';
import type { ClientMessage, State } from '../../protocol/messages/control.ts';
import type { LogBody, SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { plainText } from '../../protocol/messages/text.ts';
import { REFUSABLE_PHASES, type RefusablePhase } from '../../protocol/round/phases.ts';
import type { Answer } from '../../crypto/public/answer.ts';
import type { CommitteeSeat } from '../committee/serve.ts';
import { type ContributeModules, contribute } from './contribute.ts';
import type { LogFollower } from './log-follower.ts';
import { RunView } from './run-view.ts';
import { checkPolicy } from './site-policy.ts';

export interface MemberModules extends ContributeModules {
  readonly follower: LogFollower;
  readonly seat: CommitteeSeat | null;
  readonly send: (message: ClientMessage) => void;
  /** Token of the present connection: what was said on an earlier one may be lost and is said again. */
  readonly token: () => string;
  /** A run is over and its last model verified. */
  readonly onFinished: (run: RunView, weights: Float32Array) => Promise<void>;
}

interface Announced {
  readonly transcript: Transcript;
  readonly transcriptHash: string;
  /** From the announce on. */
  readonly entries: SignedLogEntryMessage[];
  closed: boolean;
  over: boolean;
  /** Hash of this member's manifest, once there is a receipt. */
  contributed: string | null;
  /** This member's one answer, and the connection it was last sent on. */
  answer: Answer | null;
  answeredOn: string | null;
}

/**
 * This member's side of all rounds. It is driven by the log: what stands there decides what is to be done, and doing it
 * twice does no harm.
 */
export class Member {
  private readonly modules: MemberModules;
  private readonly runs = new Map<string, RunView>();
  /** This member's last word for a round that it takes no further part in. */
  private refusal: { round: number; reason: ErrorDetail & { code: string } } | null = null;
  private announced: Announced | null = null;
  private readonly finished: RunView[] = [];
  /** Last round that is over, and the one up to which the outbox has been cleared. */
  private over = 0;
  private cleared = 0;
  /** Round and connection that the last advertisement was sent for. */
  private advertised = '';
  /** Phase and connection that the last refusal was sent for. */
  private refused = '';

  constructor(modules: MemberModules) {
    this.modules = modules;
  }

  /** Reads what is new in the log, then does what is this member's turn. */
  async act(state: State): Promise<void> {
    for (const entry of await this.modules.follower.catchUp(this.modules.bulk, state.logSize))
      this.learn(entry);
    await this.clearOutbox();
    await this.finish();
    if (state.round === null || state.run === null) return;
    try {
      if (this.refusal?.round === state.round) return;
      if (state.phase === 'advertising') this.advertise(state.run, state.round);
      else if (this.announced?.transcript.round === state.round) await this.takePart(this.announced);
    } catch (error) {
      this.refuse(state.round, error);
    } finally {
      this.sayRefusal(state, state.run);
    }
  }

  private learn(signed: SignedLogEntryMessage): void {
    const { kind, body } = signed.entry;
    if (kind === 'task') this.runs.set(body.run, new RunView(body, this.modules.primitives));
    else if (kind === 'announce') {
      const { transcript, transcriptHash } = body;
      const fresh = { closed: false, over: false, contributed: null, answer: null, answeredOn: null };
      this.announced = { transcript, transcriptHash, entries: [], ...fresh };
    } else if (kind === 'close' && this.announced) this.announced.closed = true;
    else if (kind === 'publish') this.published(body);
    else if (kind === 'abort') {
      this.roundOver(body.round);
      this.runs.delete(body.run);
      this.modules.logger.warn({ round: body.round, code: body.code, got: body.got }, 'round failed');
    } else if (kind === 'finish') {
      const run = this.runs.get(body.run);
      if (run) this.finished.push(run);
    }
    if (this.announced && !this.announced.over) this.announced.entries.push(signed);
  }

  private published(body: LogBody<'publish'>): void {
    this.runs.get(body.run)?.published(body);
    this.roundOver(body.round);
  }

  private roundOver(round: number): void {
    this.over = Math.max(this.over, round);
    if (this.announced) this.announced.over = true;
    this.modules.seat?.retire();
  }

  /** The bytes of a round are kept until it is over, whatever its end, and no longer. */
  private async clearOutbox(): Promise<void> {
    if (this.over <= this.cleared) return;
    await this.modules.outbox.clear(this.over);
    this.cleared = this.over;
  }

  private advertise(runId: string, round: number): void {
    const { seat, policy, send } = this.modules;
    const run = this.runs.get(runId);
    if (!seat || !run) return;
    checkPolicy(policy, run.task);
    const said = `${round} ${this.modules.token()}`;
    if (this.advertised === said) return;
    this.advertised = said;
    if (policy.serveOnCommittee) send({ type: 'advertise', run: runId, key: seat.advertise(round) });
    else send({ type: 'refuse', run: runId, round, phase: 'advertising', ...NOT_SERVING });
  }

  private async takePart(announced: Announced): Promise<void> {
    if (announced.over) return;
    if (!announced.closed) await this.contribute(announced);
    else await this.answer(announced);
  }

  private async contribute(announced: Announced): Promise<void> {
    if (announced.contributed !== null) return;
    const { transcript } = announced;
    const run = this.runs.get(transcript.run);
    if (run) announced.contributed = await contribute(transcript, run, this.modules);
  }

  private async answer(announced: Announced): Promise<void> {
    const { seat, send, member, token } = this.modules;
    const serving = announced.transcript.committee.some((key) => key.member === member);
    if (!seat || !serving) return;
    if (announced.answer !== null && announced.answeredOn === token()) return;
    const { transcriptHash, entries, contributed } = announced;
    const task = { transcriptHash, entries, ownManifestHash: contributed };
    announced.answer ??= await seat.answer(announced.transcript.round, task);
    announced.answeredOn = token();
    send({ type: 'answer', answer: announced.answer });
  }

  private async finish(): Promise<void> {
    for (let run = this.finished[0]; run; run = this.finished[0]) {
      const { weights } = await run.model(this.modules.bulk);
      await this.modules.onFinished(run, weights);
      this.runs.delete(run.run);
      this.finished.shift();
    }
  }

  /** Trouble with the link is tried again; anything else is this member's last word for the round. */
  private refuse(round: number, error: unknown): void {
    const refusal = toCordonError(error);
    if (TRY_AGAIN.has(refusal.code)) throw refusal;
    const { code, expected, got, next } = refusal;
    this.modules.logger.error({ round, code, expected, got, next }, 'takes no further part in this round');
    const plain = { expected: plainText(expected), got: plainText(got), next: plainText(next) };
    this.refusal = { round, reason: { code, ...plain } };
  }

  /** Once a phase and connection: the coordinator waits for this member anew in every phase, and a message may be lost. */
  private sayRefusal({ round, phase }: State, run: string): void {
    if (this.refusal === null || this.refusal.round !== round || !isRefusable(phase)) return;
    const said = `${round} ${phase} ${this.modules.token()}`;
    if (this.refused === said) return;
    this.refused = said;
    this.modules.send({ type: 'refuse', run, round, phase, ...this.refusal.reason });
  }
}

function isRefusable(phase: State['phase']): phase is RefusablePhase {
  return (REFUSABLE_PHASES as readonly string[]).includes(phase);
}

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
