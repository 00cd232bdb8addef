import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const VERBS = [
  [],
  ['demo'],
  ['coordinator'],
  ['coordinator', 'serve'],
  ['participant'],
  ['participant', 'run'],
  ['consortium'],
  ['consortium', 'show'],
  ['round'],
  ['round', 'start'],
  ['round', 'ls'],
  ['round', 'show'],
  ['round', 'cancel'],
  ['datasets'],
  ['datasets', 'inspect'],
  ['datasets', 'simulate'],
  ['twin'],
  ['twin', 'show'],
  ['twin', 'export'],
  ['alert'],
  ['alert', 'ls'],
  ['alert', 'show'],
  ['alert', 'ack'],
  ['alert', 'dismiss'],
  ['alert', 'suppress'],
  ['alert', 'unsuppress'],
  ['alert', 'suppressions'],
  ['incident'],
  ['incident', 'add'],
  ['incident', 'import'],
  ['incident', 'ls'],
  ['incident', 'remove'],
  ['model'],
  ['model', 'ls'],
  ['model', 'show'],
  ['model', 'export'],
  ['model', 'import'],
  ['model', 'import-tfjs'],
  ['model', 'score'],
  ['experiment'],
  ['experiment', 'run'],
  ['experiment', 'compare'],
  ['bench'],
  ['estimate'],
];

describe('help', () => {
  it.each(VERBS.map((verb) => [['cordon', ...verb].join(' '), verb] as const))(
    '%s --help explains itself with an example and the exit codes',
    async (name, verb) => {
      const { code, stdout, stderr } = await runCli([...verb, '--help']);
      expect(code).toBe(0);
      expect(stderr).toBe('');
      expect(stdout).toContain(`Usage: ${name}`);
      expect(stdout).toMatch(/Example:\n {2}\$ cordon /);
      expect(stdout).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by policy');
    },
  );

  it('a verb that does not exist is wrong usage and says what was meant', async () => {
    const { code, stderr } = await runCli(['dmeo']);
    expect(code).toBe(2);
    expect(stderr).toContain('demo');
  });
});
