import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { toCordonError } from '../../protocol/errors.ts';
import { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { federation, indices, intoNextEpoch, logOf, refused, serving } from '../../test/followed-log.ts';
import { bookOf } from '../../test/running-coordinator.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import { LogFollower } from './log-follower.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-pushed-'));
  path = join(folder, 'head.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = async (at = path) => LogFollower.open(at, nodePrimitives, await bookOf(federation));

/** A bulk plane of this log that notes from which entries it was asked. */
function asked(log: readonly SignedLogEntryMessage[]): { bulk: BulkClient; from: number[] } {
  const from: number[] = [];
  const plane = serving(log);
  const bulk: Pick<BulkClient, 'log'> = {
    log: (start) => {
      from.push(start);
      return plane.log(start);
    },
  };
  return { bulk: bulk as BulkClient, from };
}

describe('entries that come unasked', () => {
  const log = logOf(10);

  it('spare the request where they continue the log; known ones before them do not matter', async () => {
    const { bulk, from } = asked(log);
    const follower = await open();
    expect(indices(await follower.catchUp(bulk, 4, log.slice(0, 4)))).toEqual([0, 1, 2, 3]);
    expect(indices(await follower.catchUp(bulk, 8, log.slice(1, 8)))).toEqual([4, 5, 6, 7]);
    expect(await follower.catchUp(bulk, 8, log.slice(0, 8))).toEqual([]);
    expect(from).toEqual([]);
  });

  it('leave what is missing before, between and after them to requests', async () => {
    const { bulk, from } = asked(log);
    const follower = await open();
    expect(indices(await follower.catchUp(bulk, 5, log.slice(2, 4)))).toEqual([0, 1, 2, 3, 4]);
    // A page holds three entries: 3 was there already.
    expect(from).toEqual([0, 4]);
    const rest = await follower.catchUp(bulk, 11, [...log.slice(5, 7), ...log.slice(10)]);
    expect(indices(rest)).toEqual([5, 6, 7, 8, 9, 10]);
    expect(from).toEqual([0, 4, 7]);
  });

  it('are not taken beyond what the coordinator says it has', async () => {
    const { bulk, from } = asked(log);
    const follower = await open();
    expect(indices(await follower.catchUp(bulk, 3, log))).toEqual([0, 1, 2]);
    expect(indices(await follower.catchUp(bulk, 4, log))).toEqual([3]);
    expect(from).toEqual([]);
  });

  it('whichever come, in whatever order and how often: every entry is handed out once, in order', async () => {
    let files = 0;
    const steps = fc.array(
      fc.record({ size: fc.nat({ max: 11 }), pushed: fc.array(fc.nat({ max: 10 }), { maxLength: 14 }) }),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const follower = await open(join(folder, `${++files}.json`));
        const { bulk } = asked(log);
        let known = 0;
        for (const { size, pushed } of given.toSorted((a, b) => a.size - b.size)) {
          const entries = pushed.flatMap((index) => log[index] ?? []);
          const read = await follower.catchUp(bulk, size, entries);
          expect(read).toEqual(log.slice(known, size));
          known = size;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are asked for again where they did not all arrive and the link was down', async () => {
    const follower = await open();
    const pushed = log.slice(0, 6);
    expect(await refused(follower.catchUp(serving(log, 3, 6), 11, pushed))).toBe('COORDINATOR_UNREACHABLE');
    expect(indices(await follower.catchUp(serving(log), 11))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe('forged entries that come unasked', () => {
  const log = logOf(6);
  const altered = (at: number, change: (signed: SignedLogEntryMessage) => object) =>
    log.map((signed, i) =>
      i === at ? decode(SignedLogEntryMessage, encode({ ...signed, ...change(signed) })) : signed,
    );
  const FORGERIES: [string, SignedLogEntryMessage[]][] = [
    ['of another key', logOf(6, '', 0, federation.key('org-1'))],
    ['of another history', [...log.slice(0, 4), ...logOf(6, 'another', 3).slice(4)]],
    ['with another body', altered(5, ({ entry }) => ({ entry: { ...entry, time: 77 } }))],
    ['with another hash', altered(5, () => ({ hash: '0'.repeat(64) }))],
    ['with another signature at the end', altered(6, () => ({ signature: log[5]?.signature }))],
    ['of another log under the numbers of this one', altered(4, () => ({ ...logOf(6, 'x', 2)[4] }))],
  ];

  const wordsOf = (work: Promise<unknown>) =>
    work.then(
      () => 'accepted',
      (error: unknown) => toCordonError(error).toWire(),
    );

  it.each(FORGERIES)('%s condemn no log that serves the right ones: it is asked once', async (_, forged) => {
    const { bulk, from } = asked(log);
    const follower = await open();
    expect(indices(await follower.catchUp(bulk, 2, log.slice(0, 2)))).toEqual([0, 1]);
    expect(await follower.catchUp(bulk, 7, forged)).toEqual(log.slice(2));
    // A page holds three entries.
    expect(from).toEqual([2, 5]);
  });

  it.each(FORGERIES)(
    '%s are refused where the log itself serves them, in the same words',
    async (_, forged) => {
      const [asking, told] = [await open(join(folder, 'asking.json')), await open(join(folder, 'told.json'))];
      for (const follower of [asking, told]) await follower.catchUp(serving(log), 2);
      const page = await wordsOf(asking.catchUp(serving(forged, 50), 7));
      expect(page).toMatchObject({ code: expect.stringMatching(/LOG_INVALID|SIGNATURE_INVALID/) as string });
      expect(await wordsOf(told.catchUp(serving(forged, 50), 7, forged))).toEqual(page);
      // Nothing of it was taken.
      expect(indices(await told.catchUp(serving(log), 7))).toEqual([2, 3, 4, 5, 6]);
    },
  );

  it('do not pass for the log that was seen before a restart', async () => {
    await (await open()).catchUp(serving(log), 7);
    const forked = logOf(8, 'another', 4);
    expect(await refused((await open()).catchUp(serving(forked), 9, forked))).toBe('LOG_INVALID');
    const cut = log.slice(0, 5);
    expect(await refused((await open()).catchUp(serving(cut), 5, cut))).toBe('LOG_INVALID');
    expect(await (await open()).catchUp(serving(log), 7, forked)).toEqual(log);
  });

  it('put nothing in the place of one that came before them', async () => {
    const { bulk, from } = asked(log);
    const forged = logOf(6, 'another', 1);
    expect(await (await open()).catchUp(bulk, 7, [...log, ...forged])).toEqual(log);
    expect(from).toEqual([]);
  });
});

describe('an epoch among the entries that come unasked', () => {
  it('is asked for and verified before it is entered; one that nobody signed is refused', async () => {
    const { grown, entries } = intoNextEpoch();
    const offering = (log: readonly SignedLogEntryMessage[]) =>
      Object.assign(asked(log).bulk, {
        epoch: (number: number) => Promise.resolve(grown.chain.epochs[number] ?? null),
      });
    const epochs = await bookOf(federation);
    const follower = await LogFollower.open(path, nodePrimitives, epochs);
    expect(indices(await follower.catchUp(offering([]), 5, entries))).toEqual([0, 1, 2, 3, 4]);
    expect(epochs.last).toEqual(grown.roster);

    const unsigned = Object.assign(asked(entries).bulk, { epoch: () => Promise.resolve(null) });
    expect(await refused((await open(join(folder, 'other.json'))).catchUp(unsigned, 5, entries))).toBe(
      'EPOCH_INVALID',
    );
  });
});
