import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { timeOf } from '../../datasets/item-sink.ts';
import type { StreamItem } from '../../datasets/host-facts.ts';
import { logon } from '../../test/auth-event.ts';
import { Followed, HOLD, NOW, rotate, SETTLE } from '../../test/followed-folder.ts';
import { readLanes } from '../telemetry/read-lanes.ts';

const line = (time: number, record: number, account = 'ann@x') =>
  formatEvent({ ...logon(0, 'a', 'b', account), time, source: { dataset: 'given', record, uid: '' } });
/** What an event is known by in these tests: the record is numbered by the writer. */
const nameOf = (item: StreamItem): string =>
  'source' in item ? `${timeOf(item)}/${item.source.record}` : item.type;

/** A follower over a folder, and what it has handed on. */
function followed(folder: string): { live: Followed; out: string[] } {
  const out: string[] = [];
  return { live: new Followed(folder, (item) => out.push(nameOf(item))), out };
}

async function inBatch(folder: string): Promise<string[]> {
  const out: string[] = [];
  await readLanes(folder, (item) => out.push(nameOf(item)), { now: NOW });
  return out;
}

describe('Follower', () => {
  it('takes a partial last line when it is whole, and nothing twice', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const path = folder.path('a.jsonl');
    writeFileSync(path, line(1, 1) + line(2, 2).slice(0, 30));
    await live.poll(100);
    await live.poll(100);
    expect(out).toEqual(['1/1']);
    appendFileSync(path, line(2, 2).slice(30));
    await live.poll(100);
    expect(out).toEqual(['1/1', '2/2']);
    await live.end();
    expect(out).toEqual(['1/1', '2/2']);
  });

  it('lets a line wait for a quiet log from when it was seen itself, not from when later ones were', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const path = folder.path('a.jsonl');
    writeFileSync(folder.path('quiet.jsonl'), line(1, 1));
    writeFileSync(path, line(2, 2));
    await live.poll(100);
    await live.poll(100);
    const due = live.follower.heldUntil;
    for (const [before, n] of [
      [0.5, 3],
      [0.1, 4],
    ] as const) {
      appendFileSync(path, line(n, n));
      live.elapsed = due - before * HOLD;
      await live.poll(0);
    }
    expect(out).not.toContain('2/2');
    live.elapsed = due;
    await live.poll(0);
    expect(out).toEqual(['1/1', '2/2']);
    expect(live.follower.heldUntil).toBe(due + 0.5 * HOLD);
    live.elapsed = due + 0.5 * HOLD;
    await live.poll(0);
    expect(out).toEqual(['1/1', '2/2', '3/3']);
    await live.end();
    expect(out).toEqual(['1/1', '2/2', '3/3', '4/4']);
  });

  it('goes on through renaming, compression and deletion of what it has taken', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const path = folder.path('auth.log');
    writeFileSync(path, line(1, 1));
    await live.poll(100);
    await live.poll(100);
    renameSync(path, folder.path('auth.log.1'));
    appendFileSync(folder.path('auth.log.1'), line(2, 2));
    writeFileSync(path, line(3, 3));
    await live.poll(100);
    await live.poll(100);
    writeFileSync(folder.path('auth.log.2.gz'), gzipSync(readFileSync(folder.path('auth.log.1'))));
    rmSync(folder.path('auth.log.1'));
    renameSync(path, folder.path('auth.log.1'));
    writeFileSync(path, line(4, 4));
    for (let i = 0; i < 3; i++) await live.poll(100);
    rmSync(folder.path('auth.log.2.gz'));
    await live.end();
    expect(out).toEqual(['1/1', '2/2', '3/3', '4/4']);
    expect(live.follower.losses).toEqual({ truncations: 0, lostBytes: 0 });
  });

  it('a file that is copied and truncated loses nothing that the copy has', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const path = folder.path('auth.log');
    writeFileSync(path, line(1, 1));
    await live.poll(100);
    await live.poll(100);
    appendFileSync(path, line(2, 2));
    copyFileSync(path, folder.path('auth.log.1'));
    await live.poll(100);
    await live.poll(100);
    appendFileSync(path, line(3, 3));
    copyFileSync(path, folder.path('auth.log.1'));
    truncateSync(path, 0);
    appendFileSync(path, line(4, 4));
    await live.end();
    expect(out).toEqual(['1/1', '2/2', '3/3', '4/4']);
    expect(live.follower.losses).toMatchObject({ truncations: 1, lostBytes: 0 });
  });

  it('counts what was truncated away before it was taken', async () => {
    using folder = temporaryFolder();
    const { live } = followed(folder.root);
    const path = folder.path('auth.log');
    writeFileSync(path, line(1, 1));
    await live.poll(100);
    await live.poll(100);
    appendFileSync(path, '{"unfinished');
    await live.poll(100);
    truncateSync(path, 0);
    await live.end();
    expect(live.follower.losses).toEqual({ truncations: 1, lostBytes: 12 });
  });

  it('a file that is replaced by a longer one with the same beginning goes on where it was', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const path = folder.path('a.jsonl');
    writeFileSync(path, line(1, 1) + line(2, 2));
    await live.poll(100);
    await live.poll(100);
    writeFileSync(folder.path('.new'), line(1, 1) + line(2, 2) + line(3, 3));
    renameSync(folder.path('.new'), path);
    await live.end();
    expect(out).toEqual(['1/1', '2/2', '3/3']);
  });

  it('takes the rest of a file that was deleted while it was being read', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const path = folder.path('a.jsonl');
    writeFileSync(path, line(1, 1) + line(2, 2).slice(0, 9));
    await live.poll(100);
    live.elapsed += 100;
    await live.follower.scan();
    // One piece is read; the file stays open.
    await live.follower.advance((item) => out.push(nameOf(item)), 1);
    appendFileSync(path, line(2, 2).slice(9));
    rmSync(path);
    await live.end();
    expect(out).toEqual(['1/1', '2/2']);
  });

  it('says which file no reader knows, once, and goes on with the others', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    writeFileSync(folder.path('notes.txt'), 'nothing of a log\n'.repeat(3));
    writeFileSync(folder.path('broken.gz'), gzipSync(line(1, 1).repeat(50)).subarray(0, 60));
    writeFileSync(folder.path('a.jsonl'), line(1, 1));
    await live.end();
    expect(out).toEqual(['1/1']);
    expect(live.troubles.filter((label) => label === 'notes.txt')).toHaveLength(1);
  });

  type Deed =
    | { readonly do: 'append'; readonly log: number; readonly bytes: number }
    | { readonly do: 'rotate' | 'copy-truncate' | 'compress'; readonly log: number }
    | { readonly do: 'poll' }
    | { readonly do: 'wait' }
    | { readonly do: 'restart' };

  const log = fc.nat(2);
  const deed: fc.Arbitrary<Deed> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), log, bytes: fc.nat(700) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('rotate', 'copy-truncate', 'compress' as const), log }),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        { do: 'poll' as const },
        { do: 'wait' as const },
        { do: 'restart' as const },
      ),
    },
  );
  const logs = fc.array(fc.array(fc.nat(400_000), { maxLength: 25 }), { minLength: 3, maxLength: 3 });

  it('keeps what has not happened yet, and what follows it in its log, until the clock has come to it', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const ahead = NOW + 290_000;
    writeFileSync(folder.path('fast.jsonl'), line(NOW - 5, 1) + line(ahead, 2) + line(NOW - 1, 3));
    writeFileSync(folder.path('true.jsonl'), line(NOW - 4, 4));
    for (let i = 0; i < 2; i++) await live.poll(2 * HOLD);
    expect(out).toEqual([`${NOW - 5}/1`, `${NOW - 4}/4`]);
    await live.restart();
    live.now = ahead - 1;
    // On the way for longer than the lead leaves: late, if the newest event were one that has not happened.
    appendFileSync(folder.path('true.jsonl'), line(ahead - 299_000, 5));
    for (let i = 0; i < 2; i++) await live.poll(2 * HOLD);
    live.now = ahead;
    await live.end();
    expect(out.slice(2)).toEqual([`${ahead - 299_000}/5`, `${ahead}/2`, `${NOW - 1}/3`]);
    expect(live.follower.ahead).toBe(0);
    expect(out).toEqual(await inBatch(folder.root));
  });

  it('a clock that was ahead and is set back holds nothing up, also after a restart', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const path = folder.path('a.jsonl');
    live.now = NOW + 3_600_000;
    writeFileSync(path, line(live.now, 1));
    for (let i = 0; i < 2; i++) await live.poll(100);
    live.now = NOW;
    appendFileSync(path, line(NOW, 2));
    await live.poll(100);
    expect(out).toEqual([`${NOW + 3_600_000}/1`, `${NOW}/2`]);
    await live.restart();
    appendFileSync(path, line(NOW + 1, 3));
    await live.end();
    expect(out).toEqual([`${NOW + 3_600_000}/1`, `${NOW}/2`, `${NOW + 1}/3`]);
  });

  it('what lay there waits once for a quiet log, not again with each piece that is read of it', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    writeFileSync(folder.path('quiet.jsonl'), line(1, 1));
    const many = Array.from({ length: 4000 }, (_, i) => line(2 + i, i)).join('');
    expect(many.length).toBeGreaterThan(3 * 256 * 1024);
    writeFileSync(folder.path('busy.jsonl'), many);
    for (let i = 0; i < 2; i++) expect(await live.poll(100)).toBe('wait');
    expect(out).toEqual(['1/1']);
    await live.poll(HOLD);
    expect(out).toHaveLength(4001);
    await live.follower.close();
  });

  it('says that all from before is taken while a log never pauses beside a quiet one', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const many = (from: number) => Array.from({ length: 50 }, (_, i) => line(from + i, i)).join('');
    writeFileSync(folder.path('quiet.jsonl'), many(1));
    writeFileSync(folder.path('busy.jsonl'), many(1000));
    const said: string[] = [];
    const taken: number[] = [];
    for (let n = 0; n < 6; n++) {
      said.push(await live.poll(HOLD / 2));
      taken.push(out.length);
      appendFileSync(folder.path('busy.jsonl'), line(2000 + n, 100 + n));
    }
    expect(said).toEqual(['wait', 'wait', 'idle', 'idle', 'idle', 'idle']);
    expect(taken.slice(0, 3)).toEqual([50, 50, 100]);
    await live.end();
    expect(out).toHaveLength(106);
  });

  it('a renamed file that is written to without end stops no other log', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    writeFileSync(folder.path('a.jsonl'), line(1, 1));
    writeFileSync(folder.path('b.jsonl'), line(2, 2));
    for (let i = 0; i < 2; i++) await live.poll(100);
    renameSync(folder.path('a.jsonl'), folder.path('a.jsonl.1'));
    writeFileSync(folder.path('a.jsonl'), line(3, 3));
    appendFileSync(folder.path('b.jsonl'), line(4, 4));
    // Never at rest, by the time that it says of itself, and nothing comes of it.
    const touch = async (pass: number) => {
      appendFileSync(folder.path('a.jsonl.1'), '{}\n');
      utimesSync(folder.path('a.jsonl.1'), live.now / 1000, live.now / 1000);
      return live.poll(pass);
    };
    for (let i = 0; i < 3; i++) expect(await touch(100)).toBe('wait');
    expect(out).toEqual(['1/1']);
    for (let i = 0; i < 3; i++) await touch(HOLD);
    expect(out).toEqual(['1/1', '2/2', '4/4']);
    expect(await touch(100)).toBe('idle');
    await live.end();
    expect(out).toEqual(['1/1', '2/2', '4/4', '3/3']);
  });

  it('gives the order of reading the files afterwards, whatever the pieces, rotations and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.array(deed, { maxLength: 60 }), async (times, deeds) => {
        using folder = temporaryFolder();
        const { live, out } = followed(folder.root);
        const left = times.map((all, i) =>
          Buffer.from(all.map((time, n) => line(time, 1000 * i + n, `${i}-${n}@x`)).join('')),
        );
        const path = (i: number) => folder.path(`log${i}.jsonl`);
        // A log that is not there yet cannot be waited for.
        for (const i of left.keys()) writeFileSync(path(i), '');
        await live.poll();
        for (const step of deeds) {
          if (step.do === 'append') {
            const rest = left[step.log] ?? Buffer.alloc(0);
            appendFileSync(path(step.log), rest.subarray(0, step.bytes));
            left[step.log] = rest.subarray(step.bytes);
          } else if (step.do === 'poll') await live.poll();
          else if (step.do === 'wait') await live.poll(SETTLE);
          else if (step.do === 'restart') await live.restart();
          else rotate(path(step.log), step.do);
        }
        left.forEach((rest, i) => appendFileSync(path(i), rest));
        await live.end();
        expect(out).toEqual(await inBatch(folder.root).catch(() => []));
        expect(live.follower.losses.lostBytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
