import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decode } from '../../protocol/codec/codec.ts';
import { PUSH_LIMITS, ServerMessage, type State } from '../../protocol/messages/control.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { indices, logOf } from '../../test/followed-log.ts';
import { Announcer } from './announcer.ts';
import { type Role, Sessions } from './session.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const STATE: State = {
  type: 'state',
  phase: 'collecting',
  run: 'run-0123456789abcdef',
  round: 1,
  step: 1,
  steps: 1,
  logSize: 0,
  done: 0,
  expected: 9,
  waitingFor: [],
};
const LOG = logOf(20);

/** Somebody connected, and what that one hears. */
class Listener {
  readonly role: Role;
  readonly id: string;
  readonly token: string;
  readonly heard: State[] = [];
  readonly bytes: Uint8Array[] = [];
  behind = false;

  constructor(role: Role, id: string) {
    this.role = role;
    this.id = id;
    this.token = id;
  }

  send(message: ServerMessage): void {
    if (message.type === 'state') this.heard.push(message);
  }

  sendEncoded(bytes: Uint8Array): void {
    this.bytes.push(bytes);
    this.send(decode(ServerMessage, bytes));
  }

  isBehind(): boolean {
    return this.behind;
  }

  close(): void {
    throw new Error('closed');
  }

  /** The entries of each message. */
  pushed(): number[][] {
    return this.heard.map(({ entries }) => indices(entries ?? []));
  }
}

function listening(...listeners: Listener[]): Sessions {
  const sessions = new Sessions(() => 0);
  for (const listener of listeners) sessions.add(listener);
  return sessions;
}

describe('who is told where things stand', () => {
  it('hears of a phase at once and once, and of progress within it in one message a little later', () => {
    const member = new Listener('member', 'org-1');
    const heard = () => member.heard.map(({ phase, done }) => ({ phase, done }));
    let [phase, done]: [State['phase'], number] = ['collecting', 0];
    const announcer = new Announcer(listening(member), () => ({ ...STATE, phase, done }));
    announcer.changed();
    expect(heard()).toEqual([{ phase: 'collecting', done: 0 }]);
    for (done = 1; done <= 8; done++) announcer.changed();
    expect(heard()).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(heard().slice(1)).toEqual([{ phase: 'collecting', done: 9 }]);
    // What was to be said of a phase that is over is not said.
    announcer.changed();
    [phase, done] = ['opening', 0];
    announcer.changed();
    vi.advanceTimersByTime(1000);
    expect(heard().slice(2)).toEqual([{ phase: 'opening', done: 0 }]);
    announcer.changed();
    announcer.stop();
    vi.advanceTimersByTime(1000);
    expect(heard()).toHaveLength(3);
  });

  it('hears the same bytes as all others: a message is encoded once for members and once for operators', () => {
    const members = ['org-1', 'org-2', 'org-3'].map((id) => new Listener('member', id));
    const operators = ['a', 'b'].map((id) => new Listener('operator', id));
    const former = new Listener('former', 'org-4');
    const announcer = new Announcer(listening(...members, ...operators, former), () => STATE);
    announcer.appended(LOG[0] as SignedLogEntryMessage, 500);
    announcer.changed();
    expect(members[0]?.pushed()).toEqual([[0]]);
    for (const { bytes } of members) expect(bytes[0]).toBe(members[0]?.bytes[0]);
    expect(operators[0]?.heard).toEqual([STATE]);
    expect(operators[1]?.bytes[0]).toBe(operators[0]?.bytes[0]);
    expect(former.bytes).toEqual([]);
  });
});

describe('what is new in the log', () => {
  const entry = (index: number) => LOG[index] as SignedLogEntryMessage;

  it('goes with the next message, whether of a phase or of progress, once; who asks gets none', () => {
    const member = new Listener('member', 'org-1');
    let phase: State['phase'] = 'collecting';
    const announcer = new Announcer(listening(member), () => ({ ...STATE, phase }));
    announcer.appended(entry(0), 500);
    announcer.appended(entry(1), 500);
    expect(member.pushed()).toEqual([]);
    announcer.tell(member);
    announcer.changed();
    announcer.appended(entry(2), 500);
    announcer.changed();
    vi.advanceTimersByTime(1000);
    phase = 'checking';
    announcer.changed();
    announcer.appended(entry(3), 500);
    phase = 'opening';
    announcer.changed();
    expect(member.pushed()).toEqual([[], [0, 1], [2], [], [3]]);
  });

  it('goes at once where it would be too much for one message; an entry that is too large by itself does not go', () => {
    const member = new Listener('member', 'org-1');
    const announcer = new Announcer(listening(member), () => STATE);
    for (let i = 0; i < 10; i++) announcer.appended(entry(i), PUSH_LIMITS.bytes / 4);
    expect(member.pushed()).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    announcer.appended(entry(10), PUSH_LIMITS.bytes + 1);
    announcer.appended(entry(11), 500);
    announcer.changed();
    vi.advanceTimersByTime(1000);
    expect(member.pushed().slice(2)).toEqual([[8, 9], [11]]);
  });

  it('is not added to the queue of a member that is slow to read', () => {
    const [quick, slow] = [new Listener('member', 'org-1'), new Listener('member', 'org-2')];
    slow.behind = true;
    const announcer = new Announcer(listening(quick, slow), () => STATE);
    announcer.appended(entry(0), 500);
    announcer.changed();
    expect(quick.pushed()).toEqual([[0]]);
    expect(slow.heard).toEqual([STATE]);
  });
});
