import type { State } from '../../protocol/messages/control.ts';
import type { Session, Sessions } from './session.ts';

/** Progress within a phase is for people who watch: so often is enough. */
const PROGRESS_MS = 250;

/**
 * Tells everybody where things stand: of a new round or phase at once, because something may be asked of them; of
 * progress within it a little later and all in one, because n members that each do their part would otherwise make n
 * messages to each of n members. Nobody depends on any single message: whoever connects asks, and members look again by
 * themselves.
 */
export class Announcer {
  private readonly sessions: Sessions;
  private readonly state: () => State;
  private told = '';
  private timer: NodeJS.Timeout | null = null;

  /** @param state where things stand when it is called */
  constructor(sessions: Sessions, state: () => State) {
    this.sessions = sessions;
    this.state = state;
  }

  changed(): void {
    const state = this.state();
    const phase = `${state.run} ${state.round} ${state.phase}`;
    if (phase !== this.told) {
      this.told = phase;
      this.stop();
      this.sessions.broadcast(state);
      return;
    }
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.sessions.broadcast(this.state());
    }, PROGRESS_MS);
  }

  /** For one who asks. */
  tell(session: Session): void {
    session.send(this.state());
  }

  /** What is still to be said is not said any more. */
  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
