import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as DurableFile from '../../crypto/identity/durable-file.ts';
import { syncDirectory } from '../../crypto/identity/durable-file.ts';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { OpenFile } from '../../crypto/identity/open-file.ts';
import { LogVerifier } from '../../crypto/public/log-verifier.ts';
import { rosterHash } from '../../crypto/public/roster.ts';
import { splitFrames } from '../../protocol/codec/frames.ts';
import { decode } from '../../protocol/codec/codec.ts';
import { CordonError } from '../../protocol/errors.ts';
import { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { LogStore } from './log-store.ts';

vi.mock('../../crypto/identity/durable-file.ts', async (original) => {
  const real = await original<typeof DurableFile>();
  return { ...real, syncDirectory: vi.fn(real.syncDirectory) };
});

const federation = new TestFederation(3);
const { roster, coordinator } = federation;
let time = 0;
const modules = {
  primitives: nodePrimitives,
  sign: coordinator.sign,
  chain: federation.chain,
  now: () => (time += 1),
};
const GENESIS = {
  consortium: roster.consortium,
  rosterHash: rosterHash(nodePrimitives, roster),
  coordinatorKey: roster.coordinatorKey,
};
const abort = (round: number, got = 'x') =>
  ({ run: 'run-0123456789abcdef', round, code: 'ROUND_FAILED', expected: 'e', got, next: 'n' }) as const;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-log-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
/** A log of genesis and `count` entries, closed; its path, bytes and where its entries start. */
async function written(count: number) {
  const path = join(folder, `${++files}.bin`);
  const { log } = await LogStore.open(path, modules);
  await log.append('genesis', GENESIS);
  for (let i = 1; i <= count; i++) await log.append('abort', abort(i));
  const { head } = log;
  await log.close();
  const bytes = new Uint8Array(await readFile(path));
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at += 4 + new DataView(bytes.buffer).getUint32(at)) starts.push(at);
  return { path, bytes, starts, head };
}

async function refused(path: string): Promise<CordonError> {
  const error: unknown = await LogStore.open(path, modules).then(
    ({ log }) => log.close().then(() => null),
    (thrown: unknown) => thrown,
  );
  if (error instanceof CordonError) return error;
  throw new Error('not refused');
}

describe('the file of a log', () => {
  const sync = vi.mocked(syncDirectory);
  let home = '';
  let path = '';
  beforeEach(async () => {
    home = join(folder, `home-${++files}`);
    path = join(home, 'log.bin');
    await mkdir(home);
    sync.mockClear();
  });

  it('is not made before there is an entry: opened and closed, a log leaves nothing behind', async () => {
    const { log, entries } = await LogStore.open(path, modules);
    expect(entries).toEqual([]);
    expect(await log.page(0, 1e6)).toHaveLength(0);
    await log.close();
    await expect(log.append('genesis', GENESIS)).rejects.toThrow('closed');
    expect(await readdir(home)).toEqual([]);
  });

  it.each([
    ['is made', null],
    ['was left empty by a crash', ''],
  ])('has its name on disk before anybody hears of the first entry, where it %s', async (_, content) => {
    if (content !== null) await writeFile(path, content);
    const syncs: number[] = [];
    const onAppended = () => syncs.push(sync.mock.calls.length);
    const { log } = await LogStore.open(path, { ...modules, onAppended });
    await Promise.all([log.append('genesis', GENESIS), log.append('abort', abort(1))]);
    await log.close();
    expect(syncs).toEqual([1, 1]);
    expect(sync.mock.calls).toEqual([[home]]);
  });

  it('takes no first entry while its folder cannot be synced, and takes it afterwards', async () => {
    const { log } = await LogStore.open(path, modules);
    const broken = Object.assign(new Error('input/output error'), { code: 'EIO' });
    sync.mockRejectedValueOnce(broken);
    await expect(log.append('genesis', GENESIS)).rejects.toBe(broken);
    expect(log.head.size).toBe(0);
    await log.append('genesis', GENESIS);
    await log.close();
    const again = await LogStore.open(path, modules);
    expect(again.entries).toHaveLength(1);
    await again.log.close();
  });

  it('takes what was appended before it is closed', async () => {
    const { log } = await LogStore.open(path, modules);
    const appended = [log.append('genesis', GENESIS), log.append('abort', abort(1))];
    await log.close();
    expect((await Promise.all(appended)).map(({ entry }) => entry.index)).toEqual([0, 1]);
  });
});

