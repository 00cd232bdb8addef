import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { federation, indices, intoNextEpoch, logOf, refused, serving } from '../../test/followed-log.ts';
import { bookOf } from '../../test/running-coordinator.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import { LogFollower } from './log-follower.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-follower-'));
  path = join(folder, 'head.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const opened = async (at: string) => LogFollower.open(at, nodePrimitives, await bookOf(federation));
const open = () => opened(path);

describe('a member that follows the log', () => {
  it('gets every entry once, in order, page by page, and not beyond what the coordinator says it has', async () => {
    const log = logOf(10);
    const follower = await open();
    expect(indices(await follower.catchUp(serving(log), 5))).toEqual([0, 1, 2, 3, 4]);
    expect(await follower.catchUp(serving(log), 5)).toEqual([]);
    expect(indices(await follower.catchUp(serving(log), 11))).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it('loses no entry when the link breaks between two pages', async () => {
    const log = logOf(10);
    const follower = await open();
    expect(await refused(follower.catchUp(serving(log, 3, 6), 11))).toBe('COORDINATOR_UNREACHABLE');
    expect(indices(await follower.catchUp(serving(log), 11))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('loses no entry when its own disk is full for a moment', async () => {
    const follower = await opened(join(folder, 'missing', 'head.json'));
    const log = logOf(4);
    expect(await refused(follower.catchUp(serving(log), 5))).not.toBe('accepted');
    await mkdir(join(folder, 'missing'));
    expect(indices(await follower.catchUp(serving(log), 5))).toEqual([0, 1, 2, 3, 4]);
  });

  it('tries again later when the coordinator gives less than it says, and loses nothing by that', async () => {
    const follower = await open();
    expect(await refused(follower.catchUp(serving(logOf(3)), 8))).toBe('COORDINATOR_UNREACHABLE');
    expect(indices(await follower.catchUp(serving(logOf(7)), 8))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('hands out nothing of a shorter history after a restart, though the coordinator names the old size', async () => {
    const log = logOf(6);
    await (await open()).catchUp(serving(log), 7);
    const restarted = await open();
    expect(await refused(restarted.catchUp(serving(logOf(4, 'another', 2)), 7))).toBe('LOG_INVALID');
  });

  it('does not take a head that it cannot read for a first start', async () => {
    await mkdir(join(folder, 'unreadable.json'));
    await expect(opened(join(folder, 'unreadable.json'))).rejects.toMatchObject({ code: 'EISDIR' });
  });

  it('notices a log that was cut back, also after a restart', async () => {
    const log = logOf(6);
    const follower = await open();
    await follower.catchUp(serving(log), 7);
    expect(await refused(follower.catchUp(serving(log.slice(0, 5)), 5))).toBe('LOG_INVALID');
    expect(await refused((await open()).catchUp(serving(log.slice(0, 5)), 5))).toBe('LOG_INVALID');
    expect(await refused((await open()).catchUp(serving(log), 7))).toBe('accepted');
  });

  it.each([0, 1, 6])(
    'asks the log before it believes a message that it holds %i entries of 7',
    async (size) => {
      const log = logOf(9);
      const follower = await open();
      await follower.catchUp(serving(log), 7);
      expect(await follower.catchUp(serving(log), size)).toEqual([]);
      expect(indices(await follower.catchUp(serving(log), 10))).toEqual([7, 8, 9]);
      // After a restart it reads at least up to where it was.
      expect(await (await open()).catchUp(serving(log), size)).toEqual(log);
      for (const other of [log.slice(0, 9), logOf(9, 'another', 9)]) {
        expect(await refused((await open()).catchUp(serving(other), size))).toBe('LOG_INVALID');
        expect(await refused(follower.catchUp(serving(other), size))).toBe('LOG_INVALID');
      }
      const silent = serving(log, 3, 9);
      expect(await refused(follower.catchUp(silent, size))).toBe('COORDINATOR_UNREACHABLE');
    },
  );

  it('notices a fork and a rewritten entry, also after a restart', async () => {
    const log = logOf(6);
    const forked = logOf(8, 'another', 4);
    const follower = await open();
    await follower.catchUp(serving(log), 7);
    expect(await refused(follower.catchUp(serving(forked), 9))).toBe('LOG_INVALID');
    expect(await refused((await open()).catchUp(serving(forked), 9))).toBe('LOG_INVALID');
    expect(await refused((await open()).catchUp(serving(logOf(8, 'new', 7)), 9))).toBe('accepted');
  });

  it('accepts no entry of another key, out of order, doubled or altered', async () => {
    const log = logOf(4);
    expect(await refused((await open()).catchUp(serving(logOf(4, '', 0, federation.key('org-1'))), 5))).toBe(
      'SIGNATURE_INVALID',
    );
    expect(await refused((await open()).catchUp(serving(log.toReversed()), 5))).toBe('LOG_INVALID');
    expect(await refused((await open()).catchUp(serving([...log.slice(0, 2), ...log.slice(1)]), 6))).toBe(
      'LOG_INVALID',
    );
    const altered = log.map((signed, i) =>
      i === 2 && signed.entry.kind === 'abort'
        ? { ...signed, entry: { ...signed.entry, body: { ...signed.entry.body, got: 'altered' } } }
        : signed,
    );
    expect(await refused((await open()).catchUp(serving(altered), 5))).toBe('LOG_INVALID');
  });

  it('keeps the greatest head that it has seen while it reads an old log again', async () => {
    const log = logOf(6);
    await (await open()).catchUp(serving(log), 7);
    const again = await open();
    expect(await refused(again.catchUp(serving(log, 2, 4), 7))).toBe('COORDINATOR_UNREACHABLE');
    const recent = path.replace('.json', '.recent.json');
    expect(JSON.parse(await readFile(recent, 'utf8'))).toEqual({ size: 7, hash: log[6]?.hash });
  });

  it('has the head that it settled after a power cut too, whatever became of the one beside it', async () => {
    const log = logOf(8);
    const follower = await open();
    await follower.catchUp(serving(log), 5);
    await follower.settle();
    await follower.catchUp(serving(log), 9);
    expect(await refused((await open()).catchUp(serving(log.slice(0, 8)), 8))).toBe('LOG_INVALID');
    const recent = path.replace('.json', '.recent.json');
    for (const left of ['', '{"size":', null]) {
      if (left === null) await rm(recent);
      else await writeFile(recent, left);
      expect(await refused((await open()).catchUp(serving(log.slice(0, 4)), 4))).toBe('LOG_INVALID');
      expect(await refused((await open()).catchUp(serving(logOf(8, 'other', 3)), 9))).toBe('LOG_INVALID');
      expect(await refused((await open()).catchUp(serving(log), 9))).toBe('accepted');
    }
  });

  it('refuses a damaged head file instead of starting over', async () => {
    for (const text of ['', '{', 'null', '{"size":"7"}', '{"size":-1,"hash":""}']) {
      await writeFile(path, text);
      expect(await refused(open())).toBe('LOG_INVALID');
    }
  });
});

describe('a log that goes on to another epoch', () => {
  const { grown, entries } = intoNextEpoch();
  const offering = (asked: number[]): BulkClient =>
    Object.assign(serving(entries), {
      epoch: (number: number) => {
        asked.push(number);
        return Promise.resolve(grown.chain.epochs[number] ?? null);
      },
    });

  it('asks for the epoch once, keeps it, and goes on under its roster', async () => {
    const asked: number[] = [];
    const epochs = await bookOf(federation, join(folder, 'epochs.json'));
    const follower = await LogFollower.open(path, nodePrimitives, epochs);
    expect(indices(await follower.catchUp(offering(asked), 2))).toEqual([0, 1]);
    expect(asked).toEqual([]);
    expect(indices(await follower.catchUp(offering(asked), 5))).toEqual([2, 3, 4]);
    expect(asked).toEqual([0, 1, 2]);
    expect(epochs.last).toEqual(grown.roster);
    const restarted = await bookOf(federation, join(folder, 'epochs.json'));
    expect(restarted.last).toEqual(grown.roster);
    const again: number[] = [];
    await (await LogFollower.open(path, nodePrimitives, restarted)).catchUp(offering(again), 5);
    expect(again).toEqual([]);
  });

  it('verifies one signature a page, however many entries there are', async () => {
    let verified = 0;
    const counting = {
      ...nodePrimitives,
      verifyEd25519: (...args: Parameters<typeof nodePrimitives.verifyEd25519>) => {
        verified += 1;
        return nodePrimitives.verifyEd25519(...args);
      },
    };
    const follower = await LogFollower.open(path, counting, await bookOf(federation));
    await follower.catchUp(serving(logOf(99), 50), 100);
    expect(verified).toBe(2);
  });
});
