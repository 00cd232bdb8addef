import { describe, expect, it } from 'vitest';
import { startRound, stepRound } from './machine.ts';
import { REFUSABLE_PHASES, type RefusablePhase } from './phases.ts';
import type { RoundConfig, RoundEffect, RoundEvent, RoundState } from './state.ts';

const MEMBERS = ['a', 'b', 'c', 'd'];
const CONFIG: RoundConfig = {
  round: 1,
  members: MEMBERS,
  committee: MEMBERS,
  threshold: 3,
  kMin: 3,
  advertiseMs: 1000,
  collectMs: 10_000,
  graceMs: 500,
  checkMs: 2000,
  openMs: 2000,
  auditMs: 2000,
  auditors: 2,
  settleMs: 300,
};
const REASON = { code: 'NOT_FINITE', expected: 'numbers', got: 'NaN', next: 'look' };

const isRefusable = (phase: string): phase is RefusablePhase =>
  (REFUSABLE_PHASES as readonly string[]).includes(phase);

/** A round in the hands of a test: events in, all effects kept. */
class Driven {
  state: RoundState;
  readonly effects: RoundEffect[] = [];
  readonly config: RoundConfig;

  constructor(config: Partial<RoundConfig> = {}, gone: string[] = []) {
    this.config = { ...CONFIG, ...config };
    this.state = startRound(this.config, gone, 0);
  }

  feed(event: RoundEvent): this {
    const { state, effects } = stepRound(this.config, this.state, event);
    this.state = state;
    this.effects.push(...effects);
    return this;
  }

  all(
    type: 'advertised' | 'uploaded' | 'checked' | 'answered' | 'audited',
    members: readonly string[],
    at: number,
  ): this {
    for (const member of members) this.feed({ type, member, at });
    return this;
  }

  tick(at: number): this {
    return this.feed({ type: 'tick', at });
  }

  refused(member: string, at: number, reason = REASON): this {
    const { phase } = this.state;
    if (!isRefusable(phase)) return this;
    return this.feed({ type: 'refused', member, phase, reason, at });
  }

  collecting(): this {
    return this.all('advertised', this.config.committee, 10);
  }

  checking(): this {
    return this.collecting().all('uploaded', this.config.members, 20);
  }

  opening(): this {
    return this.checking().all('checked', this.config.committee, 25);
  }

  auditing(): this {
    return this.opening().all('answered', this.config.committee, 30).feed({ type: 'combined', at: 40 });
  }

  get last(): RoundEffect | undefined {
    return this.effects.at(-1);
  }

  types(): string[] {
    return this.effects.map(({ type }) => type);
  }
}

