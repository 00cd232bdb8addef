import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyTree } from './copy-tree.ts';
import { FOLDERS, mayImport } from './import-table.ts';

const PLANTED = 'coordinator/planted.ts';
const SECRET_IMPORT = `import * as planted from '../crypto/secret/planted.ts';\nexport { planted };\n`;

/** What the tools are set up by. */
const LINT = [
  'package.json',
  'oxlint.config.ts',
  'test/boundary/lint-rules.ts',
  'test/boundary/import-table.ts',
];
const TYPES = ['package.json', 'tsconfig.base.json', ...FOLDERS.map((folder) => `${folder}/tsconfig.json`)];

/** Runs a tool of node_modules in a tree and gives back all it says. */
function tool(root: string, script: string, args: string[]): { status: number | null; output: string } {
  const path = join(root, 'node_modules', script);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

describe('a secret import planted in coordinator', () => {
  const plant = {
    [PLANTED]: SECRET_IMPORT,
    'crypto/secret/planted.ts': 'export const secret: number = 1;\n',
  };

  it('is refused by the lint rule', () => {
    using tree = copyTree({ only: LINT, plant });
    const { status, output } = tool(tree.root, 'oxlint/bin/oxlint', ['-f', 'unix', PLANTED]);
    expect(output).toMatch(/coordinator\/planted\.ts:1:\d+.*no-restricted-imports/);
    expect(status).not.toBe(0);
  });

  it('is refused by the TypeScript references', () => {
    // A file in every folder, so that nothing but the secret is missing from what coordinator builds on.
    const others = FOLDERS.map((folder) => [`${folder}/nothing.ts`, 'export {};\n']);
    using tree = copyTree({ only: TYPES, plant: { ...Object.fromEntries(others), ...plant } });
    const { status, output } = tool(tree.root, 'typescript/bin/tsc', ['-b', 'coordinator']);
    expect(output).toMatch(/coordinator\/planted\.ts.*error TS\d+.*crypto\/secret\/planted\.ts/);
    const errors = output.split('\n').filter((line) => line.includes('error TS'));
    expect(errors.filter((line) => !line.startsWith(PLANTED))).toEqual([]);
    expect(status).not.toBe(0);
  });
});

describe('the lint rule', () => {
  it('forbids what the table forbids and allows what it allows, for every pair of folders', () => {
    const pairs = FOLDERS.flatMap((from) => FOLDERS.map((to) => ({ from, to }))).filter(
      ({ from, to }) => from !== to,
    );
    const plant = Object.fromEntries(
      pairs.map(({ from, to }) => {
        const up = '../'.repeat(from.split('/').length);
        return [nameOf(from, to), `export * from '${up}${to}/nothing.ts';\n`];
      }),
    );
    using tree = copyTree({ only: LINT, plant });
    const { output } = tool(tree.root, 'oxlint/bin/oxlint', ['-f', 'unix', ...Object.keys(plant)]);
    const refused = new Set(
      output
        .split('\n')
        .filter((line) => line.includes('no-restricted-imports'))
        .map((line) => line.slice(0, line.indexOf(':'))),
    );
    const expected = pairs
      .filter(({ from, to }) => !mayImport(from, to))
      .map(({ from, to }) => nameOf(from, to));
    expect([...refused].toSorted()).toEqual(expected.toSorted());
  });
});

function nameOf(from: string, to: string): string {
  return `${from}/planted-${to.replaceAll('/', '-')}.ts`;
}
