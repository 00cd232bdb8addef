import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import type { StreamItem } from '../../datasets/host-facts.ts';
import { timeOf } from '../../datasets/item-sink.ts';
import { logon } from '../../test/auth-event.ts';
import { Followed, HOLD, NOW } from '../../test/followed-folder.ts';
import { readLanes } from '../telemetry/read-lanes.ts';
import { SitePipeline } from '../telemetry/site-pipeline.ts';
import { HEAD_BYTES } from './followed-file.ts';

const line = (time: number, record: number, uid = '') =>
  formatEvent({ ...logon(0, 'a', 'b', 'ann@x'), time, source: { dataset: 'given', record, uid } });
const nameOf = (item: StreamItem): string =>
  'source' in item ? `${timeOf(item)}/${item.source.record}` : item.type;

function followed(folder: string): { live: Followed; out: string[] } {
  const out: string[] = [];
  return { live: new Followed(folder, (item) => out.push(nameOf(item))), out };
}

describe('a folder in which others write', () => {
  it.each([
    ['grows by a piece of a line', (path: string) => appendFileSync(path, line(3, 3).slice(20, 30))],
    ['is emptied', (path: string) => truncateSync(path, 0)],
  ])('a file that %s between the look at it and the reading of it is not waited for', async (_, write) => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const path = folder.path('a.jsonl');
    writeFileSync(path, line(1, 1) + line(2, 2));
    await live.poll(100);
    await live.poll(100);
    appendFileSync(path, line(3, 3).slice(0, 20));
    live.elapsed += 100;
    await live.follower.scan();
    write(path);
    expect(await live.follower.advance(() => undefined, 1000)).toBe('idle');
    truncateSync(path, 0);
    await live.poll(100);
    writeFileSync(path, line(4, 4));
    await live.end();
    expect(out).toEqual(['1/1', '2/2', '4/4']);
  });

  it.each([
    ['plain beside plain', 'a.jsonl', 'b.jsonl'],
    ['gz beside plain', 'a.jsonl', 'b.jsonl.gz'],
    ['plain beside gz', 'a.jsonl.gz', 'b.jsonl'],
    ['gz beside gz', 'a.jsonl.gz', 'b.jsonl.gz'],
  ])('a file that begins with all that another one holds is read: %s', async (_, one, other) => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const write = (name: string, text: string): void =>
      writeFileSync(folder.path(name), name.endsWith('.gz') ? gzipSync(text) : text);
    write(one, line(1, 1));
    for (let i = 0; i < 3; i++) await live.poll(100);
    write(other, line(1, 1) + line(2, 2));
    await live.end();
    expect(out).toEqual(['1/1', '1/1', '2/2']);
  });

  it('a file that begins like one that is gone and has something else where that one was left is read from the beginning', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    const same = Array.from({ length: 48 }, (_, i) => line(i + 1, i + 1));
    const texts = [7, 8].map((n) => [...same, line(50, n), line(51, n)]);
    expect(same.join('').length).toBeGreaterThan(HEAD_BYTES);
    writeFileSync(folder.path('a.jsonl'), texts[0]?.join('') ?? '');
    await live.poll(100);
    await live.poll(100);
    writeFileSync(folder.path('.b'), texts[1]?.join('') ?? '');
    rmSync(folder.path('a.jsonl'));
    await live.poll(100);
    renameSync(folder.path('.b'), folder.path('b.jsonl'));
    await live.end();
    expect(out.filter((name) => name.startsWith('5'))).toEqual([
      '5/5',
      '50/7',
      '51/7',
      '5/5',
      '50/8',
      '51/8',
    ]);
  });

  it('names that never come again leave no more than some lanes behind', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    for (let i = 0; i < 1100; i++) writeFileSync(folder.path(`conn-${i}-x.jsonl`), line(i + 1, i));
    for (let i = 0; i < 3; i++) await live.poll(100);
    for (let i = 0; i < 3; i++) await live.poll(2 * HOLD);
    expect(live.follower.lanes.size).toBe(1100);
    for (let i = 0; i < 1100; i++) rmSync(folder.path(`conn-${i}-x.jsonl`));
    await live.poll(100);
    expect(live.follower.lanes.size).toBe(1000);
    writeFileSync(folder.path('conn-0-x.jsonl'), line(5000, 5000));
    await live.end();
    expect(out).toHaveLength(1101);
    expect(out.at(-1)).toBe('5000/5000');
  });

  it('what cannot be looked at is told once and holds up nothing else', async () => {
    using folder = temporaryFolder();
    const { live, out } = followed(folder.root);
    symlinkSync('a-loop', folder.path('a-loop'));
    writeFileSync(folder.path('b.jsonl'), line(1, 1));
    await live.end();
    expect(out).toEqual(['1/1']);
    expect(live.troubles).toEqual(['a-loop']);
  });

  it('the same log in two folders counts once where its records have names, although its lines stand side by side in the stream', async () => {
    using folder = temporaryFolder();
    const text = line(1000, 1, 'u1') + line(2000, 2, 'u2') + line(3000, 3, 'u3');
    for (const name of ['one', 'two']) {
      mkdirSync(folder.path(name));
      writeFileSync(folder.path(`${name}/sec.jsonl`), text);
    }
    const sinks = { twin: { apply: () => undefined }, learner: { add: () => null } };
    const batch = new SitePipeline(sinks);
    await readLanes(folder.root, (item, lane) => batch.take(item, lane), { now: NOW });
    expect(batch.counts).toMatchObject({ events: { auth: 3 }, duplicates: 3 });
    const own = new SitePipeline(sinks);
    await new Followed(folder.root, (item, lane) => own.take(item, lane)).end();
    expect(own.counts).toEqual(batch.counts);
  });
});
