import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { contribute, sealedFor } from '../../test/crypto-contribution.ts';
import type { Contribution, Spoil } from '../../test/crypto-contribution.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { mutationsOf } from '../../test/mutate.ts';
import { nodePrimitives as p, systemRandom } from '../identity/node-primitives.ts';
import { answerRound } from '../secret/committee-answer.ts';
import { TestedShares } from '../secret/tested-shares.ts';
import { verifyComplaint } from './complaint.ts';
import type { Complaint, ComplaintContext, ShareFault } from './complaint.ts';
import { type ContributorSet, contributorOf } from './contributor-set.ts';
import { toBase64Url } from './encoding.ts';
import { pairIndex } from './pair-keys.ts';
import { contributorSet } from './round-record.ts';
import { packField } from './share-packing.ts';
import { signFields } from './signed.ts';

const federation = new TestFederation(5);
const { roster } = federation;
const round = federation.round(1, { length: 100 });
const other = federation.round(2, { length: 100 });
/** Who cheats, and the committee members that get a bad share: one of those with seeds, one of those with vectors. */
const CHEAT = 'org-5';
const [SEEDED, VECTORED] = ['org-1', 'org-4'] as const;
const honest = ['org-1', 'org-2', 'org-3', 'org-4'].map((member) => contribute(round, member));

function closedWith(contribution: Contribution): { closed: ContributorSet; all: Contribution[] } {
  const all = [...honest, contribution];
  const manifests = all.map(({ manifest }) => manifest);
  const uploads = manifests.map((manifest) => round.upload(manifest));
  const log = round.log(round.announce(), ...uploads, round.close(), round.checked(manifests));
  return { closed: contributorSet(p, log, round.hash, roster), all };
}

function tested(member: string, contribution: Contribution): TestedShares {
  const { closed, all } = closedWith(contribution);
  const modules = { primitives: p, roster, sign: federation.key(member).sign };
  return TestedShares.test(modules, { closed, key: round.ephemeral(member), sealed: sealedFor(all, member) });
}

function contextOf(contribution: Contribution): ComplaintContext {
  return {
    transcript: round.transcript,
    transcriptHash: round.hash,
    roster,
    contributor: contributorOf(p, contribution.manifest),
  };
}

/** A contribution in which these members get something else than what they should. */
const spoiled = (victims: readonly string[], spoil: Spoil): Contribution =>
  contribute(round, CHEAT, undefined, (recipient, plaintext, seal) =>
    victims.includes(recipient) ? spoil(recipient, plaintext, seal) : seal(plaintext),
  );

