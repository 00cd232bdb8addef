import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

describe('cordon bench', () => {
  it('without a name lists the benches', async () => {
    const { code, stdout } = await runCli(['bench']);
    expect(code).toBe(0);
    expect(stdout).toContain('secure-sum');
  });

  it('answers an unknown name with one error that lists them, and exit code 2', async () => {
    const { code, stdout, stderr } = await runCli(['bench', 'secure-sun']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error USAGE/);
    expect(stderr.match(/error /g)).toHaveLength(1);
    expect(stderr).toContain('secure-sum');
  });

  it('says so as one object with --json', async () => {
    const { code, stdout, stderr } = await runCli(['bench', 'secure-sun', '--json']);
    expect(code).toBe(2);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE' } });
  });

  it('refuses a number of runs that is none', async () => {
    expect((await runCli(['bench', 'secure-sum', '--runs', '0'])).code).toBe(2);
  });

  it('refuses options of a bench that is not named', async () => {
    const { code, stderr } = await runCli(['bench', '--runs', '3']);
    expect(code).toBe(2);
    expect(stderr).toContain('--runs, --out or --data without the name of a bench');
  });

  it('says before it measures that it cannot write the result', async () => {
    const { code, stdout, stderr } = await runCli(['bench', 'secure-sum', '--out', 'package.json/figures']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error DATA_NOT_FOUND[^]*next {6}name another folder with --out/);
    const onto = await runCli(['bench', 'secure-sum', '--out', 'package.json']);
    expect(onto.code).toBe(2);
    expect(onto.stderr).toMatch(/^error OUTPUT_EXISTS[^]*got {7}a file\n/);
  });

  it('says in a log how far it is, one line a step, and leaves standard output to the result', async () => {
    const args = ['bench', 'secure-sum', '--runs', '1', '--json'];
    const { code, stdout, stderr } = await runCli(args, { killAfterMs: 6000 });
    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Preparing\n/);
    expect(stderr).not.toContain('\u001b');
  });
});
