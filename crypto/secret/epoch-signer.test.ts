import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { durableFiles } from '../identity/durable-file.ts';
import { nodePrimitives } from '../identity/node-primitives.ts';
import { EpochChain } from '../public/epoch-chain.ts';
import { nextRoster, signEpoch } from '../public/epoch.ts';
import { EpochSigner } from './epoch-signer.ts';

const federation = new TestFederation(4);
const next = nextRoster(nodePrimitives, federation.roster, {});
const other = nextRoster(nodePrimitives, federation.roster, { kMin: 4 });

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cordon-signed-'));
});
afterEach(() => rm(dir, { recursive: true }));

const signer = (member: string, files = durableFiles): EpochSigner =>
  new EpochSigner(join(dir, member), {
    files,
    primitives: nodePrimitives,
    member,
    sign: federation.key(member).sign,
  });

describe('EpochSigner', () => {
  it('makes signatures that put an epoch into force, the same as often as it is asked', async () => {
    const signatures = [];
    for (const member of ['org-1', 'org-2', 'org-3']) signatures.push(await signer(member).sign(next));
    const grown = federation.chain.extend([{ roster: next, signatures }]);
    expect(grown.last).toEqual(next);
    expect(EpochChain.verify(nodePrimitives, grown.epochs).last).toEqual(next);
    expect(await signer('org-1').sign(next)).toEqual(signatures[0]);
    expect(signatures[0]).toEqual(
      signEpoch(nodePrimitives, next, { member: 'org-1', sign: federation.key('org-1').sign }),
    );
  });

  it('never signs two rosters of one number, also not as another process, nor both at once', async () => {
    await signer('org-1').sign(next);
    await expect(signer('org-1').sign(other)).rejects.toThrow(/ALREADY_SIGNED.*epoch 1 of test/);
    expect((await signer('org-2').sign(other)).member).toBe('org-2');
    const both = await Promise.allSettled([signer('org-3').sign(next), signer('org-3').sign(other)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const later = nextRoster(nodePrimitives, next, {});
    expect((await signer('org-1').sign(later)).member).toBe('org-1');
  });

  it('has the record on disk before the signature exists, and refuses where it cannot write or read it', async () => {
    const died = { ...durableFiles, create: () => Promise.reject(new Error('EIO')) };
    await expect(signer('org-1', died).sign(next)).rejects.toThrow('EIO');
    expect(await readdir(join(dir, 'org-1'))).toEqual([]);
    // the process dies between record and signature: the other roster stays refused
    const cut = new EpochSigner(join(dir, 'org-2'), {
      files: durableFiles,
      primitives: nodePrimitives,
      member: 'org-2',
      sign: () => {
        throw new Error('killed');
      },
    });
    await expect(cut.sign(next)).rejects.toThrow('killed');
    await expect(signer('org-2').sign(other)).rejects.toThrow('ALREADY_SIGNED');
    expect((await signer('org-2').sign(next)).member).toBe('org-2');
    const path = join(dir, 'org-2', `${next.consortium}.1.json`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await writeFile(path, '');
    await expect(signer('org-2').sign(next)).rejects.toThrow(/ALREADY_SIGNED.*damaged/);
  });

  it('refuses a roster that breaks a rule before anything is written', async () => {
    for (const bad of [{ consortium: '../../etc' }, { epoch: -1 }, { kMin: 2 }, { previous: null }]) {
      await expect(signer('org-1').sign({ ...next, ...bad })).rejects.toThrow('ROSTER_INVALID');
    }
    expect(await readdir(dir)).toEqual([]);
  });
});