const changed = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe('a complaint of every kind', () => {
  it.each<[string, string, ShareFault, Spoil]>([
    [
      'undecryptable: random bytes',
      VECTORED,
      'does not open',
      (_, share, seal) => systemRandom(seal(share).length),
    ],
    ['undecryptable: a changed tag', SEEDED, 'does not open', (_, share, seal) => changed(seal(share), 1160)],
    [
      'undecryptable: a sender key of small order',
      SEEDED,
      'does not open',
      (_, share, seal) => seal(share).fill(0, 1, 33),
    ],
    [
      'malformed: an element outside the field',
      VECTORED,
      'is malformed',
      (_, share, seal) => seal(share.slice().fill(0xff, 1, 6)),
    ],
    [
      'a seed that says it is a vector',
      SEEDED,
      'is malformed',
      (_, share, seal) => seal(Uint8Array.of(2, ...share.subarray(1))),
    ],
    [
      'a vector that says it is a seed',
      VECTORED,
      'is malformed',
      (_, share, seal) => seal(Uint8Array.of(1, ...share.subarray(1))),
    ],
    [
      'a share of no kind',
      SEEDED,
      'is malformed',
      (_, share, seal) => seal(Uint8Array.of(0, ...share.subarray(1))),
    ],
    [
      'inconsistent: another seed',
      SEEDED,
      'does not fit the others',
      (_, share, seal) => seal(changed(share, 1)),
    ],
    [
      'inconsistent: one element of a vector',
      VECTORED,
      'does not fit the others',
      (_, share, seal) => seal(changed(share, 4000)),
    ],
    [
      'inconsistent: only a mask',
      VECTORED,
      'does not fit the others',
      (_, share, seal) => seal(changed(share, share.length - 1)),
    ],
    [
      'swapped recipient: sealed to the pair of another member',
      SEEDED,
      'does not open',
      (_, share, seal) => seal(share, { pair: round.pair('org-2', CHEAT) }),
    ],
    [
      'swapped contributor: sealed to the pair for another contributor',
      SEEDED,
      'does not open',
      (_, share, seal) => seal(share, { pair: round.pair(SEEDED, 'org-2') }),
    ],
    [
      'share from another round: sealed under its transcript',
      SEEDED,
      'does not open',
      (_, share, seal) =>
        seal(share, { transcriptHash: other.hash, recipient: other.ephemeral(SEEDED).public }),
    ],
  ])('%s: it is proven, and removes the contributor', (_, victim, fault, spoil) => {
    const cheat = spoiled([victim], spoil);
    const { complaints } = tested(victim, cheat);
    expect(complaints.map(({ contributor }) => contributor)).toEqual([CHEAT]);
    const [complaint] = complaints as [Complaint];
    expect(verifyComplaint(p, complaint, contextOf(cheat))).toBe(fault);
    for (const member of roster.committee) {
      if (member !== victim) expect(tested(member, cheat).complaints).toEqual([]);
    }

    const manifests = [...honest, cheat].map(({ manifest }) => manifest);
    const uploads = manifests.map((manifest) => round.upload(manifest));
    const steps = [round.announce(), ...uploads, round.close(), round.complaint(complaint)];
    const log = round.log(...steps, round.checked(manifests.slice(0, 4)));
    expect(contributorSet(p, log, round.hash, roster).members).toEqual(honest.map(({ member }) => member));
    const kept = round.log(...steps, round.checked(manifests));
    expect(() => contributorSet(p, kept, round.hash, roster)).toThrow('LOG_INVALID');
  });

  it('shares of different polynomials for every member: all that do not fit complain', () => {
    const cheat = spoiled(roster.committee.slice(2), (_, share, seal) => {
      const elements = new Uint32Array(4104).map((_value, i) => i);
      return seal(share.length > 100 ? Uint8Array.of(2, ...packField(elements)) : changed(share, 9));
    });
    for (const member of roster.committee) {
      expect(tested(member, cheat).complaints).toHaveLength(roster.committee.indexOf(member) < 2 ? 0 : 1);
    }
  });

  it('a `lowDegree` that is not that of the shares: every committee member proves it', () => {
    const good = contribute(round, CHEAT);
    const { signature: _, ...fields } = good.manifest;
    const lowDegree = toBase64Url(new Uint8Array(17 * roster.threshold));
    const manifest = signFields(federation.key(CHEAT).sign, 'cordon/v1/manifest', { ...fields, lowDegree });
    const cheat = { ...good, manifest };
    for (const member of roster.committee) {
      const [complaint] = tested(member, cheat).complaints as [Complaint];
      expect(verifyComplaint(p, complaint, contextOf(cheat))).toBe('does not fit the others');
    }
  });
});

