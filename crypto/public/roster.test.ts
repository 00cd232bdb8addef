import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { nodePrimitives } from '../identity/node-primitives.ts';
import { checkRoster, leastThreshold, memberOf, rosterHash } from './roster.ts';
import type { Roster } from './roster.ts';
import { describeRoster, marginOf, toleranceTable } from './tolerance.ts';

const four = new TestFederation(4).roster;
const [first, second] = four.members;
if (first === undefined || second === undefined) throw new Error('no members');
const others = four.members.slice(1);

describe('checkRoster', () => {
  it.each([3, 4, 5, 15, 16, 40])('accepts the default roster of %i members', (n) => {
    expect(() => checkRoster(new TestFederation(n).roster)).not.toThrow();
  });

  it.each<[string, Partial<Roster>]>([
    ['cRoster below 1', { cRoster: 0 }],
    ['cCommittee below 1', { cCommittee: 0 }],
    ['kMin below 3', { kMin: 2 }],
    ['kMin below cRoster + 2', { cRoster: 2, kMin: 3 }],
    ['kMin above the members', { kMin: 5 }],
    ['a threshold that two different sets could both reach', { threshold: 2 }],
    ['a threshold of half the honest committee', { threshold: 3, cCommittee: 2 }],
    ['a threshold above the committee', { threshold: 5 }],
    ['a committee smaller than everybody', { committee: ['org-1', 'org-2', 'org-3'] }],
    ['a stranger in the committee', { committee: ['org-1', 'org-2', 'org-3', 'org-9'] }],
    ['a committee member twice', { committee: ['org-1', 'org-2', 'org-3', 'org-3'] }],
    ['a member id twice', { members: [{ ...first, id: second.id }, ...others] }],
    ['an index twice', { members: [{ ...first, index: 2 }, ...others] }],
    ['an index beyond n', { members: [{ ...first, index: 5 }, ...others] }],
    ['a key twice', { members: [{ ...first, signKey: second.signKey }, ...others] }],
    ['a member with the coordinator key', { coordinatorKey: first.signKey }],
    ['an id with capitals', { members: [{ ...first, id: 'Org-1' }, ...others] }],
    ['an id with a slash', { members: [{ ...first, id: 'a/b' }, ...others] }],
    ['an id of 64 letters', { members: [{ ...first, id: 'a'.repeat(64) }, ...others] }],
    ['an id that starts with a dash', { members: [{ ...first, id: '-a' }, ...others] }],
    ['a key of 31 bytes', { coordinatorKey: 'A'.repeat(42) }],
    ['two members', { members: four.members.slice(0, 2) }],
    ['a negative epoch', { epoch: -1 }],
    ['an epoch 0 with one before it', { previous: '0'.repeat(64) }],
    ['an epoch 1 with none before it', { epoch: 1 }],
    ['a hash of the epoch before that is none', { epoch: 1, previous: 'x' }],
    ['a bound that is text', { kMin: '3' as unknown as number }],
  ])('refuses %s', (_, change) => {
    expect(() => checkRoster({ ...four, ...change })).toThrow('ROSTER_INVALID');
  });

  it('refuses missing and additional fields', () => {
    const { kMin: _, ...short } = four;
    expect(() => checkRoster(short as Roster)).toThrow('expected roster.kMin');
    expect(() => checkRoster({ ...four, admin: true } as Roster)).toThrow('ROSTER_INVALID');
    expect(() => checkRoster(null as unknown as Roster)).toThrow('ROSTER_INVALID');
  });

  it('names 15 committee members beyond 15 members', () => {
    const big = new TestFederation(16).roster;
    expect(() => checkRoster({ ...big, committee: big.committee.slice(1) })).toThrow('ROSTER_INVALID');
  });
});

describe('rosterHash', () => {
  it('changes with every field', () => {
    const hash = rosterHash(nodePrimitives, four);
    expect(rosterHash(nodePrimitives, { ...four })).toBe(hash);
    for (const change of [
      { consortium: 'other' },
      { epoch: 2 },
      { threshold: 4 },
      { cRoster: 2 },
      { cCommittee: 2 },
      { kMin: 4 },
      { coordinatorKey: first.signKey },
      { committee: [...four.committee].reverse() },
      { members: [...four.members].reverse() },
    ]) {
      expect(rosterHash(nodePrimitives, { ...four, ...change })).not.toBe(hash);
    }
  });
});

describe('tolerance', () => {
  it('three members tolerate no silence, four tolerate one', () => {
    const table = toleranceTable(15);
    const silent = (m: number) => Math.max(...table.filter((row) => row.m === m).map((row) => row.maySilent));
    expect(silent(3)).toBe(0);
    expect(silent(4)).toBe(1);
    expect(table.at(-1)?.m).toBe(15);
    expect(table.filter(({ m }) => m === 4)).toEqual([
      { m: 4, t: 3, cCommittee: 1, maySilent: 1 },
      { m: 4, t: 4, cCommittee: 3, maySilent: 0 },
    ]);
  });

  it('every row obeys t > (m + c) / 2, and one more colluder would break it', () => {
    for (const { m, t, cCommittee, maySilent } of toleranceTable(99)) {
      expect(2 * t).toBeGreaterThan(m + cCommittee);
      expect(2 * t).toBeLessThanOrEqual(m + cCommittee + 1);
      expect(maySilent).toBe(m - t);
      expect(m).toBeLessThanOrEqual(15);
    }
  });

  it('leastThreshold: any two sets of t answers share more than cCommittee members', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 15 }), fc.integer({ min: 1, max: 14 }), (m, c) => {
        const t = leastThreshold(m, c);
        expect(2 * t - m).toBeGreaterThan(c);
        expect(2 * (t - 1) - m).toBeLessThanOrEqual(c);
      }),
    );
  });

  it.each([3, 4, 10, 20])(
    'the margin of a roster of %i members is the greatest of bounds that the rules accept with its numbers',
    (n) => {
      const { roster } = new TestFederation(n);
      const m = roster.committee.length;
      const accepted = (changes: Partial<Roster>) => {
        try {
          checkRoster({ ...roster, ...changes });
          return true;
        } catch {
          return false;
        }
      };
      const greatest = (fits: (bound: number) => boolean) =>
        Math.max(...Array.from({ length: n + 1 }, (_, bound) => bound).filter(fits));
      for (let threshold = leastThreshold(m, 1); threshold <= m; threshold++) {
        for (const kMin of [3, n]) {
          const margin = marginOf({ ...roster, threshold, kMin });
          const numbers = { threshold, kMin };
          expect(margin.cCommittee).toBe(greatest((cCommittee) => accepted({ ...numbers, cCommittee })));
          expect(margin.cRoster).toBe(greatest((cRoster) => accepted({ ...numbers, cRoster })));
          expect(margin.maySilent).toBe(m - threshold);
        }
      }
    },
  );

  it('describes a roster in plain words', () => {
    expect(describeRoster(four)).toBe(
      '4 members, committee of 4: 3 answers open a sum of at least 3; made for at most 1 member (and at most 1 of the ' +
        "committee) on the coordinator's side; up to 1 of the committee may be silent",
    );
    expect(describeRoster(new TestFederation(3).roster)).toContain('no committee member may be silent');
  });

  it('memberOf refuses strangers', () => {
    expect(memberOf(four, 'org-2').index).toBe(2);
    expect(() => memberOf(four, 'org-9')).toThrow('ROSTER_INVALID');
  });
});
