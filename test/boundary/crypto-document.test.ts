import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Attack } from '../../experiments/security/lwe.ts';
import type { NoiseFailure } from '../../experiments/security/noise.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(join(root, 'docs', 'crypto.md'), 'utf8');

/** Cells of all rows of the tables, trimmed; rules between head and body left out. */
const rows = document
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line))
  .map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );

describe('docs/crypto.md', () => {
  it('names files that are there', () => {
    const named = [...document.matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g)].flatMap(([, path]) => path ?? []);
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('names tests that are there, one for each attack', () => {
    const attacks = rows.filter(([, file]) => /^`[^`]+\.test\.ts`$/.test(file ?? ''));
    expect(attacks.length).toBeGreaterThan(15);
    const missing = attacks.filter(([, file = '', name = '']) => {
      const source = readFileSync(join(root, file.replaceAll('`', '')), 'utf8');
      return name === '' || !source.includes(name);
    });
    expect(missing).toEqual([]);
  });

  it('names types and functions that the files beside them have', () => {
    const steps = rows.filter((row) => row.length === 5 && row[3]?.startsWith('`'));
    expect(steps.length).toBeGreaterThan(15);
    const missing = steps.flatMap(([, , names = '', files = '']) => {
      const sources = [...files.matchAll(/`([^`]+)`/g)]
        .map(([, file]) => readFileSync(join(root, file ?? ''), 'utf8'))
        .join('\n');
      return [...names.matchAll(/`(\w+)[^`]*`/g)].flatMap(([, name = '']) =>
        sources.includes(name) ? [] : [`${name} in ${files}`],
      );
    });
    expect(missing).toEqual([]);
  });

  it('bounds what the noise check lets pass by one and the same fraction, that of the tests', () => {
    const stated = [...document.matchAll(/\+ 1\)\/([\d,]+)/g)].map(([, denominator]) => denominator);
    expect(stated).toEqual(['4,095', '4,095']);
    const tested = readFileSync(join(root, 'experiments/security/noise.test.ts'), 'utf8');
    expect(tested).toContain('(2b + 1) T/q, just below (2b + 1)/4,095');
  });

  it('has the figures that the estimate prints', () => {
    const printed = JSON.parse(
      execFileSync(process.execPath, [join(root, 'cli/cordon.ts'), 'estimate', '--json'], {
        encoding: 'utf8',
      }),
    ) as {
      readonly rows: readonly { readonly deviation: number; readonly attacks: Record<string, Attack> }[];
      readonly noise: { readonly members: readonly NoiseFailure[] };
    };
    const estimates = new Map(
      printed.rows.map(({ deviation, attacks }) => [
        deviation.toFixed(3),
        ['coreClassical', 'coreQuantum', 'sieve'].map((model) => attacks[model]?.bits.toFixed(1)),
      ]),
    );
    const stated = rows.filter(([deviation = '']) => /^\d\.\d{3}$/.test(deviation));
    expect(stated).toHaveLength(7);
    for (const [deviation = '', ...bits] of stated)
      expect(bits.slice(0, 3)).toEqual(estimates.get(deviation));
    const power = (log2: number | null): string => (log2 === null ? 'never' : `2^${log2.toFixed(1)}`);
    const noise = printed.noise.members.map((one) => [
      String(one.members),
      String(one.bound),
      power(one.log2Rejected),
      power(one.log2Wrapped),
    ]);
    expect(rows.filter(([, bound = '']) => /^\d{2,4}$/.test(bound))).toEqual(noise);
  });
});
