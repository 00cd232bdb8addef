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
import { nodePrimitives as p, systemRandom } from '../identity/node-primitives.ts';
import { addChunk, createAccumulator, packedSum } from '../public/accumulator.ts';
import { verifyAnswer } from '../public/answer.ts';
import { canonicalJson } from '../public/canonical.ts';
import { contributorSet } from '../public/contributor-set.ts';
import { fromBase64Url, fromHex } from '../public/encoding.ts';
import { interpolateKeySum, unpackShare } from '../public/key-shares.ts';
import type { SignedLogEntry } from '../public/log.ts';
import { manifestHash } from '../public/manifest.ts';
import { openSum } from '../public/open-sum.ts';
import type { Roster } from '../public/roster.ts';
import { AnswerJournal } from './answer-journal.ts';
import { answerRound } from './committee-answer.ts';
import type { AnswerRequest } from './committee-answer.ts';

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
  return round.log(round.announce(), ...uploads, round.close());
}

function request(member: string, change: Partial<AnswerRequest> = {}): AnswerRequest {
  const own = contributions.find((one) => one.member === member);
  return {
    roster,
    transcriptHash: round.hash,
    entries: logOf(),
    key: round.ephemeral(member),
    ownManifestHash: own === undefined ? null : manifestHash(p, own.manifest),
    fetchSealed: () => Promise.resolve(sealedFor(contributions, member)),
    ...change,
  };
}

const answerAs = (member: string, change: Partial<AnswerRequest> = {}, into = journal) =>
  answerRound({ primitives: p, sign: federation.key(member).sign, journal: into }, request(member, change));

