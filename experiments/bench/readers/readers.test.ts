import { describe, expect, it } from 'vitest';
import { readers, runReaders } from './readers.ts';

describe('the bench readers, small', () => {
  it('reads the same events in every way, and has the rows that its chart names', async () => {
    const context = {
      runs: 1,
      data: null,
      version: '0',
      say: () => undefined,
      signal: new AbortController().signal,
    };
    const { rows, ratios } = await runReaders(context, { hosts: 60, events: 3000, runs: 1 });
    const names = rows.map(({ name }) => name);
    for (const { bars } of readers.charts) for (const { row } of bars) expect(names).toContain(row);
    expect(ratios.every(({ value }) => value > 0)).toBe(true);
  }, 60_000);
});
