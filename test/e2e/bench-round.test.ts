import { expect, it } from 'vitest';
import { runRound } from '../../experiments/bench/round/round.ts';

it('bench round: the same small job, encrypted and in the clear, ends with the same bits and gives both times', async () => {
  const { signal } = new AbortController();
  const context = { runs: null, data: null, version: '0', say: () => undefined, signal };
  const cases = [{ prefix: 'tiny.', rounds: 2, hidden: 8, batch: 16, runs: 2 }];
  // It throws unless both models are equal.
  const { rows, ratios, skipped } = await runRound(context, { members: 4, cases });
  const names = [...rows, ...skipped].map(({ name }) => name);
  for (const way of ['encrypted', 'plaintext']) {
    expect(names).toContain(`tiny.${way}.wall_s`);
    expect(names).toContain(`tiny.${way}.cpu_s`);
  }
  for (const row of rows) expect(row).toMatchObject({ unit: row.name.endsWith('_ms') ? 'ms' : 's', runs: 2 });
  expect(rows[0]?.note).toContain('2 rounds of 4 members, 305 weights, 5 local steps of batch 16');
  const walls = rows.filter(({ name }) => name.endsWith('wall_s')).map(({ min }) => min);
  for (const wall of walls) expect(wall).toBeGreaterThan(0);
  expect(ratios.map(({ name }) => name)).toContain('tiny.encrypted/plaintext.wall');
});
