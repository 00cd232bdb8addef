import { describe, expect, it } from 'vitest';
import { DrivenMachine, MEMBERS, REASON } from '../../test/driven-machine.ts';

describe('checking', () => {
  it('leaves out of S whose shares are proven bad, once, and nobody that did not contribute', () => {
    const round = new DrivenMachine().checking();
    for (const contributor of ['d', 'd', 'stranger']) round.feed({ type: 'complained', contributor, at: 21 });
    expect(round.state.removed).toEqual(['d']);
    expect(round.all('checked', MEMBERS, 22).last).toEqual({ type: 'fix', set: ['a', 'b', 'c'] });
  });

  it('fails at once where too few contributors are left, and names those with bad shares', () => {
    const round = new DrivenMachine().checking();
    for (const contributor of ['d', 'c']) round.feed({ type: 'complained', contributor, at: 21 });
    expect(round.state.failure).toEqual({
      code: 'COHORT_TOO_SMALL',
      expected: 'at least 3 updates with shares that fit together',
      got: '2 (bad shares of d, c)',
      next: '1 more member is needed: start the round again without those named',
    });
    expect(round.types()).toEqual(['announce', 'close', 'abort']);
  });

  it('takes complaints in no other phase', () => {
    const early = new DrivenMachine().collecting().all('uploaded', ['a', 'b'], 20);
    for (const round of [early, new DrivenMachine().opening(), new DrivenMachine().auditing()]) {
      const { state } = round;
      expect(round.feed({ type: 'complained', contributor: 'a', at: 41 }).state).toBe(state);
    }
  });

  it('waits for connected members no longer than the settling time once enough have tested', () => {
    const round = new DrivenMachine().checking().all('checked', ['a', 'b', 'c'], 100).tick(399);
    expect(round.state.phase).toBe('checking');
    expect(round.tick(400).last?.type).toBe('fix');
    // The answers get a settling time of their own.
    expect(round.all('answered', ['a', 'b', 'c'], 500).tick(799).state.phase).toBe('opening');
    expect(round.tick(800).last?.type).toBe('combine');
  });

  it('does not wait for members that are gone or refuse, and fails where too few are left', () => {
    const round = new DrivenMachine().checking().refused('d', 21);
    expect(round.all('checked', ['a', 'b', 'c'], 22).last?.type).toBe('fix');
    const other = new DrivenMachine().checking().refused('d', 21).refused('c', 22);
    expect(other.state.failure).toMatchObject({ code: 'COMMITTEE_UNAVAILABLE' });
    const silent = new DrivenMachine().checking().all('checked', ['a', 'b'], 22).tick(2020);
    expect(silent.state.failure).toMatchObject({
      code: 'COMMITTEE_UNAVAILABLE',
      got: '2 have tested their shares',
    });
  });
});

describe('auditing', () => {
  it('publishes when everything is covered, whoever has audited, and asks for it once', () => {
    const round = new DrivenMachine().auditing().all('audited', ['a', 'b'], 50);
    expect(round.state.phase).toBe('auditing');
    round.feed({ type: 'covered', at: 51 }).feed({ type: 'covered', at: 52 }).tick(1e6);
    expect(round.types().filter((type) => type === 'publish')).toHaveLength(1);
    expect(round.feed({ type: 'published', at: 1e6 }).state.phase).toBe('published');
  });

  it('never publishes what is not covered: at the deadline it fails and names who said nothing', () => {
    const round = new DrivenMachine().auditing().all('audited', ['a'], 50).refused('b', 51).tick(2039);
    expect(round.state.phase).toBe('auditing');
    round.feed({ type: 'published', at: 2039 }).tick(2040);
    expect(round.state.failure?.code).toBe('AUDIT_INCOMPLETE');
    expect(round.state.failure?.got).toMatch(/^statements of 1 \(b refused: NOT_FINITE .*c sent nothing/);
    expect(round.types()).not.toContain('publish');
  });

  it('fails as a wrong sum, with the chunk and who found it, where objections leave too few auditors', () => {
    const wrong = {
      code: 'AUDIT_FAILED',
      expected: 'the sum of all uploads, in chunk 7',
      got: 'another',
      next: '',
    };
    const round = new DrivenMachine().auditing().refused('a', 50, wrong).refused('b', 50, wrong);
    expect(round.state.phase).toBe('auditing');
    round.refused('c', 51, wrong);
    expect(round.state.failure?.code).toBe('AUDIT_FAILED');
    expect(round.state.failure?.got).toContain(
      'a refused: AUDIT_FAILED (expected the sum of all uploads, in chunk 7',
    );
  });

  it('fails as soon as fewer members are left than a part needs auditors', () => {
    const round = new DrivenMachine().auditing().refused('a', 50).refused('b', 50);
    expect(round.state.phase).toBe('auditing');
    expect(round.refused('c', 51).state.failure?.code).toBe('AUDIT_INCOMPLETE');
  });

  it('a result that cannot be written fails the round', () => {
    const round = new DrivenMachine().auditing().feed({ type: 'covered', at: 51 });
    expect(round.feed({ type: 'failed', reason: REASON, at: 52 }).state.phase).toBe('failed');
  });
});

describe('opening', () => {
  it('waits a moment for answers to spare from connected members, no longer than the settling time', () => {
    const round = new DrivenMachine().opening().all('answered', ['a', 'b', 'c'], 100).tick(399);
    expect(round.state.phase).toBe('opening');
    expect(round.tick(400).last).toEqual({ type: 'combine', answers: ['a', 'b', 'c'] });
  });

  it('does not wait for spare answers of members that are gone or refuse', () => {
    const gone = new DrivenMachine().opening().feed({ type: 'disconnected', member: 'd', at: 50 });
    expect(gone.all('answered', ['a', 'b', 'c'], 100).last?.type).toBe('combine');
    const refusing = new DrivenMachine().opening().refused('d', 50);
    expect(refusing.all('answered', ['a', 'b', 'c'], 100).last?.type).toBe('combine');
  });

  it('never combines below the threshold: too many silent members fail it with the number needed', () => {
    const round = new DrivenMachine().opening().all('answered', ['a', 'b'], 100).tick(2025);
    expect(round.state.failure).toMatchObject({ code: 'COMMITTEE_UNAVAILABLE', got: '2 answered' });
    expect(round.state.failure?.next).toMatch(/^1 more committee member is needed/);
    expect(round.types()).toEqual(['announce', 'close', 'fix', 'abort']);
  });

  it('fails as soon as the threshold is out of reach', () => {
    const round = new DrivenMachine().opening().refused('a', 100).refused('b', 101);
    expect(round.state.failure?.code).toBe('COMMITTEE_UNAVAILABLE');
  });

  it('takes answers of the announced committee only, even where the roster names more', () => {
    const round = new DrivenMachine({}, ['d']).all('advertised', ['a', 'b', 'c'], 1).tick(500);
    round.feed({ type: 'connected', member: 'd', at: 501 }).all('uploaded', MEMBERS, 600);
    round.all('checked', MEMBERS, 650);
    expect(round.state.checked).toEqual(['a', 'b', 'c']);
    round.feed({ type: 'answered', member: 'd', at: 700 });
    expect(round.state.answered).toEqual([]);
    expect(round.all('answered', ['a', 'b', 'c'], 701).last).toEqual({
      type: 'combine',
      answers: ['a', 'b', 'c'],
    });
  });
});
