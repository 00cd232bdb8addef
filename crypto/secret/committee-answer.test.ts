import { durableFiles } from '../identity/durable-file.ts';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contribute, sealedFor } from '../../test/crypto-contribution.ts';
import type { Contribution } from '../../test/crypto-contribution.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import type { TestRound } from '../../test/crypto-federation.ts';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { addChunk, createAccumulator, packedSum } from '../public/accumulator.ts';
import { verifyAnswer } from '../public/answer.ts';
import { canonicalJson } from '../public/canonical.ts';
import type { ContributorSet } from '../public/contributor-set.ts';
import { fromBase64Url, fromHex } from '../public/encoding.ts';
import { interpolateKeySum } from '../public/key-shares.ts';
import type { SignedLogEntry } from '../public/log.ts';
import { manifestHash } from '../public/manifest.ts';
import { openSum } from '../public/open-sum.ts';
import { N } from '../public/params.ts';
import type { Roster } from '../public/roster.ts';
import { RoundRecord, contributorSet } from '../public/round-record.ts';
import { unpackField } from '../public/share-packing.ts';
import { AnswerJournal } from './answer-journal.ts';
import { answerRound } from './committee-answer.ts';
import type { EphemeralKey } from './ephemeral-key.ts';
import { TestedShares } from './tested-shares.ts';

const federation = new TestFederation(4);
const { roster } = federation;
const MEMBERS = ['org-1', 'org-2', 'org-3'];

let dir = '';
let place = 0;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cordon-answer-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** One round of three contributors and four committee members; `org-1` is the member under test. */
let round: TestRound;
let contributions: Contribution[];
let journal: AnswerJournal;
beforeEach(() => {
  round = federation.round(1, { length: 13_000 });
  contributions = MEMBERS.map((member) => contribute(round, member));
  journal = new AnswerJournal(join(dir, String(place++)), durableFiles);
});

function logOf(list: readonly Contribution[] = contributions): SignedLogEntry[] {
  const uploads = list.map(({ manifest }) => round.upload(manifest));
  const set = round.checked(list.map(({ manifest }) => manifest));
  return round.log(round.announce(), ...uploads, round.close(), set);
}

const setOf = (list?: readonly Contribution[]) => contributorSet(p, logOf(list), round.hash, roster);

/** What a member has that has tested its shares. */
function testedBy(
  member: string,
  closed: ContributorSet = setOf(),
  sealed: ReadonlyMap<string, Uint8Array> = sealedFor(contributions, member),
  key: EphemeralKey | null = round.ephemeral(member),
): TestedShares {
  const modules = { primitives: p, roster, sign: federation.key(member).sign };
  return TestedShares.test(modules, { closed, key, sealed });
}

/** The member's part as its process does it: S from the log, shares tested, answer. */
async function answerAs(
  member: string,
  list: readonly Contribution[] = contributions,
  into = journal,
  key: EphemeralKey | null = round.ephemeral(member),
) {
  const set = setOf(list);
  const tested = key === null ? null : testedBy(member, set, sealedFor(list, member), key);
  return answerRound({ primitives: p, sign: federation.key(member).sign, journal: into }, { set, tested });
}