describe('a round without trouble', () => {
  it('announces, closes, fixes, combines and publishes once each, as soon as everybody has done what is asked', () => {
    const round = new Driven().opening().all('answered', MEMBERS, 30);
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
    const round = new Driven()
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
    const round = new Driven().all('advertised', ['a', 'b', 'c'], 1).tick(999);
    expect(round.state.phase).toBe('advertising');
    expect(round.tick(1000).last).toEqual({ type: 'announce', committee: ['a', 'b', 'c'] });
  });

  it('waits for a member without a connection only as long as the grace', () => {
    const round = new Driven({}, ['d']).all('advertised', ['a', 'b', 'c'], 1).tick(499);
    expect(round.state.phase).toBe('advertising');
    expect(round.tick(500).state.phase).toBe('collecting');
  });

  it('waits for a member that came back as for any other', () => {
    const round = new Driven({}, ['d']).all('advertised', ['a', 'b', 'c'], 1);
    round.feed({ type: 'connected', member: 'd', at: 400 }).tick(600);
    expect(round.state.phase).toBe('advertising');
    round.feed({ type: 'advertised', member: 'd', at: 700 });
    expect(round.last).toEqual({ type: 'announce', committee: MEMBERS });
  });

  it('counts the grace from the first loss: disconnecting again does not extend it', () => {
    const round = new Driven().all('advertised', ['a', 'b', 'c'], 1);
    round.feed({ type: 'disconnected', member: 'd', at: 100 });
    round.feed({ type: 'disconnected', member: 'd', at: 590 }).tick(600);
    expect(round.state.phase).toBe('collecting');
  });

  it('holds the door open to the deadline for members that are gone, when without them it could not go on', () => {
    const round = new Driven({}, ['c', 'd']).all('advertised', ['a', 'b'], 1).tick(900);
    expect(round.state.phase).toBe('advertising');
    round
      .feed({ type: 'connected', member: 'c', at: 950 })
      .feed({ type: 'advertised', member: 'c', at: 960 });
    expect(round.last).toEqual({ type: 'announce', committee: ['a', 'b', 'c'] });
  });

  it('fails at once when refusals make the threshold impossible, and says how many more are needed', () => {
    const round = new Driven().refused('a', 1).refused('b', 2);
    expect(round.state.failure).toMatchObject({
      code: 'COMMITTEE_UNAVAILABLE',
      expected: '3 of 4 committee members',
    });
    expect(round.state.failure?.got).toContain('a: NOT_FINITE (expected numbers, got NaN)');
    expect(round.state.failure?.next).toMatch(/^1 more committee member is needed/);
  });

  it('is the policies\u2019 failure where they alone stand in the way, and nobody is asked to be brought back', () => {
    const policy = { code: 'POLICY_REFUSED', expected: 'at most 5 rounds', got: '9', next: 'look' };
    const refuse = (round: Driven, member: string) =>
      round.feed({ type: 'refused', member, phase: 'advertising', reason: policy, at: 1 });
    const failure = refuse(refuse(new Driven(), 'a'), 'b').state.failure;
    expect(failure?.code).toBe('POLICY_REFUSED');
    expect(failure?.got).toContain('a: POLICY_REFUSED (expected at most 5 rounds, got 9)');
    expect(failure?.next).toMatch(/^change the task/);
    // One that is gone could be brought back, so it is not theirs alone.
    expect(refuse(refuse(new Driven({}, ['d']), 'a'), 'b').state.failure?.code).toBe('COMMITTEE_UNAVAILABLE');
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
    const round = new Driven({}, ['d']).feed({ type: 'advertised', member: 'a', at: 1 });
    round.refused('a', 2).refused('b', 3).tick(600);
    expect(round.state.phase).toBe('advertising'); // a is in, c and d may still come
    round.all('advertised', ['c', 'd'], 700);
    expect(round.last).toEqual({ type: 'announce', committee: ['a', 'c', 'd'] });
  });

  it('fails at the deadline with too few, and counts the missing in words', () => {
    const round = new Driven().feed({ type: 'advertised', member: 'a', at: 1 }).tick(1000);
    expect(round.state.failure).toMatchObject({ code: 'COMMITTEE_UNAVAILABLE', got: '1 are ready to serve' });
    expect(round.state.failure?.next).toMatch(/^2 more committee members are needed/);
  });

  it('takes keys of committee members only', () => {
    const round = new Driven({ members: [...MEMBERS, 'e'] }).feed({ type: 'advertised', member: 'e', at: 1 });
    expect(round.state.advertised).toEqual([]);
  });
});

describe('collecting', () => {
  it('closes without members that refuse or are gone beyond the grace, never without connected ones', () => {
    const round = new Driven().collecting().all('uploaded', ['a', 'b', 'c'], 20).tick(9000);
    expect(round.state.phase).toBe('collecting');
    expect(round.refused('d', 9001).last).toEqual({ type: 'close', set: ['a', 'b', 'c'] });
    const other = new Driven().collecting().all('uploaded', ['a', 'b', 'c'], 20);
    other.feed({ type: 'disconnected', member: 'd', at: 30 }).tick(529);
    expect(other.state.phase).toBe('collecting');
    expect(other.tick(530).last).toEqual({ type: 'close', set: ['a', 'b', 'c'] });
  });

  it('an upload by a member that then vanishes counts', () => {
    const round = new Driven().collecting().all('uploaded', ['a', 'b', 'c'], 20);
    round
      .feed({ type: 'disconnected', member: 'a', at: 21 })
      .feed({ type: 'uploaded', member: 'd', at: 5000 });
    expect(round.last).toEqual({ type: 'close', set: MEMBERS });
  });

  it('fails below the floor with the names, what each did, and how many more are needed', () => {
    const round = new Driven().collecting().all('uploaded', ['a', 'b'], 20).refused('c', 21);
    round.feed({ type: 'disconnected', member: 'd', at: 100 }).tick(3100);
    expect(round.state.failure).toEqual({
      code: 'COHORT_TOO_SMALL',
      expected: 'at least 3 updates',
      got: '2 (c refused: NOT_FINITE (expected numbers, got NaN), d gone for 3 s)',
      next: '1 more member is needed: bring them back and start the round again',
    });
  });

  it('fails at once when so many refuse that the floor is out of reach, before the others have trained', () => {
    const round = new Driven().collecting().refused('a', 20).refused('b', 21);
    expect(round.state.failure).toMatchObject({ code: 'COHORT_TOO_SMALL' });
    expect(round.state.failure?.next).toMatch(/^1 more member is needed/);
  });

  it('a refusal to serve said while advertising does not stand for the update', () => {
    const round = new Driven().refused('d', 1).all('advertised', ['a', 'b', 'c'], 2);
    round.all('uploaded', ['a', 'b', 'c'], 20).tick(5000);
    expect(round.state.phase).toBe('collecting');
    expect(round.feed({ type: 'uploaded', member: 'd', at: 5001 }).last).toEqual({
      type: 'close',
      set: MEMBERS,
    });
  });

  it('a refusal to serve that comes late does not stand for the update either', () => {
    const round = new Driven().collecting().all('uploaded', ['a', 'b', 'c'], 20);
    round.feed({ type: 'refused', member: 'd', phase: 'advertising', reason: REASON, at: 21 });
    expect(round.state.phase).toBe('collecting');
  });

  it('a reason stays short whatever a thousand members say', () => {
    const members = Array.from({ length: 1000 }, (_, i) => `m${i}`);
    const round = new Driven({ members, committee: members.slice(0, 4) });
    round.all('advertised', members.slice(0, 4), 1);
    for (const member of members)
      round.refused(member, 2, { ...REASON, got: `\u001b[2J${'x'.repeat(5000)}` });
    expect(round.state.failure?.code).toBe('COHORT_TOO_SMALL');
    expect(round.state.failure?.got.length).toBeLessThan(5000);
    expect(round.state.failure?.got).toMatch(/and 984 more\)$/);
    expect(round.state.failure?.got).not.toMatch(/\p{Cc}/u);
  });
});

