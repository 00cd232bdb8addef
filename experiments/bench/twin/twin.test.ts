import { expect, it } from 'vitest';
import { runTwin, twin } from './twin.ts';

it('the bench twin, small, has the rows that its targets and charts name, and less memory than graphology', async () => {
  const context = {
    runs: 1,
    data: null,
    version: '0',
    say: () => undefined,
    signal: new AbortController().signal,
  };
  const { rows, ratios } = await runTwin(context, {
    hosts: 600,
    accounts: 2000,
    destinations: 10,
    events: 5000,
  });
  const names = rows.map(({ name }) => name);
  for (const { of } of twin.targets) expect(names).toContain(of);
  for (const { bars } of twin.charts) for (const { row } of bars) expect(names).toContain(row);
  expect(rows.every(({ median }) => median > 0)).toBe(true);
  expect(ratios.find(({ name }) => name === 'graphology.mb / twin.mb')?.value).toBeGreaterThan(1);
}, 60_000);
