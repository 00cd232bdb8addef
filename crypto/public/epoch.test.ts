import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { mutationsOf } from '../../test/mutate.ts';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { SigningKey } from '../identity/signing-key.ts';
import { EpochChain } from './epoch-chain.ts';
import { checkEpochLink, leastSignatures, nextRoster, signEpoch } from './epoch.ts';
import type { SignedEpoch } from './epoch.ts';
import type { Roster } from './roster.ts';

const four = new TestFederation(4);
const five = four.next(5);
const newcomer = 'org-5';

/** Signatures by members of one federation on a roster of another. */
function signedBy(by: TestFederation, roster: Roster, members: readonly string[]): SignedEpoch {
  return {
    roster,
    signatures: members.map((member) => signEpoch(p, roster, { member, sign: by.key(member).sign })),
  };
}

function linked(before: Roster | null, next: SignedEpoch): boolean {
  try {
    checkEpochLink(p, before, next);
    return true;
  } catch (error) {
    expect(String(error)).toMatch(/EPOCH_INVALID|ROSTER_INVALID/);
    return false;
  }
}

describe('the signatures that put an epoch into force', () => {
  it.each([
    [3, 1, 3],
    [4, 1, 3],
    [4, 2, 4],
    [5, 1, 4],
    [5, 3, 5],
    [15, 1, 9],
    [1024, 1, 513],
  ])('of %i members with cRoster %i it takes %i', (n, cRoster, least) => {
    const members = Array.from({ length: n }, (_, i) => ({ id: `m${i}`, index: i + 1, signKey: '' }));
    expect(leastSignatures({ ...four.roster, members, cRoster })).toBe(least);
    expect(2 * least).toBeGreaterThan(n + cRoster);
    expect(2 * (least - 1)).toBeLessThanOrEqual(n + cRoster);
  });

  const sizes = fc.integer({ min: 3, max: 7 }).chain((n) =>
    fc.record({
      n: fc.constant(n),
      cRoster: fc.integer({ min: 1, max: n - 2 }),
      signers: fc.shuffledSubarray(Array.from({ length: n }, (_, i) => `org-${i + 1}`)),
    }),
  );

  it('a roster epoch without enough signatures is refused; with more than (n + cRoster) / 2 of any members it counts', () => {
    fc.assert(
      fc.property(sizes, ({ n, cRoster, signers }) => {
        const before = new TestFederation(n, { cRoster, kMin: cRoster + 2 });
        const roster = nextRoster(p, before.roster, {});
        const next = signedBy(before, roster, signers);
        expect(linked(before.roster, next)).toBe(2 * signers.length > n + cRoster);
      }),
      { numRuns: 200 },
    );
  });

  it('a signature counts once, however often it stands there and whoever is said to have made it', () => {
    const next = signedBy(four, five.roster, ['org-1', 'org-2']);
    const [one, two] = next.signatures;
    if (!one || !two) throw new Error('no signatures');
    for (const forged of [one, two, { ...one, member: 'org-3' }, { ...two, member: 'org-4' }]) {
      expect(linked(four.roster, { ...next, signatures: [...next.signatures, forged] })).toBe(false);
    }
    const enough = signedBy(four, five.roster, ['org-1', 'org-2', 'org-3']);
    expect(linked(four.roster, enough)).toBe(true);
    for (const again of enough.signatures) {
      expect(linked(four.roster, { ...enough, signatures: [...enough.signatures, again] })).toBe(false);
    }
  });

  it('members enrolled by the coordinator: newcomers and strangers have no say, not even with keys of the right names', () => {
    const made = new TestFederation(40);
    const sybil: Roster = { ...made.roster, epoch: 1, previous: five.roster.previous };
    const all = [...made.keys.keys()];
    expect(linked(four.roster, signedBy(made, sybil, all))).toBe(false);
    expect(linked(four.roster, signedBy(made, sybil, all.slice(4)))).toBe(false);
    const two = signedBy(four, five.roster, ['org-1', 'org-2']);
    const itself = signEpoch(p, five.roster, { member: newcomer, sign: five.key(newcomer).sign });
    expect(linked(four.roster, { ...two, signatures: [...two.signatures, itself] })).toBe(false);
    const coordinator = signEpoch(p, five.roster, { member: 'org-3', sign: four.coordinator.sign });
    expect(linked(four.roster, { ...two, signatures: [...two.signatures, coordinator] })).toBe(false);
  });

  it('any change of an epoch that counts is refused', () => {
    const next = signedBy(four, five.roster, ['org-1', 'org-2', 'org-3']);
    fc.assert(
      fc.property(mutationsOf(next), (forged) => {
        expect(linked(four.roster, forged as unknown as SignedEpoch)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('an epoch of another consortium is refused, though its members have the same keys', () => {
    const keyOf = (id: string) => (id === 'coordinator' ? four.coordinator : four.key(id));
    const other = new TestFederation(4, { consortium: 'other' }, keyOf);
    const theirs = nextRoster(p, other.roster, {});
    const everybody = [...four.keys.keys()];
    expect(linked(other.roster, signedBy(other, theirs, everybody))).toBe(true);
    expect(linked(four.roster, signedBy(four, theirs, everybody))).toBe(false);
    const moved = { ...theirs, previous: five.roster.previous };
    expect(linked(four.roster, signedBy(four, moved, everybody))).toBe(false);
  });

  it('a signature made for something else counts for nothing: one for a task, one for the roster before', () => {
    const signatures = ['org-1', 'org-2', 'org-3'].map((member) =>
      signEpoch(p, four.roster, { member, sign: four.key(member).sign }),
    );
    expect(linked(four.roster, { roster: five.roster, signatures })).toBe(false);
  });

  it('epoch 0 counts with the signatures of all its members and with no fewer', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...four.keys.keys()], { minLength: 0 }), (signers) => {
        expect(linked(null, signedBy(four, four.roster, signers))).toBe(signers.length === 4);
      }),
    );
    expect(linked(null, signedBy(four, five.roster, [...four.keys.keys()]))).toBe(false);
  });

  it('nextRoster and signEpoch refuse weaker settings than the rules', () => {
    for (const weak of [{ kMin: 2 }, { threshold: 2 }, { cRoster: 0 }, { members: [] }]) {
      expect(() => nextRoster(p, four.roster, weak)).toThrow('ROSTER_INVALID');
      const signer = { member: 'org-1', sign: four.key('org-1').sign };
      expect(() => signEpoch(p, { ...five.roster, ...weak }, signer)).toThrow('ROSTER_INVALID');
    }
  });
});

describe('EpochChain', () => {
  const federations = [four];
  for (const members of [5, 4, 6]) {
    const last = federations.at(-1);
    if (last) federations.push(last.next(members));
  }
  const newest = federations.at(-1) ?? four;
  const { epochs } = newest.chain;

  it('knows every roster of an honest chain, from the first to the one in force', () => {
    const chain = EpochChain.verify(p, epochs);
    expect(chain.last).toEqual(newest.roster);
    for (const [epoch, { roster }] of federations.entries()) {
      expect(chain.roster(epoch)).toEqual(roster);
      expect(chain.includes(chain.hash(epoch) ?? '')).toBe(true);
    }
    expect([chain.roster(4), chain.hash(4), chain.roster(-1)]).toEqual([null, null, null]);
    expect(chain.includes('0'.repeat(64))).toBe(false);
  });

  it('every swap, omission, repetition and reordering of epochs is refused', () => {
    const order = fc.array(fc.nat(epochs.length - 1), { maxLength: epochs.length + 1 });
    fc.assert(
      fc.property(order, (indices) => {
        const chosen = indices.flatMap((i) => epochs[i] ?? []);
        const honest = indices.length > 0 && indices.every((index, place) => index === place);
        const verify = () => EpochChain.verify(p, chosen);
        if (honest) expect(verify().last.epoch).toBe(indices.length - 1);
        else expect(verify).toThrow(/EPOCH_INVALID|ROSTER_INVALID/);
      }),
      { numRuns: 300 },
    );
  });

  it('an epoch put into the place of another of the same number is refused by the one after it', () => {
    const other = four.next(6).chain.epochs[1];
    const [first, , ...rest] = epochs;
    if (!other || !first) throw new Error('no epochs');
    expect(EpochChain.verify(p, [first, other]).last.epoch).toBe(1);
    expect(() => EpochChain.verify(p, [first, other, ...rest])).toThrow('EPOCH_INVALID');
  });

  it('extend takes what follows and leaves the chain as it is otherwise', () => {
    const chain = EpochChain.verify(p, epochs.slice(0, 2));
    expect(chain.extend(epochs.slice(2)).last).toEqual(newest.roster);
    expect(() => chain.extend(epochs.slice(3))).toThrow('EPOCH_INVALID');
    expect(() => chain.extend(epochs.slice(1))).toThrow('EPOCH_INVALID');
    expect(chain.extend([])).toBe(chain);
    expect(chain.last.epoch).toBe(1);
  });

  it('a forked chain is refused: two epochs with one number, both signed by enough members', () => {
    const one = four.next(5).chain;
    const other = four.next(6).chain;
    expect(() => one.merge(other)).toThrow('EPOCH_INVALID');
    expect(() => one.merge(new TestFederation(4).chain)).toThrow('EPOCH_INVALID');
    expect(newest.chain.merge(four.chain)).toBe(newest.chain);
    expect(four.chain.merge(newest.chain)).toBe(newest.chain);
  });

  it('the same roster with other signatures is the same epoch', () => {
    const again = four.chain.extend([signedBy(four, five.roster, ['org-2', 'org-3', 'org-4'])]);
    expect(again.merge(five.chain).last).toEqual(five.roster);
  });

  it('a member with a new key signs the next epoch with it and not with the old one', () => {
    const key = SigningKey.generate();
    const members = four.roster.members.map((one) =>
      one.id === 'org-1' ? { ...one, signKey: key.publicKey } : one,
    );
    const rotated = nextRoster(p, four.roster, { members });
    const chain = four.chain.extend([signedBy(four, rotated, ['org-2', 'org-3', 'org-4'])]);
    const next = nextRoster(p, rotated, {});
    const old = signedBy(four, next, ['org-1', 'org-2', 'org-3']);
    expect(() => chain.extend([old])).toThrow('EPOCH_INVALID');
    const signatures = [...old.signatures.slice(1), signEpoch(p, next, { member: 'org-1', sign: key.sign })];
    expect(chain.extend([{ roster: next, signatures }]).last.epoch).toBe(2);
  });
});
