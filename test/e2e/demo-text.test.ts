import { expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

it('cordon demo in a pipe says line by line how far it is; its report has everything a person asks', async () => {
  const { code, stdout, stderr } = await runCli(['demo', '--members', '3', '--rounds', '2', '--no-compare']);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^Round 2\/2: published$/m);
  expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  expect(stdout).not.toMatch(/^Round \d/m);
  for (const heading of [
    'Organisations',
    'Rounds',
    'What the joint model is worth',
    'Top alerts',
    'In plain words',
  ]) {
    expect(stdout).toContain(heading);
  }
  expect(stdout.match(/ yes$/gm)).toHaveLength(2);
  expect(stdout).toMatch(/This\s+code\s+has\s+not\s+been\s+audited\./);
});
