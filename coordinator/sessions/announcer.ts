import type { State } from '../../protocol/messages/control.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { FreshEntries } from './fresh-entries.ts';
import type { Session, Sessions } from './session.ts';

/** Progress within a phase is for people who watch: so often is enough. */
const PROGRESS_MS = 250;

/**
 * Tells everybody where things stand: of a new round or phase at once, because something may be asked of them; of
 * progress within it a little later and all in one, because n members that each do their part would otherwise make n
 * messages to each of n members. Nobody depends on any single message: whoever connects asks, and members look again by
 * themselves. What is new in the log goes along, once, and at once where it would be too much for one message.
 */
export class Announcer {
  private readonly sessions: Sessions;
  private readonly state: () => State;
  private readonly fresh = new FreshEntries();
  private told = '';
  private timer: NodeJS.Timeout | null = null;

  /** @param state where things stand when it is called */
  constructor(sessions: Sessions, state: () => State) {
    this.sessions = sessions;
    this.state = state;
  }

  changed(): void {
    const state = this.state();
    if (phaseOf(state) !== this.told) this.broadcast(state);
    else this.timer ??= setTimeout(() => this.broadcast(this.state()), PROGRESS_MS);
  }

  /** An entry stands in the log. @param bytes of it, encoded */
  appended(entry: SignedLogEntryMessage, bytes: number): void {
    if (this.fresh.add(entry, bytes)) return;
    this.broadcast(this.state());
    this.fresh.add(entry, bytes);
  }

  /** For one who asks; nothing of the log, as nobody knows how much of it that one has. */
  tell(session: Session): void {
    session.send(this.state());
  }

  /** What is still to be said is not said any more. */
  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private broadcast(state: State): void {
    this.stop();
    this.told = phaseOf(state);
    this.sessions.broadcast(state, this.fresh.take());
  }
}

function phaseOf({ run, round, phase }: State): string {
  return `${run} ${round} ${phase}`;
}