describe('a whole opening', () => {
  it('three answers open exactly the sum of the vectors; a fourth lies on the same polynomial', async () => {
    const { setHash } = contributorSet(p, logOf(), round.hash, roster);
    const shares = [];
    for (const member of roster.committee) {
      const answer = await answerAs(
        member,
        {},
        new AnswerJournal(join(dir, `${place}-${member}`), durableFiles),
      );
      expect(() => verifyAnswer(p, answer, round.transcript, setHash, roster)).not.toThrow();
      const shareSum = unpackShare(fromBase64Url(answer.shares));
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
  const refused = async (change: Partial<AnswerRequest>, expected: object) => {
    await expect(answerAs('org-1', change)).rejects.toMatchObject(expected);
    expect(await journal.lookup(round.transcript)).toBeNull();
  };

  it('|S| < k_min: nothing is answered', async () => {
    await refused({ entries: logOf(contributions.slice(0, 2)) }, { code: 'COHORT_TOO_SMALL' });
    await refused({ entries: logOf(contributions.slice(0, 1)) }, { code: 'COHORT_TOO_SMALL' });
  });

  it('manifest accepted but left out of S: its member answers nothing', async () => {
    contributions.push(contribute(round, 'org-4'));
    await refused({ entries: logOf(contributions.slice(1)) }, { code: 'LOG_INVALID' });
  });

  it('forged manifest: nothing is answered', async () => {
    const [first, ...rest] = contributions as [Contribution, ...Contribution[]];
    const forged = { ...first, manifest: { ...first.manifest, blobHash: '0'.repeat(64) } };
    await refused({ entries: logOf([...rest, forged]) }, { code: 'SIGNATURE_INVALID' });
  });

  it('replayed manifest of another round: nothing is answered', async () => {
    const replayed = contribute(federation.round(2, { length: 13_000 }), 'org-4');
    await refused({ entries: logOf([...contributions, replayed]) }, { code: 'MANIFEST_INVALID' });
  });

  it('second answer for another set (overlapping sets): refused, also with the key still there', async () => {
    const answer = await answerAs('org-1');
    contributions.push(contribute(round, 'org-4'));
    for (const key of [round.ephemeral('org-1'), null]) {
      await expect(answerAs('org-1', { key })).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
    }
    expect(await journal.lookup(round.transcript)).toEqual(answer);
  });

  it('chosen sets shown at the same time: one of them is answered, the other never', async () => {
    const three = request('org-1');
    contributions.push(contribute(round, 'org-4'));
    const both = await Promise.allSettled([answerAs('org-1', three), answerAs('org-1')]);
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
    await refused({}, { code: 'KEY_SPENT' });
  });

  it('after a restored backup: journal gone, key gone, so the member is silent', async () => {
    await answerAs('org-1');
    const restored = new AnswerJournal(join(dir, `${place}-restored`), durableFiles);
    await expect(answerAs('org-1', { key: null }, restored)).rejects.toMatchObject({ code: 'KEY_SPENT' });
    await expect(answerAs('org-1', {}, restored)).rejects.toMatchObject({ code: 'KEY_SPENT' });
    const fresh = federation.round(1).ephemeral('org-1');
    await expect(answerAs('org-1', { key: fresh }, restored)).rejects.toMatchObject({ code: 'KEY_SPENT' });
    expect(await restored.lookup(round.transcript)).toBeNull();
  });

  it('a share that is missing, or not the one in the manifest: its contributor is named', async () => {
    const sealed = sealedFor(contributions, 'org-1');
    const bytes = sealed.get('org-2') ?? new Uint8Array();
    const changed = bytes.slice();
    changed[40] = (changed[40] ?? 0) ^ 1;
    for (const other of [changed, bytes.subarray(1), contributions[0]?.sealed.get('org-1'), undefined]) {
      const shown = new Map(sealed);
      if (other === undefined) shown.delete('org-2');
      else shown.set('org-2', other);
      await refused(
        { fetchSealed: () => Promise.resolve(shown) },
        { code: 'SHARE_INVALID', expected: expect.stringContaining('of org-2 ') as string },
      );
    }
    expect(round.ephemeral('org-1').erased).toBe(false);
    expect((await answerAs('org-1')).member).toBe('org-1');
  });

  /** The contribution of org-2 with another sealed share for org-1, promised by its manifest. */
  function promised(bytes: Uint8Array): void {
    contributions = contributions.map((one) => {
      if (one.member !== 'org-2') return one;
      const sealed = new Map(one.sealed).set('org-1', bytes);
      return { ...one, sealed, manifest: round.manifest('org-2', [...sealed.values()]) };
    });
  }

  it('undecryptable share, as promised: its contributor is named, nothing is answered', async () => {
    promised(systemRandom(contributions[1]?.sealed.get('org-1')?.length ?? 0));
    await refused({}, { code: 'SHARE_INVALID', expected: expect.stringContaining('of org-2 ') as string });
  });

  it('swapped recipient: the share sealed to another member is named', async () => {
    promised(contributions[1]?.sealed.get('org-2') ?? new Uint8Array());
    await refused({}, { code: 'SHARE_INVALID', expected: expect.stringContaining('of org-2 ') as string });
  });

  it('share copied from another contributor is named', async () => {
    promised(contributions[0]?.sealed.get('org-1') ?? new Uint8Array());
    await refused({}, { code: 'SHARE_INVALID', expected: expect.stringContaining('of org-2 ') as string });
  });

  it('share from another round is named', async () => {
    const other = contribute(federation.round(2, { length: 13_000 }), 'org-2');
    promised(other.sealed.get('org-1') ?? new Uint8Array());
    await refused({}, { code: 'SHARE_INVALID', expected: expect.stringContaining('of org-2 ') as string });
  });
});

describe('killed while answering', () => {
  interface Left {
    roster: Roster;
    transcriptHash: string;
    entries: SignedLogEntry[];
    otherEntries: SignedLogEntry[];
    sealed: [string, string][];
  }

  async function crash(when: 'before' | 'after') {
    const home = await mkdtemp(join(dir, `${when}-`));
    const script = fileURLToPath(new URL('../../test/crash-while-answering.ts', import.meta.url));
    const child = spawnSync(process.execPath, [script, home, when], { encoding: 'utf8' });
    expect(child.stderr).toBe('');
    expect(child.signal).toBe('SIGKILL');
    const left = JSON.parse(await readFile(join(home, 'left.json'), 'utf8')) as Left;
    const restarted = new AnswerJournal(join(home, 'answers'), durableFiles);
    const again = (entries: SignedLogEntry[]) =>
      answerRound(
        { primitives: p, sign: federation.key('org-1').sign, journal: restarted },
        {
          roster: left.roster,
          transcriptHash: left.transcriptHash,
          entries,
          key: null,
          ownManifestHash: null,
          fetchSealed: () =>
            Promise.resolve(
              new Map(left.sealed.map(([member, text]) => [member, Buffer.from(text, 'base64')])),
            ),
        },
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