describe('checking', () => {
  it('leaves out of S whose shares are proven bad, once, and nobody that did not contribute', () => {
    const round = new Driven().checking();
    for (const contributor of ['d', 'd', 'stranger']) round.feed({ type: 'complained', contributor, at: 21 });
    expect(round.state.removed).toEqual(['d']);
    expect(round.all('checked', MEMBERS, 22).last).toEqual({ type: 'fix', set: ['a', 'b', 'c'] });
  });

  it('fails at once where too few contributors are left, and names those with bad shares', () => {
    const round = new Driven().checking();
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
    const early = new Driven().collecting().all('uploaded', ['a', 'b'], 20);
    for (const round of [early, new Driven().opening(), new Driven().auditing()]) {
      const { state } = round;
      expect(round.feed({ type: 'complained', contributor: 'a', at: 41 }).state).toBe(state);
    }
  });

  it('waits for connected members no longer than the settling time once enough have tested', () => {
    const round = new Driven().checking().all('checked', ['a', 'b', 'c'], 100).tick(399);
    expect(round.state.phase).toBe('checking');
    expect(round.tick(400).last?.type).toBe('fix');
    // The answers get a settling time of their own.
    expect(round.all('answered', ['a', 'b', 'c'], 500).tick(799).state.phase).toBe('opening');
    expect(round.tick(800).last?.type).toBe('combine');
  });

  it('does not wait for members that are gone or refuse, and fails where too few are left', () => {
    const round = new Driven().checking().refused('d', 21);
    expect(round.all('checked', ['a', 'b', 'c'], 22).last?.type).toBe('fix');
    const other = new Driven().checking().refused('d', 21).refused('c', 22);
    expect(other.state.failure).toMatchObject({ code: 'COMMITTEE_UNAVAILABLE' });
    const silent = new Driven().checking().all('checked', ['a', 'b'], 22).tick(2020);
    expect(silent.state.failure).toMatchObject({
      code: 'COMMITTEE_UNAVAILABLE',
      got: '2 have tested their shares',
    });
  });
});

