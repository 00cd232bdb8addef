import { type ErrorDetail, toCordonError } from '../../protocol/errors.ts';
import type { State } from '../../protocol/messages/control.ts';
import { plainText } from '../../protocol/messages/text.ts';
import { REFUSABLE_PHASES, type RefusablePhase } from '../../protocol/round/phases.ts';
import type { MemberModules } from './member.ts';

/** What may be different at the next attempt: the link, the token of a dead connection, a message that was overtaken. */
const TRY_AGAIN: ReadonlySet<string> = new Set([
  'COORDINATOR_UNREACHABLE',
  'UNAUTHENTICATED',
  'TIMEOUT',
  'TOO_MANY_REQUESTS',
  'OFFSET_MISMATCH',
  'DIGEST_MISMATCH',
  'NOT_FOUND',
  'STALE_ROUND',
  'ROUND_CLOSED',
]);

/** Rounds that a member takes no further part in, and why. */
export class Refusals {
  private readonly modules: Pick<MemberModules, 'logger' | 'send' | 'token'>;
  private readonly reasons = new Map<number, ErrorDetail & { readonly code: string }>();
  /** Round, phase and connection that the last refusal was sent for. */
  private said = '';

  constructor(modules: Pick<MemberModules, 'logger' | 'send' | 'token'>) {
    this.modules = modules;
  }

  has(round: number): boolean {
    return this.reasons.has(round);
  }

  /**
   * Trouble with the link is tried again; anything else is this member's last word for the round.
   * @throws CordonError what is to be tried again
   */
  note(round: number, error: unknown): void {
    const refusal = toCordonError(error);
    if (TRY_AGAIN.has(refusal.code)) throw refusal;
    const { code, expected, got, next } = refusal;
    this.modules.logger.error({ round, code, expected, got, next }, 'takes no further part in this round');
    this.reasons.set(round, {
      code,
      expected: plainText(expected),
      got: plainText(got),
      next: plainText(next),
    });
  }

  /** Once a phase and connection: the coordinator waits for this member anew in every phase, and a message may be lost. */
  say({ run, round, phase }: State): void {
    const reason = round === null ? undefined : this.reasons.get(round);
    if (run === null || round === null || !reason || !isRefusable(phase)) return;
    const said = `${round} ${phase} ${this.modules.token()}`;
    if (this.said === said) return;
    this.said = said;
    this.modules.send({ type: 'refuse', run, round, phase, ...reason });
  }

  /** Forgets the rounds up to this one. */
  clear(upTo: number): void {
    for (const round of this.reasons.keys()) if (round <= upTo) this.reasons.delete(round);
  }
}

function isRefusable(phase: State['phase']): phase is RefusablePhase | 'keying' {
  return phase === 'keying' || (REFUSABLE_PHASES as readonly string[]).includes(phase);
}
