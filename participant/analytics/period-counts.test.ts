import { describe, expect, it } from 'vitest';
import { TaskKey } from '../../crypto/secret/task-key.ts';
import { STATISTICS, type SketchShape, cellOf } from '../../models/analytics/count-sketch.ts';
import { HOUR_MS, logon } from '../../test/sketch-task.ts';
import { fillSketch } from './fill-sketch.ts';
import { PeriodCounts } from './period-counts.ts';

const SLOT = 600_000;
const counted = (counts: PeriodCounts, from: number, to: number) =>
  counts
    .of(from, to)
    .map(({ account, source, failures, fresh }) => `${account} ${source} ${failures} ${fresh}`)
    .toSorted();

describe('counts of periods', () => {
  it('give every period its pairs, each once, whatever slots it is made of', () => {
    const counts = new PeriodCounts();
    counts.add(logon(0, 'ann@x', 'desk'), true);
    counts.add(logon(SLOT, 'ann@x', 'desk', 'other', false), true);
    counts.add(logon(SLOT + 1, 'ann@x', 'desk', 'other', false), false);
    counts.add(logon(HOUR_MS - 1, 'bob@x', 'desk'), false);
    counts.add(logon(HOUR_MS, 'ann@x', 'desk'), false);
    expect(counted(counts, 0, HOUR_MS)).toEqual(['ann@x desk 2 2', 'bob@x desk 0 0']);
    expect(counted(counts, SLOT, 2 * SLOT)).toEqual(['ann@x desk 2 1']);
    expect(counted(counts, HOUR_MS, 2 * HOUR_MS)).toEqual(['ann@x desk 0 0']);
    expect(counts.newest).toBe(HOUR_MS);
  });

  it('leave out addresses, names that every system has, and what asks for no access', () => {
    const counts = new PeriodCounts();
    for (const source of ['10.0.0.1', 'fe80::1', '::ffff:10.0.0.1', ''])
      counts.add(logon(0, 'ann@x', source), true);
    for (const account of ['', 'system', 'local service@nt authority', 'anonymous logon'])
      counts.add(logon(0, account, 'desk'), true);
    counts.add({ ...logon(0, 'ann@x', 'desk'), action: 'LogOff' }, true);
    expect(counts.of(0, SLOT)).toEqual([]);
    counts.add(logon(0, 'desk$@x', 'desk'), true);
    counts.add(logon(0, 'ann@x', '10.0.0.host'), true);
    expect(counts.of(0, SLOT)).toHaveLength(2);
  });

  it('hold 65,535 of a kind and no more, and failures apart from first times', () => {
    const counts = new PeriodCounts();
    for (let i = 0; i < 70_000; i++) counts.add(logon(0, 'a@x', 's', 'd', i % 2 === 0), i < 3);
    expect(counted(counts, 0, SLOT)).toEqual(['a@x s 35000 3']);
    for (let i = 0; i < 70_000; i++) counts.add(logon(0, 'a@x', 's', 'd', false), false);
    expect(counted(counts, 0, SLOT)).toEqual(['a@x s 65535 3']);
  });

  it('are bounded: the oldest slots make room, and are said not to be whole any more', () => {
    const counts = new PeriodCounts({ pairs: 10, names: 30 });
    for (let i = 0; i < 12; i++) counts.add(logon(i * SLOT, `a${i}@x`, 's'), false);
    expect(counts.completeFrom).toBe(2 * SLOT);
    expect(counts.of(0, 2 * SLOT)).toEqual([]);
    expect(counts.of(2 * SLOT, 12 * SLOT)).toHaveLength(10);
    counts.add(logon(0, 'late@x', 's'), false);
    expect(counts.of(0, SLOT)).toEqual([]);
    for (let i = 0; i < 50; i++) counts.add(logon(12 * SLOT, `b${i}@x`, 's'), false);
    expect(counts.of(12 * SLOT, 13 * SLOT).length).toBeLessThanOrEqual(30);
  });

  it('make room slot by slot however many slots there are, in which somebody may write one line each', () => {
    const slots = 200_000;
    const counts = new PeriodCounts({ pairs: slots, names: 10 });
    for (let i = 0; i < slots + 1000; i++) counts.add(logon(i * SLOT, 'a@x', 's'), false);
    expect(counts.completeFrom).toBe(1000 * SLOT);
    expect(counted(counts, 999 * SLOT, 1001 * SLOT)).toHaveLength(1);
  });
});

