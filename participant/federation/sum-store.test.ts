import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { toHex } from '../../crypto/public/encoding.ts';
import { merkleRoot } from '../../crypto/public/merkle.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import { SumStore } from './sum-store.ts';

const SUM = new Uint8Array(40).fill(7);
const opened = {
  round: 3,
  sumHash: toHex(nodePrimitives.sha256(SUM)),
  sumRoot: toHex(merkleRoot(nodePrimitives, [SUM])),
  sumBytes: SUM.length,
} as LogBody<'opened'>;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-sums-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a fetched sum', () => {
  it('that was damaged on this disk is no evidence: it is found out, and fetched again', async () => {
    let fetched = 0;
    const sum = () => {
      fetched += 1;
      return Readable.from([SUM]);
    };
    const store = new SumStore(folder, { sum } as unknown as BulkClient, nodePrimitives);
    const path = await store.fetch(opened, '3x26');
    await store.verify(opened);
    expect(await store.fetch(opened, '3x26')).toBe(path);
    expect(fetched).toBe(1);

    await writeFile(path, SUM.subarray(1));
    await expect(store.verify(opened)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await store.fetch(opened, '3x26');
    await store.verify(opened);
    expect(fetched).toBe(2);
  });

  it('with another hash than the log names is refused', async () => {
    const other = { sum: () => Readable.from([SUM.map((v) => v ^ 1)]) } as unknown as BulkClient;
    const store = new SumStore(folder, other, nodePrimitives);
    await expect(store.fetch(opened, '3x26')).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });
});
