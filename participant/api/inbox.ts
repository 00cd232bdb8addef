import type { State } from '../../protocol/messages/control.ts';

/** The newest state that was reported; older ones do not matter any more. */
export class Inbox {
  private state: State | null = null;
  private last: State | null = null;
  private closed = false;
  private wake: () => void = () => undefined;

  put(state: State): void {
    this.state = state;
    this.wake();
  }

  /** Puts a state back unless a newer one has come. */
  again(state: State): void {
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
    return state;
  }
}