describe('what a complaint does not do', () => {
  const good = contribute(round, CHEAT);
  const bad = spoiled([SEEDED], (_, share, seal) => seal(changed(share, 1)));
  let complaint: Complaint;
  beforeAll(() => {
    [complaint] = tested(SEEDED, bad).complaints as [Complaint];
  });
  const refused = (one: Complaint, context = contextOf(bad)) =>
    expect(() => verifyComplaint(p, one, context)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(COMPLAINT|SIGNATURE)_INVALID$/) as string }),
    );
  const resigned = (changes: Partial<Complaint>, signer: string = SEEDED): Complaint => {
    const { signature: _, ...fields } = { ...complaint, ...changes };
    return signFields(federation.key(signer).sign, 'cordon/v1/complaint', fields);
  };

  it('a false complaint about a good share is refused, names its author, and takes nobody out', () => {
    const index = pairIndex(roster, CHEAT);
    const context = contextOf(good);
    const lie = resigned({
      manifestHash: context.contributor?.manifestHash ?? '',
      ...round.ephemeral(SEEDED).reveal(round.hash, index),
      sealed: toBase64Url(good.sealed.get(SEEDED) ?? new Uint8Array()),
    });
    expect(() => verifyComplaint(p, lie, context)).toThrow(
      expect.objectContaining({
        code: 'COMPLAINT_INVALID',
        expected: `a share that is bad, in the complaint of ${SEEDED} about ${CHEAT}`,
        next: `keep ${CHEAT} in the set; look into what is wrong at ${SEEDED}`,
      }),
    );
    const manifests = [...honest, good].map(({ manifest }) => manifest);
    const uploads = manifests.map((manifest) => round.upload(manifest));
    const steps = [round.announce(), ...uploads, round.close(), round.complaint(lie)];
    const log = round.log(...steps, round.checked(manifests.slice(0, 4)));
    expect(() => contributorSet(p, log, round.hash, roster)).toThrow('COMPLAINT_INVALID');
  });

  it('one that reveals another secret, or shows other bytes than were promised, proves nothing', () => {
    const foreign = round.ephemeral(SEEDED).reveal(round.hash, 0);
    refused(resigned({ pairSecret: foreign.pairSecret }));
    refused(resigned(foreign));
    refused(resigned({ proof: [] }));
    refused(resigned({ proof: ['x'] }));
    refused(resigned({ pairSecret: toBase64Url(systemRandom(96)) }));
    refused(resigned({ sealed: toBase64Url(systemRandom(1170)) }));
    refused(resigned({ sealed: toBase64Url(good.sealed.get(SEEDED) ?? new Uint8Array()) }));
    refused(resigned({ sealed: '!' }));
  });

  it('one for another transcript, seat, contributor or manifest, or with another signature, is refused', () => {
    refused(resigned({ transcriptHash: other.hash }));
    refused(resigned({ round: 2 }));
    refused(resigned({ epoch: 1 }));
    refused(resigned({ consortium: 'other' }));
    refused(resigned({ committeeIndex: 2 }));
    refused(resigned({ member: 'org-2' }, 'org-2'));
    refused(resigned({ contributor: 'org-2' }));
    refused(resigned({ manifestHash: '0'.repeat(64) }));
    refused(resigned({}, 'org-2'));
    refused(complaint, { ...contextOf(bad), contributor: undefined });
  });

  it('every field is needed and every change refused', () => {
    fc.assert(
      fc.property(mutationsOf(complaint), (mutant) => {
        expect(() => verifyComplaint(p, mutant as unknown as Complaint, contextOf(bad))).toThrow(/_INVALID/);
      }),
      { numRuns: 200 },
    );
  });

  it('what it reveals opens the one share and no other', () => {
    const revealed = complaint.pairSecret;
    const secrets = new Set(
      roster.members.map((_, index) => round.ephemeral(SEEDED).reveal(round.hash, index).pairSecret),
    );
    expect(secrets.size).toBe(roster.members.length);
    expect(secrets.has(revealed)).toBe(true);
  });
});

describe('a coordinator that suppresses a complaint', () => {
  it('gains nothing: the member that complains answers for no set with that contributor in it', async () => {
    const bad = spoiled([SEEDED], (_, share, seal) => seal(changed(share, 1)));
    const { closed } = closedWith(bad);
    const mine = tested(SEEDED, bad);
    const journal = {
      lookup: () => Promise.resolve(null),
      record: () => Promise.reject(new Error('journalled')),
    };
    const modules = { primitives: p, sign: federation.key(SEEDED).sign, journal };
    await expect(answerRound(modules, { set: closed, tested: mine })).rejects.toMatchObject({
      code: 'SHARE_INVALID',
      expected: expect.stringContaining(`share of ${CHEAT}`) as string,
    });
  });

  it('or gives other bytes than were uploaded: the member is silent, and has nothing to complain of', () => {
    const { closed, all } = closedWith(contribute(round, CHEAT));
    const sealed = sealedFor(all, SEEDED);
    const bytes = sealed.get(CHEAT) ?? new Uint8Array();
    for (const wrong of [changed(bytes, 40), bytes.subarray(1), sealed.get('org-2'), undefined]) {
      const shown = new Map(sealed);
      if (wrong === undefined) shown.delete(CHEAT);
      else shown.set(CHEAT, wrong);
      const modules = { primitives: p, roster, sign: federation.key(SEEDED).sign };
      const request = { closed, key: round.ephemeral(SEEDED), sealed: shown };
      expect(() => TestedShares.test(modules, request)).toThrow('SHARE_INVALID');
    }
  });
});
