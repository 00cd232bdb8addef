import { describe, expect, it } from 'vitest';
import { CONFIG, DrivenMachine, MEMBERS, REASON } from '../../test/driven-machine.ts';
import { startRound, stepRound } from './machine.ts';
import type { RoundEvent } from './state.ts';

describe('a round without trouble', () => {
  it('announces, closes, fixes, combines and publishes once each, as soon as everybody has done what is asked', () => {
    const round = new DrivenMachine().opening().all('answered', MEMBERS, 30);
    expect(round.state.phase).toBe('combining');
    expect(round.effects).toEqual([
      { type: 'announce', committee: MEMBERS },
      { type: 'close', set: MEMBERS },
      { type: 'fix', set: MEMBERS },
      { type: 'combine', answers: MEMBERS },
    ]);
    expect(round.feed({ type: 'combined', at: 40 }).state.phase).toBe('auditing');
    round.all('audited', MEMBERS, 50).feed({ type: 'covered', at: 51 });
    expect(round.feed({ type: 'published', at: 52 }).state.phase).toBe('published');
    expect(round.types()).toEqual(['announce', 'close', 'fix', 'combine', 'publish']);
  });

  it('announces the committee in the order of the roster and closes with S in the order of the uploads', () => {
    const round = new DrivenMachine()
      .all('advertised', ['d', 'b', 'a', 'c'], 1)
      .all('uploaded', ['c', 'a', 'd', 'b'], 2);
    expect(round.effects).toEqual([
      { type: 'announce', committee: MEMBERS },
      { type: 'close', set: ['c', 'a', 'd', 'b'] },
    ]);
  });
});

describe('advertising', () => {
  it('waits for a connected member to the deadline, then goes on with the threshold', () => {
    const round = new DrivenMachine().all('advertised', ['a', 'b', 'c'], 1).tick(999);
    expect(round.state.phase).toBe('advertising');
    expect(round.tick(1000).last).toEqual({ type: 'announce', committee: ['a', 'b', 'c'] });
  });

  it('waits for a member without a connection only as long as the grace', () => {
    const round = new DrivenMachine({}, ['d']).all('advertised', ['a', 'b', 'c'], 1).tick(499);
    expect(round.state.phase).toBe('advertising');
    expect(round.tick(500).state.phase).toBe('collecting');
  });

  it('waits for a member that came back as for any other', () => {
    const round = new DrivenMachine({}, ['d']).all('advertised', ['a', 'b', 'c'], 1);
    round.feed({ type: 'connected', member: 'd', at: 400 }).tick(600);
    expect(round.state.phase).toBe('advertising');
    round.feed({ type: 'advertised', member: 'd', at: 700 });
    expect(round.last).toEqual({ type: 'announce', committee: MEMBERS });
  });

  it('counts the grace from the first loss: disconnecting again does not extend it', () => {
    const round = new DrivenMachine().all('advertised', ['a', 'b', 'c'], 1);
    round.feed({ type: 'disconnected', member: 'd', at: 100 });
    round.feed({ type: 'disconnected', member: 'd', at: 590 }).tick(600);
    expect(round.state.phase).toBe('collecting');
  });

  it('holds the door open to the deadline for members that are gone, when without them it could not go on', () => {
    const round = new DrivenMachine({}, ['c', 'd']).all('advertised', ['a', 'b'], 1).tick(900);
    expect(round.state.phase).toBe('advertising');
    round
      .feed({ type: 'connected', member: 'c', at: 950 })
      .feed({ type: 'advertised', member: 'c', at: 960 });
    expect(round.last).toEqual({ type: 'announce', committee: ['a', 'b', 'c'] });
  });

  it('fails at once when refusals make the threshold impossible, and says how many more are needed', () => {
    const round = new DrivenMachine().refused('a', 1).refused('b', 2);
    expect(round.state.failure).toMatchObject({
      code: 'COMMITTEE_UNAVAILABLE',
      expected: '3 of 4 committee members',
    });
    expect(round.state.failure?.got).toContain('a: NOT_FINITE (expected numbers, got NaN)');
    expect(round.state.failure?.next).toMatch(/^1 more committee member is needed/);
  });

  it('is the policies\u2019 failure where they alone stand in the way, and nobody is asked to be brought back', () => {
    const policy = { code: 'POLICY_REFUSED', expected: 'at most 5 rounds', got: '9', next: 'look' };
    const refuse = (round: DrivenMachine, member: string) =>
      round.feed({ type: 'refused', member, phase: 'advertising', reason: policy, at: 1 });
    const failure = refuse(refuse(new DrivenMachine(), 'a'), 'b').state.failure;
    expect(failure?.code).toBe('POLICY_REFUSED');
    expect(failure?.got).toContain('a: POLICY_REFUSED (expected at most 5 rounds, got 9)');
    expect(failure?.next).toMatch(/^change the task/);
    // One that is gone could be brought back, so it is not theirs alone.
    expect(refuse(refuse(new DrivenMachine({}, ['d']), 'a'), 'b').state.failure?.code).toBe(
      'COMMITTEE_UNAVAILABLE',
    );
  });

  it('who was gone before the round is not waited for again', () => {
    const state = startRound(CONFIG, ['d'], 1000, () => 100);
    expect(state.goneSince).toEqual({ d: 100 });
    let now = state;
    for (const member of ['a', 'b', 'c']) {
      now = stepRound(CONFIG, now, { type: 'advertised', member, at: 1001 }).state;
    }
    expect(now.phase).toBe('collecting');
  });

  it('a refusal after the advertisement takes nothing away', () => {
    const round = new DrivenMachine({}, ['d']).feed({ type: 'advertised', member: 'a', at: 1 });
    round.refused('a', 2).refused('b', 3).tick(600);
    expect(round.state.phase).toBe('advertising'); // a is in, c and d may still come
    round.all('advertised', ['c', 'd'], 700);
    expect(round.last).toEqual({ type: 'announce', committee: ['a', 'c', 'd'] });
  });

  it('fails at the deadline with too few, and counts the missing in words', () => {
    const round = new DrivenMachine().feed({ type: 'advertised', member: 'a', at: 1 }).tick(1000);
    expect(round.state.failure).toMatchObject({ code: 'COMMITTEE_UNAVAILABLE', got: '1 are ready to serve' });
    expect(round.state.failure?.next).toMatch(/^2 more committee members are needed/);
  });

  it('takes keys of committee members only', () => {
    const round = new DrivenMachine({ members: [...MEMBERS, 'e'] }).feed({
      type: 'advertised',
      member: 'e',
      at: 1,
    });
    expect(round.state.advertised).toEqual([]);
  });
});