describe('a whole opening', () => {
  it('three answers open exactly the sum of the vectors; a fourth lies on the same polynomial', async () => {
    const { setHash } = contributorSet(p, logOf(), round.hash, roster);
    const shares = [];
    for (const member of roster.committee) {
      const answer = await answerAs(
        member,
        contributions,
        new AnswerJournal(join(dir, `${place}-${member}`), durableFiles),
      );
      expect(() => verifyAnswer(p, answer, round.transcript, setHash, roster)).not.toThrow();
      const shareSum = unpackField(fromBase64Url(answer.shares), N);
      shares.push({ committeeIndex: answer.committeeIndex, shareSum });
    }
    const keySum = interpolateKeySum(roster.threshold, shares, MEMBERS.length);
    expect(interpolateKeySum(roster.threshold, shares.slice(1), MEMBERS.length)).toEqual(keySum);
    const { layout, length } = round.transcript;
    const transcriptHash = fromHex(round.hash, 32);
    const opener = openSum(p, { transcriptHash, keySum, members: MEMBERS.length, layout, length });
    const opened = (contributions[0]?.chunks ?? []).flatMap((_, chunk) => {
      const sum = createAccumulator();
      for (const one of contributions) addChunk(sum, one.chunks[chunk] ?? new Uint8Array());
      return [...opener.openChunk(chunk, packedSum(sum))];
    });
    const plain = Array.from({ length }, (_, i) =>
      contributions.reduce((sum, { values }) => sum + (values[i] ?? Number.NaN), 0),
    );
    expect(opened).toEqual(plain);
  });

  it('erases the ephemeral key, so that nothing sealed to it opens again', async () => {
    await answerAs('org-1');
    expect(round.ephemeral('org-1').erased).toBe(true);
  });

  it('journals before it replies', async () => {
    const answer = await answerAs('org-1');
    expect(await journal.lookup(round.transcript)).toEqual(answer);
  });

  it('a committee member that did not contribute answers as well', async () => {
    expect((await answerAs('org-4')).member).toBe('org-4');
  });
});

