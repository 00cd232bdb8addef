import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { shareRange } from '../../crypto/public/manifest.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { SealedShares } from './sealed-shares.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-sealed-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('every share is the asked-for part of its blob, kept in memory or not; a blob that changes is read once', async () => {
  const round = new TestFederation(4).round(1);
  for (const most of [0, 1e9]) {
    const shares = new SealedShares(most);
    for (const member of ['org-1', 'org-2']) {
      const manifest = round.manifest(member);
      const path = join(folder, member);
      const blob = Uint8Array.from(
        { length: manifest.blobBytes },
        (_, i) => (i * 31 + member.length + (i >> 8)) & 255,
      );
      await writeFile(path, blob);
      for (const { committeeIndex } of manifest.shares) {
        const { offset, bytes } = shareRange(manifest, committeeIndex);
        const share = await shares.read({ manifest, path }, committeeIndex);
        expect(share).toEqual(blob.subarray(offset, offset + bytes));
        if (most > 0) await writeFile(path, '');
      }
    }
  }
});

it('a blob that could not be read is read again when the next one asks', async () => {
  const manifest = new TestFederation(4).round(1).manifest('org-1');
  const path = join(folder, 'org-1');
  const shares = new SealedShares();
  await expect(shares.read({ manifest, path }, 1)).rejects.toThrow('ENOENT');
  await writeFile(path, new Uint8Array(manifest.blobBytes));
  expect(await shares.read({ manifest, path }, 1)).toHaveLength(shareRange(manifest, 1).bytes);
});
