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

  describe('in a log', () => {
    /** What is written while a clock stands where the test puts it. */
    function logged(work: (progress: Progress, passes: (ms: number) => void) => void): string[] {
      const written: string[] = [];
      vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
      let now = 0;
      work(new Progress('log', () => now), (ms) => (now += ms));
      return written;
    }
    const at = (progress: Progress, step: number, ...phases: State['phase'][]) => {
      for (const phase of phases) progress.state({ ...STATE, phase, step });
    };

    it('is a line a stage, and how far it came', () => {
      const written = logged((progress) => {
        for (let day = 1; day <= 9; day++) progress.say(`Day ${day}/9`);
        progress.say('Collecting');
        progress.end();
      });
      expect(written).toEqual(['Day 1/9\n', 'Day 9/9\n', 'Collecting\n']);
    });

    it('says at the end how far the last stage came, once, and tells nothing of it after that', () => {
      const written = logged((progress) => {
        for (let file = 1; file <= 5; file++) progress.say(`File ${file}`);
        progress.end();
        progress.end();
        progress.say('Other 1');
        progress.end();
      });
      expect(written).toEqual(['File 1\n', 'File 5\n', 'Other 1\n']);
    });

    it('is the beginning and the end of every round', () => {
      const written = logged((progress) => {
        at(progress, 0, 'idle', 'idle');
        for (const step of [1, 2]) at(progress, step, 'advertising', 'collecting', 'auditing', 'published');
        at(progress, 2, 'idle');
      });
      expect(written).toEqual([
        '2 of 3 members connected, waiting for acme\n',
        'Round 1/5: 2 of 3 committee keys in, waiting for acme\n',
        'Round 1/5: published\n',
        'Round 2/5: 2 of 3 committee keys in, waiting for acme\n',
        'Round 2/5: published\n',
      ]);
    });

    it('is more than that where a round or stage takes long', () => {
      const written = logged((progress, passes) => {
        at(progress, 1, 'advertising');
        passes(9_999);
        at(progress, 1, 'collecting');
        passes(1);
        at(progress, 1, 'opening', 'auditing', 'failed');
        progress.say('File 1');
        passes(10_000);
        progress.say('File 2');
      });
      expect(written).toEqual([
        'Round 1/5: 2 of 3 committee keys in, waiting for acme\n',
        'Round 1/5: 2 of 3 answers in, waiting for acme\n',
        'Round 1/5: failed\n',
        'File 1\n',
        'File 2\n',
      ]);
    });
  });

  it('is a log where standard error is no terminal, without control characters, and can be turned off', () => {
    const written: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
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
    expect(written).toEqual(['something\n', 'Round 3/5: 2 of 3 updates in, waiting for acme\n']);
  });
});
