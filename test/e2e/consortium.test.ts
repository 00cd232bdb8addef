import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFederation } from '../crypto-federation.ts';
import { runCli } from './run-cli.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-consortium-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const grown = new TestFederation(4).next(5);
async function file(epochs: unknown): Promise<string> {
  const path = join(folder, 'roster.json');
  await writeFile(path, JSON.stringify({ epochs }));
  return path;
}

describe('cordon consortium show', () => {
  it('tells members, bounds, every epoch with its signers, and the whole table of bounds', async () => {
    const path = await file(grown.chain.epochs);
    const { code, stdout } = await runCli(['consortium', 'show', path, '--json']);
    expect(code).toBe(0);
    const shown = JSON.parse(stdout) as Record<string, unknown> & { tolerance: { m: number }[] };
    expect(shown).toMatchObject({
      consortium: 'test',
      epoch: 1,
      rosterHash: grown.chain.hash(1),
      roster: grown.roster,
      signaturesForNext: 4,
      bounds: {
        stated: { cRoster: 1, cCommittee: 1 },
        wouldHold: { cRoster: 1, cCommittee: 2, maySilent: 1 },
      },
      epochs: [
        { epoch: 0, members: 4, signedBy: ['org-1', 'org-2', 'org-3', 'org-4'] },
        { epoch: 1, members: 5, signedBy: ['org-1', 'org-2', 'org-3'] },
      ],
    });
    expect(new Set(shown.tolerance.map(({ m }) => m))).toEqual(
      new Set([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]),
    );
    const text = await runCli(['consortium', 'show', path]);
    expect(text.stdout).toMatch(/^test, epoch 1, roster [0-9a-f]{64}$/m);
    expect(text.stdout).toMatch(/^5 {2,}4 {2,}2 {2,}1 {2,}this consortium$/m);
    expect(text.stdout).toMatch(/^at most so many +roster states +would hold against +by the rule$/m);
    expect(text.stdout).toMatch(/^collude, of all members +1 +1 {2}cRoster <= kMin - 2, kMin = 3$/m);
    expect(text.stdout).toMatch(/^collude, of the committee +1 +2 {2}cCommittee < 2 t - m, t = 4, m = 5$/m);
    expect(text.stdout).toMatch(/^are silent, of the committee +- +1 {2}m - t$/m);
    expect(text.stdout).toMatch(/audited by cRoster \+ 1 = 2 members, the next epoch needs 4 signatures$/m);
    expect(text.stdout).toMatch(/^1 {2,}5 {2,}[0-9a-f]{16} {2,}org-1, org-2, org-3$/m);
  });

  it.each([
    [
      'a file whose epoch too few members signed',
      'EPOCH_INVALID',
      () => {
        const [first, second] = grown.chain.epochs;
        return [first, { ...second, signatures: second?.signatures.slice(1) }];
      },
    ],
    ['a file without its first epoch', 'EPOCH_INVALID', () => grown.chain.epochs.slice(1)],
    [
      'a roster with weaker bounds than the rules',
      'ROSTER_INVALID',
      () => [{ ...grown.chain.epochs[0], roster: { ...grown.chain.epochs[0]?.roster, threshold: 2 } }],
    ],
    ['a file of another form', 'ROSTER_INVALID', () => grown.roster],
  ])('refuses %s', async (_, expected, make) => {
    const { code, stdout } = await runCli(['consortium', 'show', await file(make()), '--json']);
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as { error: { code: string } }).error.code).toBe(expected);
  });

  it.each([
    ['a roster by itself', 'a roster that nobody has signed', grown.roster],
    ['rosters in place of epochs', 'a roster that nobody has signed as epoch 0', { epochs: [grown.roster] }],
    ['an epoch by itself', 'one epoch of a chain', grown.chain.epochs[0]],
  ])('says of %s that it is no signed chain, and what to do', async (_, got, value) => {
    const path = join(folder, 'unsigned.json');
    await writeFile(path, JSON.stringify(value));
    const { code, stderr } = await runCli(['consortium', 'show', path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error ROSTER_INVALID/);
    expect(stderr).toMatch(/expected {2}a signed chain of epochs at/);
    expect(stderr).toMatch(new RegExp(`got {7}${got}$`, 'm'));
    expect(stderr).toMatch(/next {6}have the roster signed: the first one by all of its members/);
  });

  it('says of text that is no JSON that it is none', async () => {
    const path = join(folder, 'text.json');
    await writeFile(path, 'epochs: []');
    expect((await runCli(['consortium', 'show', path])).stderr).toMatch(/got {7}text that is not JSON$/m);
  });
});