describe('attacks on the opening', () => {
  const refused = async (work: Promise<unknown>, expected: object) => {
    await expect(work).rejects.toMatchObject(expected);
    expect(await journal.lookup(round.transcript)).toBeNull();
  };

  it('|S| < k_min: nothing is answered', async () => {
    await refused(answerAs('org-1', contributions.slice(0, 2)), { code: 'COHORT_TOO_SMALL' });
    await refused(answerAs('org-1', contributions.slice(0, 1)), { code: 'COHORT_TOO_SMALL' });
  });

  it('manifest accepted but left out: its member finds it missing in what was closed', () => {
    const own = contributions[0]?.manifest;
    const record = new RoundRecord(p, roster, round.hash, logOf()[1]?.entry);
    for (const { entry } of logOf(contributions.slice(1)).slice(2)) record.accept(entry);
    expect(() => record.closed?.assertIncluded(own ? manifestHash(p, own) : '')).toThrow('LOG_INVALID');
  });

  it('forged manifest: nothing is answered', async () => {
    const [first, ...rest] = contributions as [Contribution, ...Contribution[]];
    const forged = { ...first, manifest: { ...first.manifest, blobHash: '0'.repeat(64) } };
    await refused(answerAs('org-1', [...rest, forged]), { code: 'SIGNATURE_INVALID' });
  });

  it('replayed manifest of another round: nothing is answered', async () => {
    const replayed = contribute(federation.round(2, { length: 13_000 }), 'org-4');
    await refused(answerAs('org-1', [...contributions, replayed]), { code: 'MANIFEST_INVALID' });
  });

  it('second answer for another set (overlapping sets): refused, also with the shares still there', async () => {
    const more = [...contributions, contribute(round, 'org-4')];
    const kept = testedBy('org-1', setOf(more), sealedFor(more, 'org-1'));
    const answer = await answerAs('org-1');
    for (const tested of [kept, null]) {
      const modules = { primitives: p, sign: federation.key('org-1').sign, journal };
      await expect(answerRound(modules, { set: setOf(more), tested })).rejects.toMatchObject({
        code: 'ALREADY_ANSWERED',
      });
    }
    expect(await journal.lookup(round.transcript)).toEqual(answer);
  });

  it('chosen sets shown at the same time: one of them is answered, the other never', async () => {
    const more = [...contributions, contribute(round, 'org-4')];
    const both = await Promise.allSettled([answerAs('org-1'), answerAs('org-1', more)]);
    expect(both.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    const reasons = both.flatMap((one) =>
      one.status === 'rejected' ? [one.reason as { code: string }] : [],
    );
    expect(reasons.map(({ code }) => code)).toEqual(['ALREADY_ANSWERED']);
  });

  it('second answer for another transcript of the same round: refused', async () => {
    await answerAs('org-1');
    const kept = round.ephemerals;
    round = federation.round(1, { length: 13_000 });
    contributions = MEMBERS.map((member) => contribute(round, member));
    await expect(answerAs('org-1')).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
    expect(kept.get('org-1')?.erased).toBe(true);
  });

  it('one ephemeral key in two transcripts: it serves the first it was bound to', async () => {
    round.ephemeral('org-1').bind('0'.repeat(64));
    await refused(answerAs('org-1'), { code: 'KEY_SPENT' });
  });

  it('a restored backup of the state folder cannot answer for the transcript: journal gone, key gone', async () => {
    await answerAs('org-1');
    const restored = new AnswerJournal(join(dir, `${place}-restored`), durableFiles);
    const silent = { code: 'KEY_SPENT' };
    // No key, the one that was erased, and a new one for the same round and seat.
    await expect(answerAs('org-1', contributions, restored, null)).rejects.toMatchObject(silent);
    await expect(answerAs('org-1', contributions, restored)).rejects.toMatchObject(silent);
    const fresh = federation.round(1).ephemeral('org-1');
    await expect(answerAs('org-1', contributions, restored, fresh)).rejects.toMatchObject(silent);
    expect(await restored.lookup(round.transcript)).toBeNull();
  });

  it('shares tested for another transcript, or whose key is erased, answer nothing', async () => {
    const tested = testedBy('org-1');
    round.ephemeral('org-1').erase();
    const modules = { primitives: p, sign: federation.key('org-1').sign, journal };
    await refused(answerRound(modules, { set: setOf(), tested }), { code: 'KEY_SPENT' });
    const before = testedBy('org-2');
    round = federation.round(1, { length: 13_000 });
    contributions = MEMBERS.map((member) => contribute(round, member));
    await refused(answerRound(modules, { set: setOf(), tested: before }), { code: 'KEY_SPENT' });
  });
});

describe('killed while answering', () => {
  interface Left {
    roster: Roster;
    transcriptHash: string;
    entries: SignedLogEntry[];
    otherEntries: SignedLogEntry[];
  }

  async function crash(when: 'before' | 'after') {
    const home = await mkdtemp(join(dir, `${when}-`));
    const script = fileURLToPath(new URL('../../test/crash-while-answering.ts', import.meta.url));
    const child = spawnSync(process.execPath, [script, home, when], { encoding: 'utf8' });
    expect(child.stderr).toBe('');
    expect(child.signal).toBe('SIGKILL');
    const left = JSON.parse(await readFile(join(home, 'left.json'), 'utf8')) as Left;
    const restarted = new AnswerJournal(join(home, 'answers'), durableFiles);
    const again = async (entries: SignedLogEntry[]) =>
      answerRound(
        { primitives: p, sign: federation.key('org-1').sign, journal: restarted },
        { set: contributorSet(p, entries, left.transcriptHash, left.roster), tested: null },
      );
    return { left, again };
  }

  it('after the journal, before the reply: the journalled answer, and no other', async () => {
    const { left, again } = await crash('after');
    const answer = await again(left.entries);
    const set = contributorSet(p, left.entries, left.transcriptHash, left.roster);
    expect(() => verifyAnswer(p, answer, set.transcript, set.setHash, left.roster)).not.toThrow();
    expect(canonicalJson(await again(left.entries))).toBe(canonicalJson(answer));
    await expect(again(left.otherEntries)).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
  }, 20_000);

  it('before the journal: silence for that round', async () => {
    const { left, again } = await crash('before');
    await expect(again(left.entries)).rejects.toMatchObject({ code: 'KEY_SPENT' });
    await expect(again(left.otherEntries)).rejects.toMatchObject({ code: 'KEY_SPENT' });
  }, 20_000);
});
