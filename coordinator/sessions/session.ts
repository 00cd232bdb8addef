import { encode } from '../../protocol/codec/codec.ts';
import type { ServerMessage, State } from '../../protocol/messages/control.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';

/** `former`: was a member, or is one with another key now; it may learn of the epoch in which that changed, no more. */
export type Role = 'member' | 'operator' | 'former';

/** One proven connection. The token opens the bulk plane as long as the connection stands. */
export interface Session {
  readonly id: string;
  readonly role: Role;
  readonly token: string;
  send(message: ServerMessage): void;
  /** A message that is encoded already, the same bytes for many. */
  sendEncoded(message: Uint8Array): void;
  /** It has yet to read much of what it was sent. */
  isBehind(): boolean;
  close(code: number, reason: string): void;
}

/**
 * Who is connected. A second connection of the same identity replaces the first: after a broken link the old one may
 * take minutes to notice.
 */
export class Sessions {
  private readonly byIdentity = new Map<string, Session>();
  private readonly byToken = new Map<string, Session>();
  private readonly left = new Map<string, number>();
  private readonly elapsed: () => number;
  private readonly started: number;

  /** @param elapsed milliseconds of a clock that never goes back */
  constructor(elapsed: () => number) {
    this.elapsed = elapsed;
    this.started = elapsed();
  }

  add(session: Session): void {
    const key = identity(session);
    const before = this.byIdentity.get(key);
    this.byIdentity.set(key, session);
    this.byToken.set(session.token, session);
    if (before) {
      this.byToken.delete(before.token);
      before.close(4000, 'replaced by a newer connection');
    }
  }

  /** @returns whether this was the identity's present connection */
  remove(session: Session): boolean {
    this.byToken.delete(session.token);
    if (this.byIdentity.get(identity(session)) !== session) return false;
    this.byIdentity.delete(identity(session));
    if (session.role === 'member') this.left.set(session.id, this.elapsed());
    return true;
  }

  find(token: string): Session | undefined {
    return this.byToken.get(token);
  }

  /** When a member that is not connected was last seen; the start of this process for one that never came. */
  lastSeen(member: string): number {
    return this.left.get(member) ?? this.started;
  }

  members(): string[] {
    return [...this.byIdentity.values()]
      .filter((session) => session.role === 'member')
      .map((session) => session.id)
      .sort();
  }

  /**
   * Encoded once for all. The entries are for members, who follow the log; one that is slow to read asks for them when it
   * gets there, so that they do not fill its queue.
   */
  broadcast(state: State, entries: readonly SignedLogEntryMessage[]): void {
    const bare = encode(state);
    const full = entries.length === 0 ? bare : encode({ ...state, entries });
    for (const session of this.byIdentity.values()) {
      if (session.role === 'former') continue;
      session.sendEncoded(session.role === 'member' && !session.isBehind() ? full : bare);
    }
  }
}

function identity(session: Session): string {
  return `${session.role}/${session.id}`;
}
