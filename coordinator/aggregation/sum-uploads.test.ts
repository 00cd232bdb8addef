import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { N, PRIMES } from '../../crypto/public/params.ts';
import { unpackChunk } from '../../crypto/public/kernels/ring.ts';
import { storeUploads, testChunk } from '../../test/stored-uploads.ts';
import type { StoredBlob } from '../store/blob-reader.ts';
import { sumUploads } from './sum-uploads.ts';

const ACCUMULATOR = PRIMES.length * N * 4;
const UPLOADS = 4;
const CHUNKS = 11;
let folder = '';
let stored: StoredBlob[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-sum-'));
  stored = await storeUploads(folder, UPLOADS, CHUNKS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Residue by residue in plain numbers: the sum of four stays far below 2^53. */
function expected(index: number): Uint32Array {
  const parts = stored.map((_, upload) => unpackChunk(testChunk(upload, index)));
  return Uint32Array.from(
    { length: PRIMES.length * N },
    (_, i) => parts.reduce((sum, part) => sum + (part[i] ?? 0), 0) % (PRIMES[Math.floor(i / N)] ?? 1),
  );
}

describe('sums of stored uploads', () => {
  it.each([0, 1, 2, 3, 10, 11, 12])(
    'are the sums of all residues, with stripes of %i chunks',
    async (stripe) => {
      const seen: number[] = [];
      const right: boolean[] = [];
      await sumUploads(
        stored,
        CHUNKS,
        (index, packed) => {
          seen.push(index);
          right.push(
            Buffer.compare(Buffer.from(unpackChunk(packed).buffer), Buffer.from(expected(index).buffer)) ===
              0,
          );
          return Promise.resolve();
        },
        stripe * ACCUMULATOR,
      );
      expect(seen).toEqual(Array.from({ length: CHUNKS }, (_, i) => i));
      expect(right).not.toContain(false);
    },
  );

  it('of a thousand uploads need one open file at a time', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => stored[i % UPLOADS] as StoredBlob);
    const nextFree = async () => {
      const file = await open(folder);
      await file.close();
      return file.fd;
    };
    const before = await nextFree();
    const opened: number[] = [];
    await sumUploads(many, 1, async () => void opened.push(await nextFree()));
    // The next free descriptor is the one that was free before.
    expect(opened).toEqual([before]);
  });

  it('let the event loop run between chunks', async () => {
    let turns = 0;
    let timer: NodeJS.Immediate;
    const count = () => {
      turns += 1;
      timer = setImmediate(count);
    };
    timer = setImmediate(count);
    const seen: number[] = [];
    await sumUploads(stored, CHUNKS, () => Promise.resolve(void seen.push(turns)), 3 * ACCUMULATOR);
    clearImmediate(timer);
    expect(new Set(seen).size).toBe(CHUNKS);
  });

  it('name the member whose blob has rotted, also where a chunk is what does not open', async () => {
    const other = await mkdtemp(join(tmpdir(), 'cordon-rot-'));
    const rotten = await storeUploads(other, 3, 5);
    const path = rotten[2]?.path ?? '';
    const corrupt = { code: 'BLOB_CORRUPT', expected: expect.stringContaining('the update of org-2') };
    const sum = (onChunk = () => Promise.resolve()) => sumUploads(rotten, 5, onChunk, 2 * ACCUMULATOR);
    const file = await open(path, 'r+');
    await file.write(Uint8Array.of(1), 0, 1, 46_080 * 5 + 99); // in the shares, the very last byte
    await file.close();
    await expect(sum()).rejects.toMatchObject(corrupt);
    await expect(sum(() => Promise.reject(new Error('does not open')))).rejects.toMatchObject(corrupt);
    await truncate(path, 46_080 * 3);
    await expect(sum()).rejects.toMatchObject(corrupt);
    await rm(other, { recursive: true });
  });

  it('take memory by the stripe: forty uploads of 300 chunks no more than four of them', async () => {
    const big = await mkdtemp(join(tmpdir(), 'cordon-big-'));
    await writeFile(join(big, 'uploads.json'), JSON.stringify(await storeUploads(big, 2, 300)));
    const script = fileURLToPath(new URL('../../test/sum-memory.ts', import.meta.url));
    const peak = async (uploads: number, stripes: number) => {
      const args = [script, big, String(uploads), '300', String(stripes * ACCUMULATOR)];
      // The first process would pay for what the others find compiled.
      const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
      const { stdout } = await promisify(execFile)(process.execPath, args, { env });
      const { peakBytes, chunks } = JSON.parse(stdout) as { peakBytes: number; chunks: number };
      expect(chunks).toBe(300);
      return peakBytes / 2 ** 20;
    };
    const [few, many, wide] = [await peak(4, 20), await peak(40, 20), await peak(4, 300)];
    await rm(big, { recursive: true });
    // An upload is 13 MB, all of them half a gigabyte; 280 accumulators more are 13 MB.
    expect(many).toBeLessThan(few + 8);
    expect(wide).toBeGreaterThan(few + 8);
  });
});
