import { afterEach, describe, expect, it, vi } from 'vitest';
import type { State } from '../protocol/messages/control.ts';
import { Progress, describeState } from './progress.ts';

const STATE: State = {
  type: 'state',
  phase: 'collecting',
  run: 'run-0000000000000000',
  round: 9,
  step: 3,
  steps: 5,
  logSize: 40,
  done: 2,
  expected: 3,
  waitingFor: ['acme'],
};

afterEach(() => vi.restoreAllMocks());

describe('progress', () => {
  it('says which round of how many, and what it waits for', () => {
    expect(describeState(STATE)).toBe('Round 3/5: 2 of 3 updates in, waiting for acme');
    expect(
      describeState({ ...STATE, phase: 'idle', done: 1, expected: 4, waitingFor: ['a', 'b', 'c'] }),
    ).toBe('1 of 4 members connected, waiting for a, b, c');
    expect(describeState({ ...STATE, phase: 'published' })).toBe('Round 3/5: published');
  });

  it('does not list a crowd', () => {
    const waitingFor = ['a', 'b', 'c', 'd', 'e'];
    expect(describeState({ ...STATE, done: 0, expected: 900, waitingFor })).toBe(
      'Round 3/5: 0 of 900 updates in',
    );
  });

  it('writes over one line on a terminal and leaves it clean', () => {
    const written: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const progress = new Progress('in place');
    progress.state(STATE);
    progress.state(STATE);
    progress.end();
    expect(written).toEqual(['\r\u001b[2KRound 3/5: 2 of 3 updates in, waiting for acme', '\r\u001b[2K']);
  });

  it('writes one line a step to a log', () => {
    const written: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const progress = new Progress('lines');
    progress.say('Preparing');
    progress.say('Preparing');
    progress.say('Run 1/5: encrypt');
    progress.end();
    expect(written).toEqual(['Preparing\n', 'Run 1/5: encrypt\n']);
  });

  it('is quiet in a pipe where nobody wants lines', () => {
    const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const isTTY = process.stderr.isTTY;
    process.stderr.isTTY = false;
    try {
      for (const progress of [new Progress('none'), new Progress()]) {
        progress.say('something');
        progress.state(STATE);
        progress.end();
      }
    } finally {
      process.stderr.isTTY = isTTY;
    }
    expect(write).not.toHaveBeenCalled();
  });
});
