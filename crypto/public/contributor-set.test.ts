import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import type { LogStep } from '../../test/crypto-federation.ts';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { manifestHash } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { RoundRecord, contributorSet } from './round-record.ts';

const federation = new TestFederation(5);
const { roster } = federation;
const round = federation.round(1);
const members = ['org-1', 'org-2', 'org-3', 'org-4'];
const manifests = members.map((member) => round.manifest(member));
const uploads = manifests.map((manifest) => round.upload(manifest));
const [u1, u2, u3, u4] = uploads;
if (!u1 || !u2 || !u3 || !u4) throw new Error('no uploads');
const setOf = (...steps: readonly LogStep[]) => contributorSet(p, round.log(...steps), round.hash, roster);
/** Close, and the check of the set of these uploads. */
const end = (...of: readonly LogStep[]) => [
  round.close(),
  round.checked(of.map(([, body]) => body['manifest'] as unknown as Manifest)),
];
const honest = setOf(round.announce(), u1, u2, u3, ...end(u1, u2, u3));

describe('contributorSet', () => {
  it('is every manifest between announce and close, in log order', () => {
    expect(honest.members).toEqual(['org-1', 'org-2', 'org-3']);
    expect(honest.contributors.map((one) => one.manifestHash)).toEqual(
      manifests.slice(0, 3).map((manifest) => manifestHash(p, manifest)),
    );
    expect(honest.transcript).toEqual(round.transcript);
  });

  it('the order of uploads changes the log order and never the set hash', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([u1, u2, u3], { minLength: 3 }), (order) => {
        expect(setOf(round.announce(), ...order, ...end(...order)).setHash).toBe(honest.setHash);
      }),
      { numRuns: 10 },
    );
  });

  it('what comes after the close changes nothing', () => {
    const later: LogStep[] = [
      u4,
      ['answer', { answer: {} }],
      ['abort', { run: 'run-1', round: 1, code: 'X', detail: '' }],
    ];
    const set = setOf(round.announce(), u1, u2, u3, ...end(u1, u2, u3), ...later);
    expect(set.setHash).toBe(honest.setHash);
  });

  it('a late answer of the round before does not disturb it', () => {
    const set = setOf(round.announce(), u1, ['answer', { answer: {} }], u2, u3, ...end(u1, u2, u3));
    expect(set.setHash).toBe(honest.setHash);
  });

  it('chosen sets: every other set of uploads has another hash', () => {
    const hashes = new Set<string>();
    for (let pick = 0; pick < 16; pick++) {
      const chosen = uploads.filter((_, i) => (pick >> i) % 2 === 1);
      hashes.add(setOf(round.announce(), ...chosen, ...end(...chosen)).setHash);
    }
    expect(hashes.size).toBe(16);
  });

  const other = federation.round(2);
  it.each<[string, readonly LogStep[]]>([
    ['without an announce', [u1, u2, u3, round.close()]],
    ['without a close', [round.announce(), u1, u2, u3]],
    ['announced twice', [round.announce(), u1, round.announce(), u2, u3, ...end(u1, u2, u3)]],
    ['closed twice', [round.announce(), u1, u2, u3, round.close(), u4, ...end(u1, u2, u3)]],
    ['that is closed and not checked', [round.announce(), u1, u2, u3, round.close()]],
    ['checked for another set', [round.announce(), u1, u2, u3, round.close(), ...end(u1, u2).slice(1)]],
    ['checked twice', [round.announce(), u1, ...end(u1), ...end(u1).slice(1)]],
    ['checked before the close', [round.announce(), u1, ...end(u1).toReversed()]],
    [
      'whose check names another run',
      [round.announce(), u1, round.close(), ['checked', { ...end(u1)[1]?.[1], run: 'x' }]],
    ],
    [
      'with a complaint that is none',
      [round.announce(), u1, round.close(), ['complaint', {}], ...end(u1).slice(1)],
    ],
    ['closed before it was announced', [round.close(), u1, round.announce()]],
    [
      'aborted and closed all the same',
      [round.announce(), u1, ['abort', { run: 'run-1', round: 1 }], ...end(u1, u2)],
    ],
    [
      'with the announce of another round inside',
      [round.announce(), u1, other.announce(), u2, ...end(u1, u2)],
    ],
    ['with a manifest twice', [round.announce(), u1, u2, u1, ...end(u1, u2)]],
    [
      'with two manifests of one member',
      [round.announce(), u1, round.upload(round.manifest('org-1')), ...end(u1, u2)],
    ],
    ['with an upload of no manifest', [round.announce(), ['upload', {}], ...end(u1, u2)]],
    [
      'with a wrong manifest hash',
      [round.announce(), ['upload', { ...u1[1], manifestHash: '0' }], ...end(u1, u2)],
    ],
    ['whose close names another round', [round.announce(), u1, ['close', { ...round.close()[1], round: 2 }]]],
    ['whose close names another run', [round.announce(), u1, ['close', { ...round.close()[1], run: 'x' }]]],
    [
      'whose announce holds another transcript',
      [['announce', { transcript: other.transcript, transcriptHash: round.hash }], u1, round.close()],
    ],
    ['whose announce holds none', [['announce', { transcriptHash: round.hash }], u1, round.close()]],
  ])('refuses a log %s', (_, steps) => {
    expect(() => setOf(...steps)).toThrow('LOG_INVALID');
  });

  it('forged manifest in the log: the log is refused, not the manifest skipped', () => {
    const forged = { ...manifests[3], blobHash: '0'.repeat(64) } as (typeof manifests)[number];
    expect(() => setOf(round.announce(), u1, u2, u3, round.upload(forged), ...end(u1, u2, u3))).toThrow(
      'SIGNATURE_INVALID',
    );
  });

  it('replayed manifest: one of another round in the log is refused', () => {
    const replay = other.upload(other.manifest('org-4'));
    expect(() => setOf(round.announce(), u1, u2, u3, replay, ...end(u1, u2, u3))).toThrow('MANIFEST_INVALID');
  });

  it('refuses a transcript that breaks the rules, even if its hash is the announced one', () => {
    const weak = federation.round(1, { kMin: 2 });
    const entries = weak.log(weak.announce(), weak.close());
    expect(() => contributorSet(p, entries, weak.hash, roster)).toThrow('TRANSCRIPT_INVALID');
  });

  it('refuses entries with a gap', () => {
    const entries = round.log(round.announce(), u1, u2, u3, ...end(u1, u2, u3));
    expect(() => contributorSet(p, entries.toSpliced(2, 1), round.hash, roster)).toThrow('LOG_INVALID');
  });
});

