import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { State } from '../../protocol/messages/control.ts';
import { Announcer } from './announcer.ts';
import { Sessions } from './session.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('who is told where things stand', () => {
  it('hears of a phase at once and once, and of progress within it in one message a little later', () => {
    const heard: Pick<State, 'phase' | 'done'>[] = [];
    const sessions = new Sessions(() => 0);
    sessions.add({
      id: 'org-1',
      role: 'member',
      token: 't',
      send: (message) => {
        if (message.type === 'state') heard.push({ phase: message.phase, done: message.done });
      },
      close: () => undefined,
    });
    let [phase, done]: [State['phase'], number] = ['collecting', 0];
    const rest = { run: 'run-0123456789abcdef', round: 1, step: 1, steps: 1, logSize: 0, expected: 9 };
    const announcer = new Announcer(sessions, () => ({
      type: 'state',
      phase,
      done,
      ...rest,
      waitingFor: [],
    }));
    announcer.changed();
    expect(heard).toEqual([{ phase: 'collecting', done: 0 }]);
    for (done = 1; done <= 8; done++) announcer.changed();
    expect(heard).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(heard.slice(1)).toEqual([{ phase: 'collecting', done: 9 }]);
    // What was to be said of a phase that is over is not said.
    announcer.changed();
    [phase, done] = ['opening', 0];
    announcer.changed();
    vi.advanceTimersByTime(1000);
    expect(heard.slice(2)).toEqual([{ phase: 'opening', done: 0 }]);
    announcer.changed();
    announcer.stop();
    vi.advanceTimersByTime(1000);
    expect(heard).toHaveLength(3);
  });
});
