import { MAX_NAMED, type State } from '../../protocol/messages/control.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';

/** Phases in which nothing is asked of a member: what they put into the log is read when something is. */
const QUIET: ReadonlySet<State['phase']> = new Set(['combining', 'published', 'failed']);
/** Messages of which entries are kept, at most 2 MB; the log has what is not. */
const MOST_PUSHES = 32;

/**
 * The newest state that asks for something; older ones do not matter any more. That others have done their part in a
 * phase is said too, and is nothing to act on, unless it makes this member the one that is waited for now. Log entries
 * that came with any state, acted on or not, go along with the next one that is.
 */
export class Inbox {
  private readonly member: string;
  private state: State | null = null;
  private last: State | null = null;
  /** One element a message. */
  private pushed: (readonly SignedLogEntryMessage[])[] = [];
  private closed = false;
  private wake: () => void = () => undefined;

  constructor(member: string) {
    this.member = member;
  }

  put({ entries, ...state }: State): void {
    if (entries && this.pushed.length < MOST_PUSHES) this.pushed.push(entries);
    if (QUIET.has(state.phase)) return;
    const before = this.state ?? this.last;
    if (before && asksTheSame(before, state, this.member)) {
      // Looking again by itself, a member then looks at all that is there.
      if (this.state) this.state = state;
      else this.last = state;
      return;
    }
    this.state = state;
    this.wake();
  }

  /** Puts a state back unless a newer one has come; without its entries, which are read already or asked for. */
  again({ entries: _, ...state }: State): void {
    this.state ??= state;
  }

  close(): void {
    this.closed = true;
    this.wake();
  }

  /** The newest state; while a round is open the last one again after `ms`; null if there is nothing to do. */
  async next(ms: number): Promise<State | 'closed' | null> {
    if (this.state === null && !this.closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.closed) return 'closed';
    const state = this.state ?? (this.last?.phase === 'idle' ? null : this.last);
    this.state = null;
    this.last = state ?? this.last;
    if (state === null || this.pushed.length === 0) return state;
    const entries = this.pushed.flat();
    this.pushed = [];
    return { ...state, entries };
  }
}

/** Between rounds the log itself may have grown: a run that was started and stopped in between. */
function asksTheSame(before: State, now: State, member: string): boolean {
  const { phase, run, round } = now;
  const same = phase === before.phase && run === before.run && round === before.round;
  if (phase === 'auditing') return same && (isNamed(before, member) || !isNamed(now, member));
  return same && (phase !== 'idle' || now.logSize === before.logSize);
}

/** Whether a member is waited for, as far as the message says. */
export function isNamed({ waitingFor }: State, member: string): boolean {
  return waitingFor.includes(member) || waitingFor.length === MAX_NAMED;
}