describe('collecting', () => {
  it('closes without members that refuse or are gone beyond the grace, never without connected ones', () => {
    const round = new DrivenMachine().collecting().all('uploaded', ['a', 'b', 'c'], 20).tick(9000);
    expect(round.state.phase).toBe('collecting');
    expect(round.refused('d', 9001).last).toEqual({ type: 'close', set: ['a', 'b', 'c'] });
    const other = new DrivenMachine().collecting().all('uploaded', ['a', 'b', 'c'], 20);
    other.feed({ type: 'disconnected', member: 'd', at: 30 }).tick(529);
    expect(other.state.phase).toBe('collecting');
    expect(other.tick(530).last).toEqual({ type: 'close', set: ['a', 'b', 'c'] });
  });

  it('an upload by a member that then vanishes counts', () => {
    const round = new DrivenMachine().collecting().all('uploaded', ['a', 'b', 'c'], 20);
    round
      .feed({ type: 'disconnected', member: 'a', at: 21 })
      .feed({ type: 'uploaded', member: 'd', at: 5000 });
    expect(round.last).toEqual({ type: 'close', set: MEMBERS });
  });

  it('fails below the floor with the names, what each did, and how many more are needed', () => {
    const round = new DrivenMachine().collecting().all('uploaded', ['a', 'b'], 20).refused('c', 21);
    round.feed({ type: 'disconnected', member: 'd', at: 100 }).tick(3100);
    expect(round.state.failure).toEqual({
      code: 'COHORT_TOO_SMALL',
      expected: 'at least 3 updates',
      got: '2 (c refused: NOT_FINITE (expected numbers, got NaN), d gone for 3 s)',
      next: '1 more member is needed: bring them back and start the round again',
    });
  });

  it('fails at once when so many refuse that the floor is out of reach, before the others have trained', () => {
    const round = new DrivenMachine().collecting().refused('a', 20).refused('b', 21);
    expect(round.state.failure).toMatchObject({ code: 'COHORT_TOO_SMALL' });
    expect(round.state.failure?.next).toMatch(/^1 more member is needed/);
  });

  it('a refusal to serve said while advertising does not stand for the update', () => {
    const round = new DrivenMachine().refused('d', 1).all('advertised', ['a', 'b', 'c'], 2);
    round.all('uploaded', ['a', 'b', 'c'], 20).tick(5000);
    expect(round.state.phase).toBe('collecting');
    expect(round.feed({ type: 'uploaded', member: 'd', at: 5001 }).last).toEqual({
      type: 'close',
      set: MEMBERS,
    });
  });

  it('a refusal to serve that comes late does not stand for the update either', () => {
    const round = new DrivenMachine().collecting().all('uploaded', ['a', 'b', 'c'], 20);
    round.feed({ type: 'refused', member: 'd', phase: 'advertising', reason: REASON, at: 21 });
    expect(round.state.phase).toBe('collecting');
  });

  it('a reason stays short whatever a thousand members say', () => {
    const members = Array.from({ length: 1000 }, (_, i) => `m${i}`);
    const round = new DrivenMachine({ members, committee: members.slice(0, 4) });
    round.all('advertised', members.slice(0, 4), 1);
    for (const member of members)
      round.refused(member, 2, { ...REASON, got: `\u001b[2J${'x'.repeat(5000)}` });
    expect(round.state.failure?.code).toBe('COHORT_TOO_SMALL');
    expect(round.state.failure?.got.length).toBeLessThan(5000);
    expect(round.state.failure?.got).toMatch(/and 984 more\)$/);
    expect(round.state.failure?.got).not.toMatch(/\p{Cc}/u);
  });
});

