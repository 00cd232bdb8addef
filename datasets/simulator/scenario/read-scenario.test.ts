import { readdirSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../fixtures/collect.ts';
import { PRESETS } from '../options.ts';
import { simulate } from '../simulate.ts';
import { apt } from './builtin/apt.ts';
import { BUILT_IN, builtIn } from './builtin/index.ts';
import { parseScenario, readScenario } from './read-scenario.ts';
import { combine } from './setting.ts';

/** The built-in scenario `apt` with one piece of its text changed. */
function changed(from: string | RegExp, to: string): () => unknown {
  const text = apt.replace(from, to);
  expect(text).not.toBe(apt);
  return () => parseScenario(text, 'scenario test.yaml');
}

describe('scenario files', () => {
  it('are what the built-in scenarios are: text and file give the same', async () => {
    using folder = temporaryFolder();
    for (const name of BUILT_IN) {
      writeFileSync(folder.path(`${name}.yaml`), builtIn(name) ?? '');
      const read = await readScenario(name);
      expect(await readScenario(folder.path(`${name}.yaml`))).toEqual(read);
      expect(read.scenario).toBe(name);
      expect(parseScenario(stringify(read), name)).toEqual(read);
    }
  });

  it('say which field is wrong, what belongs there, what was found and where to read on', () => {
    expect(changed('hours: [8, 18]', 'hours: [18, 8]')).toThrow(
      /attacks\[0\]\.hours in the scenario test\.yaml: the lower number first, got \[18, 8\] at attacks\[0\]\.hours/,
    );
    expect(changed('technique: T1566.001', 'technique: phishing')).toThrow(
      /attacks\[0\]\.entry\.technique in the scenario test\.yaml: an ATT&CK technique like T1021/,
    );
    expect(changed('path: trust', 'path: anywhere')).toThrow(
      /attacks\[0\]\.path in .*: one of trust, single, largest, provider, together/,
    );
    expect(changed('targets: [6, 12]', 'targets: [6, 1e9]')).toThrow(/attacks\[0\]\.train\.targets/);
    expect(changed('    impact:', '    impatc:')).toThrow(/a field that is not known: attacks\[0\]\.impatc/);
    expect(changed('entry: { technique:', 'entry: { technqiue:')).toThrow(
      /a field that is not known: attacks\[0\]\.entry\.technqiue; did you mean technique\?/,
    );
    expect(changed('account: { own: 1 }', 'account: { own: 0 }')).toThrow(
      /theft\.account in .*: at least one weight above 0/,
    );
    expect(changed(/ - theft: .*\n {8}technique/, ' - technique')).toThrow(/moves\[0\]\.theft/);
    expect(changed('inside: 0.8', 'inside: 1.8')).toThrow(/attacks\[0\]\.pivot\.inside/);
    expect(() => parseScenario('scenario: [', 'scenario test.yaml')).toThrow(
      /text that is not YAML, in line 1, column \d+/,
    );
    try {
      changed('path: trust', 'path: anywhere')();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'CONFIG_INVALID',
        next: expect.stringMatching(/docs\/scenarios\.md/),
      });
    }
  });

  it('are bounded before they are read, and a missing one says what there is', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('large'), `# ${'x'.repeat(256 * 1024)}\n${apt}`);
    await expect(readScenario(folder.path('large'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      expected: expect.stringContaining('at most 262144 bytes'),
    });
    await expect(readScenario(folder.path('none'))).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      expected: expect.stringContaining('six-tactics, apt'),
    });
    await expect(readScenario(folder.root)).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    await expect(readScenario('constructor')).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });

  it('are refused when they ask for more than a million logons, before these fill the memory', async () => {
    using folder = temporaryFolder();
    const scenario = await readScenario('ransomware-worm');
    const [attack] = scenario.attacks;
    const [move] = attack?.moves ?? [];
    if (!attack || !move) throw new Error('one attack with one move is needed');
    const greedy = {
      ...attack,
      campaigns: { train: 0, test: 500 },
      moves: [{ ...move, share: 1, again: true }],
      test: {
        ...attack.test,
        targets: [5000, 5000] as [number, number],
        noise: [20, 20] as [number, number],
      },
    };
    const options = { ...PRESETS.small, scenarios: [{ ...scenario, attacks: [greedy] }] };
    await expect(simulate(options, folder.path('a'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      expected: 'at most 1000000 logons of intruders in all campaigns together',
    });
    expect(readdirSync(folder.root)).toEqual([]);
  });

  it('add up: attacks of all of them, other fields of the last that has them, no tactic twice', async () => {
    const [first, second] = await Promise.all([readScenario('apt'), readScenario('zero-day')]);
    const setting = combine([
      { ...first, hardNegatives: { scanners: 3, runAs: 0 }, world: { spread: 5 } },
      { ...second, hardNegatives: { runAs: 2 } },
    ]);
    expect(setting.attacks.map(({ tactic }) => tactic)).toEqual(['apt', 'zero-day']);
    expect(setting.hardNegatives).toMatchObject({ scanners: 3, runAs: 2, rollouts: 1 });
    expect(setting.world).toEqual({ spread: 5, largest: null, trust: 0.5 });
    expect(() => combine([first, first])).toThrow(/apt twice in apt, apt/);
  });
});