describe('log store', () => {
  it('gives the same head and entries when it is opened again, and goes on from there', async () => {
    const { path, head } = await written(5);
    const { log, entries } = await LogStore.open(path, modules);
    expect(log.head).toEqual(head);
    expect(entries.map(({ entry }) => entry.kind)).toEqual([
      'genesis',
      'abort',
      'abort',
      'abort',
      'abort',
      'abort',
    ]);
    await log.append('abort', abort(6));
    const verifier = new LogVerifier(nodePrimitives, federation.chain);
    for (const frame of splitFrames(await log.page(0, 1e6)))
      verifier.accept(decode(SignedLogEntryMessage, frame));
    expect(verifier.head).toEqual(log.head);
    await log.close();
  });

  it('pages hold whole entries, at least one, and together the whole log', async () => {
    const { path, bytes, starts } = await written(9);
    const { log } = await LogStore.open(path, modules);
    for (const limit of [1, 500, 1000, 1e6]) {
      let all = 0;
      for (let from = 0; ;) {
        const page = await log.page(from, limit);
        if (page.length === 0) break;
        expect([...page]).toEqual([...bytes.subarray(all, all + page.length)]);
        const count = splitFrames(page).length;
        expect(count === 1 || page.length <= limit).toBe(true);
        from += count;
        all += page.length;
      }
      expect(all).toBe(bytes.length);
    }
    expect(await log.page(starts.length, 1e6)).toHaveLength(0);
    expect(await log.page(10 ** 14, 1e6)).toHaveLength(0);
    await log.close();
  });

  it('keeps the order of the calls for appends that nobody waited for', async () => {
    const { path } = await written(0);
    const { log } = await LogStore.open(path, modules);
    const appended = await Promise.all(
      Array.from({ length: 20 }, (_, i) => log.append('abort', abort(i + 1))),
    );
    expect(appended.map(({ entry }) => entry.index)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    await log.close();
  });

  it('a tail that a crash cut at any byte is cut off, and the log goes on', async () => {
    const { bytes, starts } = await written(2);
    const last = starts.at(-1) ?? 0;
    const path = join(folder, 'torn.bin');
    for (let length = last; length < bytes.length; length++) {
      await writeFile(path, bytes.subarray(0, length));
      const { log, entries } = await LogStore.open(path, modules);
      expect(entries).toHaveLength(2);
      await log.close();
      expect((await readFile(path)).length).toBe(last);
    }
  });

  it('after a torn tail the next entry stands where the lost one would have stood', async () => {
    const { path, bytes, starts } = await written(2);
    await writeFile(path, bytes.subarray(0, -1));
    const { log } = await LogStore.open(path, modules);
    await log.append('abort', abort(9));
    await log.close();
    const reopened = await LogStore.open(path, modules);
    expect(reopened.entries).toHaveLength(starts.length);
    await reopened.log.close();
  });

  it('damage of any byte of an earlier entry is refused and nothing is thrown away', async () => {
    const { bytes, starts } = await written(2);
    const path = join(folder, 'damaged.bin');
    for (let at = 0; at < (starts.at(-1) ?? 0); at++) {
      if (at % 7 !== 0 && !starts.some((start) => at >= start && at < start + 4)) continue;
      const damaged = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
      await writeFile(path, damaged);
      expect([at, (await refused(path)).code]).toEqual([at, 'LOG_INVALID']);
      expect((await readFile(path)).length).toBe(bytes.length);
    }
  });

  it('entries in another order, or of another coordinator, are refused', async () => {
    const { bytes, starts } = await written(2);
    const [, second = 0, third = 0] = starts;
    const path = join(folder, 'swapped.bin');
    await writeFile(
      path,
      Buffer.concat([bytes.subarray(0, second), bytes.subarray(third), bytes.subarray(second, third)]),
    );
    expect((await refused(path)).code).toBe('LOG_INVALID');
    await writeFile(path, bytes);
    const stranger = { ...modules, chain: new TestFederation(3).chain };
    await expect(LogStore.open(path, stranger)).rejects.toMatchObject({ code: 'LOG_INVALID' });
  });

  it('an entry that members could not read is refused before a byte of it is written', async () => {
    const { path, bytes } = await written(1);
    const { log } = await LogStore.open(path, modules);
    for (const got of ['\ud800', 'line\nline', 'x'.repeat(2000)]) {
      await expect(log.append('abort', abort(2, got))).rejects.toThrow();
    }
    await log.append('abort', abort(3));
    await log.close();
    const reopened = await LogStore.open(path, modules);
    expect(reopened.entries).toHaveLength(3);
    expect((await readFile(path)).subarray(0, bytes.length)).toEqual(Buffer.from(bytes));
    await reopened.log.close();
  });

  it.each(['write', 'datasync'] as const)(
    'a disk that fails in %s loses nothing and leaves nothing',
    async (call) => {
      const { path } = await written(1);
      const { log } = await LogStore.open(path, modules);
      const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      const spy = vi.spyOn(OpenFile.prototype, call).mockImplementationOnce(async function (
        this: OpenFile,
        bytes?: Uint8Array,
        position = 0,
      ) {
        // Half of the frame gets to the disk before it is full.
        if (bytes) await this.write(bytes.subarray(0, 200), position);
        throw full;
      });
      const head = { ...log.head };
      await expect(log.append('abort', abort(2, 'a long text '.repeat(50)))).rejects.toBe(full);
      spy.mockRestore();
      expect(log.head).toEqual(head);
      expect(splitFrames(await log.page(0, 1e6))).toHaveLength(2);
      await log.append('abort', abort(3));
      expect(splitFrames(await log.page(0, 1e6))).toHaveLength(3);
      await log.close();
      const reopened = await LogStore.open(path, modules);
      expect(reopened.entries).toHaveLength(3);
      await reopened.log.close();
    },
  );
});