describe('a snapshot of counts', () => {
  it('goes on as if nothing had happened: every period, what is newest, and what is not whole any more', () => {
    const limits = { pairs: 40, names: 100 };
    const [whole, before, after] = [0, 1, 2].map(() => new PeriodCounts(limits));
    if (!whole || !before || !after) throw new Error('no counts');
    const event = (i: number) => logon(i * 200_000, `a${i % 7}@x`, `s${i % 5}`, 'd', i % 3 > 0);
    for (let i = 0; i < 60; i++) for (const counts of [whole, before]) counts.add(event(i), i % 4 === 0);
    after.restore(before.snapshot());
    for (let i = 60; i < 90; i++) for (const counts of [whole, after]) counts.add(event(i), i % 4 === 0);
    expect(after.newest).toBe(whole.newest);
    expect(after.completeFrom).toBe(whole.completeFrom);
    expect(whole.completeFrom).toBeGreaterThan(0);
    expect(counted(after, 0, 6 * HOUR_MS)).toEqual(counted(whole, 0, 6 * HOUR_MS));
    const damaged = before.snapshot().map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    expect(() => new PeriodCounts(limits).restore(damaged)).toThrow('digest');
  });
});

describe('a filled sketch', () => {
  const shape: SketchShape = { width: 4096, depth: 2, statistics: STATISTICS, cap: 9, sources: 3 };
  const key = new TaskKey('ab'.repeat(32), new Uint8Array(32).fill(5));
  const pairs = (sources: number) =>
    Array.from({ length: sources }, (_, i) => ({ account: 'ann@x', source: `s${i}`, failures: 1, fresh: 2 }));
  const totals = (cells: Uint32Array) =>
    STATISTICS.map(
      (_, table) => cells.slice(table * 8192, (table + 1) * 8192).reduce((sum, cell) => sum + cell, 0) / 2,
    );

  it('counts what is behind the account, its sources and its pairs', () => {
    const { cells } = fillSketch(shape, key, pairs(2));
    expect(totals(cells)).toEqual([1, 2, 2, 2, 2, 4, 4]);
    const at = cellOf(shape, key.mac('account', 'ann@x'), 1);
    expect(cells[at]).toBe(1);
    expect(cells[3 * 8192 + at]).toBe(2);
  });

  it('takes the first sources of an account in the order of their hashes, the same ones whatever their order', () => {
    const many = pairs(9);
    const { cells } = fillSketch(shape, key, many);
    expect(totals(cells)).toEqual([1, 3, 3, 3, 3, 6, 6]);
    expect(fillSketch(shape, key, many.toReversed()).cells).toEqual(cells);
    // Another account changes nothing of it.
    const other = { account: 'bob@x', source: 's0', failures: 0, fresh: 0 };
    const both = fillSketch(shape, key, [other, ...many]).cells;
    const alone = fillSketch(shape, key, [other]).cells;
    both.forEach((value, i) => expect(value).toBeLessThanOrEqual((cells[i] ?? 0) + (alone[i] ?? 0)));
  });

  it('under another key is another sketch of the same size', () => {
    const other = new TaskKey('cd'.repeat(32), new Uint8Array(32).fill(6));
    const [a, b] = [key, other].map((one) => fillSketch(shape, one, pairs(3)).cells);
    expect(totals(a ?? new Uint32Array())).toEqual(totals(b ?? new Uint32Array()));
    expect(a).not.toEqual(b);
  });
});