describe('auditing', () => {
  it('publishes when everything is covered, whoever has audited, and asks for it once', () => {
    const round = new Driven().auditing().all('audited', ['a', 'b'], 50);
    expect(round.state.phase).toBe('auditing');
    round.feed({ type: 'covered', at: 51 }).feed({ type: 'covered', at: 52 }).tick(1e6);
    expect(round.types().filter((type) => type === 'publish')).toHaveLength(1);
    expect(round.feed({ type: 'published', at: 1e6 }).state.phase).toBe('published');
  });

  it('never publishes what is not covered: at the deadline it fails and names who said nothing', () => {
    const round = new Driven().auditing().all('audited', ['a'], 50).refused('b', 51).tick(2039);
    expect(round.state.phase).toBe('auditing');
    round.feed({ type: 'published', at: 2039 }).tick(2040);
    expect(round.state.failure?.code).toBe('AUDIT_INCOMPLETE');
    expect(round.state.failure?.got).toMatch(/^statements of 1 \(b refused: NOT_FINITE .*c sent nothing/);
    expect(round.types()).not.toContain('publish');
  });

  it('fails as soon as fewer members are left than a part needs auditors', () => {
    const round = new Driven().auditing().refused('a', 50).refused('b', 50);
    expect(round.state.phase).toBe('auditing');
    expect(round.refused('c', 51).state.failure?.code).toBe('AUDIT_INCOMPLETE');
  });

  it('a result that cannot be written fails the round', () => {
    const round = new Driven().auditing().feed({ type: 'covered', at: 51 });
    expect(round.feed({ type: 'failed', reason: REASON, at: 52 }).state.phase).toBe('failed');
  });
});

describe('opening', () => {
  it('waits a moment for answers to spare from connected members, no longer than the settling time', () => {
    const round = new Driven().opening().all('answered', ['a', 'b', 'c'], 100).tick(399);
    expect(round.state.phase).toBe('opening');
    expect(round.tick(400).last).toEqual({ type: 'combine', answers: ['a', 'b', 'c'] });
  });

  it('does not wait for spare answers of members that are gone or refuse', () => {
    const gone = new Driven().opening().feed({ type: 'disconnected', member: 'd', at: 50 });
    expect(gone.all('answered', ['a', 'b', 'c'], 100).last?.type).toBe('combine');
    const refusing = new Driven().opening().refused('d', 50);
    expect(refusing.all('answered', ['a', 'b', 'c'], 100).last?.type).toBe('combine');
  });

  it('never combines below the threshold: too many silent members fail it with the number needed', () => {
    const round = new Driven().opening().all('answered', ['a', 'b'], 100).tick(2025);
    expect(round.state.failure).toMatchObject({ code: 'COMMITTEE_UNAVAILABLE', got: '2 answered' });
    expect(round.state.failure?.next).toMatch(/^1 more committee member is needed/);
    expect(round.types()).toEqual(['announce', 'close', 'fix', 'abort']);
  });

  it('fails as soon as the threshold is out of reach', () => {
    const round = new Driven().opening().refused('a', 100).refused('b', 101);
    expect(round.state.failure?.code).toBe('COMMITTEE_UNAVAILABLE');
  });

  it('takes answers of the announced committee only, even where the roster names more', () => {
    const round = new Driven({}, ['d']).all('advertised', ['a', 'b', 'c'], 1).tick(500);
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

describe('events that do not belong', () => {
  it('from strangers change nothing in any phase', () => {
    const phases = [
      new Driven(),
      new Driven().collecting(),
      new Driven().checking(),
      new Driven().opening(),
      new Driven().auditing(),
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
    const round = new Driven()
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
    const taken = (round: Driven, event: RoundEvent) => stepRound(round.config, round.state, event).taken;
    const refusal = { type: 'refused', member: 'd', phase: 'collecting', reason: REASON } as const;
    const round = new Driven().collecting();
    expect(taken(round, { ...refusal, at: 20 })).toBe(true);
    expect(taken(round, { ...refusal, phase: 'advertising', at: 20 })).toBe(false);
    expect(taken(round, { ...refusal, member: 'stranger', at: 1e6 })).toBe(false);
    expect(taken(round, { type: 'tick', at: 1e6 })).toBe(false);
    expect(taken(round.refused('d', 21), { ...refusal, at: 22 })).toBe(false);
    expect(taken(round.all('uploaded', ['a'], 23), { type: 'uploaded', member: 'a', at: 24 })).toBe(false);
    expect(taken(round, { type: 'failed', reason: REASON, at: 25 })).toBe(true);
  });

  it('after the end change nothing and cause nothing', () => {
    const round = new Driven().feed({ type: 'failed', reason: REASON, at: 5 });
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
    const round = new Driven({ members, committee: members }).all('advertised', ['b', 'c', 'd'], 1).tick(600);
    expect(round.state.phase).toBe('advertising'); // connected, so it is waited for
    round.feed({ type: 'advertised', member: 'constructor', at: 601 }).all('uploaded', ['b', 'c', 'd'], 700);
    expect(round.state.phase).toBe('collecting');
    round.feed({ type: 'disconnected', member: 'constructor', at: 800 }).tick(1300);
    expect(round.last).toEqual({ type: 'close', set: ['b', 'c', 'd'] });
  });
});