describe('events that do not belong', () => {
  it('from strangers change nothing in any phase', () => {
    const phases = [
      new DrivenMachine(),
      new DrivenMachine().collecting(),
      new DrivenMachine().checking(),
      new DrivenMachine().opening(),
      new DrivenMachine().auditing(),
    ];
    for (const round of phases) {
      const { state } = round;
      for (const type of [
        'connected',
        'disconnected',
        'advertised',
        'uploaded',
        'checked',
        'answered',
        'audited',
      ] as const)
        round.feed({ type, member: 'stranger', at: 21 });
      round.refused('stranger', 21);
      expect(round.state).toBe(state);
    }
  });

  it('too early, too late or doubled change nothing', () => {
    const round = new DrivenMachine()
      .all('uploaded', MEMBERS, 1)
      .all('checked', MEMBERS, 1)
      .all('answered', MEMBERS, 1)
      .feed({ type: 'combined', at: 1 })
      .all('audited', MEMBERS, 1)
      .feed({ type: 'covered', at: 1 })
      .feed({ type: 'published', at: 1 });
    expect(round.state).toEqual(startRound(CONFIG, [], 0));
    round.collecting();
    const { state } = round;
    round.all('advertised', MEMBERS, 15).all('answered', MEMBERS, 15).feed({ type: 'combined', at: 15 });
    round.feed({ type: 'connected', member: 'a', at: 15 });
    // The same object, not only an equal one: nobody is told of a change.
    expect(round.state).toBe(state);
    round.refused('a', 16);
    const refusedOnce = round.state;
    expect(round.refused('a', 17, { ...REASON, got: 'something else' }).state).toBe(refusedOnce);
  });

  it('are told from those that counted, also where time has moved the round on meanwhile', () => {
    const taken = (round: DrivenMachine, event: RoundEvent) =>
      stepRound(round.config, round.state, event).taken;
    const refusal = { type: 'refused', member: 'd', phase: 'collecting', reason: REASON } as const;
    const round = new DrivenMachine().collecting();
    expect(taken(round, { ...refusal, at: 20 })).toBe(true);
    expect(taken(round, { ...refusal, phase: 'advertising', at: 20 })).toBe(false);
    expect(taken(round, { ...refusal, member: 'stranger', at: 1e6 })).toBe(false);
    expect(taken(round, { type: 'tick', at: 1e6 })).toBe(false);
    expect(taken(round.refused('d', 21), { ...refusal, at: 22 })).toBe(false);
    expect(taken(round.all('uploaded', ['a'], 23), { type: 'uploaded', member: 'a', at: 24 })).toBe(false);
    expect(taken(round, { type: 'failed', reason: REASON, at: 25 })).toBe(true);
  });

  it('after the end change nothing and cause nothing', () => {
    const round = new DrivenMachine().feed({ type: 'failed', reason: REASON, at: 5 });
    const { state } = round;
    expect(state).toMatchObject({ phase: 'failed', failure: REASON });
    round
      .collecting()
      .feed({ type: 'failed', reason: { ...REASON, code: 'OTHER' }, at: 6 })
      .tick(1e9);
    expect(round.state).toBe(state);
    expect(round.types()).toEqual(['abort']);
  });

  it('a member may be called constructor', () => {
    const members = ['constructor', 'b', 'c', 'd'];
    const round = new DrivenMachine({ members, committee: members })
      .all('advertised', ['b', 'c', 'd'], 1)
      .tick(600);
    expect(round.state.phase).toBe('advertising'); // connected, so it is waited for
    round.feed({ type: 'advertised', member: 'constructor', at: 601 }).all('uploaded', ['b', 'c', 'd'], 700);
    expect(round.state.phase).toBe('collecting');
    round.feed({ type: 'disconnected', member: 'constructor', at: 800 }).tick(1300);
    expect(round.last).toEqual({ type: 'close', set: ['b', 'c', 'd'] });
  });
});