describe('what a member checks of S', () => {
  it('manifest accepted but left out of S: its member refuses the set', () => {
    const own = manifestHash(p, manifests[3] as (typeof manifests)[number]);
    expect(() => honest.assertIncluded(own)).toThrow('LOG_INVALID');
    expect(() => setOf(round.announce(), ...uploads, ...end(...uploads)).assertIncluded(own)).not.toThrow();
  });

  it('manifest accepted after the close: its member refuses the set', () => {
    const own = manifestHash(p, manifests[3] as (typeof manifests)[number]);
    const set = setOf(round.announce(), u1, u2, u3, ...end(u1, u2, u3), u4);
    expect(() => set.assertIncluded(own)).toThrow('LOG_INVALID');
  });

  it('|S| < k_min: the set is refused, and says how many more are needed', () => {
    expect(() => honest.assertCohort()).not.toThrow();
    const small = setOf(round.announce(), u1, u2, ...end(u1, u2));
    expect(() => small.assertCohort()).toThrow('COHORT_TOO_SMALL: expected at least 3 contributors, got 2');
  });
});

describe('RoundRecord', () => {
  it('of the manifests that a member can sign without end it holds one', () => {
    let checks = 0;
    const counting = {
      ...p,
      verifyEd25519: (...of: Parameters<typeof p.verifyEd25519>) => (checks++, p.verifyEd25519(...of)),
    };
    const record = new RoundRecord(counting, roster, round.hash, round.log(round.announce())[1]?.entry);
    const [first, second] = [round.manifest('org-1'), round.manifest('org-1')];
    const other = round.manifest('org-2');
    checks = 0;
    for (const manifest of [first, first, other, second, other, first]) record.verify(manifest);
    expect(checks).toBe(4);
  });
});
