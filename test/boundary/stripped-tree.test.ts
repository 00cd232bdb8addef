import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from './copy-tree.ts';
import { sourceFiles } from './import-graph.ts';
import { STRIPPED, strippedTree } from './stripped-tree.ts';

/** Imports each file in one fresh process, and prints those that fail with the first line of the reason. */
const IMPORT_ALL = `
  const failed = [];
  for (const file of process.argv.slice(1)) {
    try { await import(file); } catch (error) { failed.push(file + ': ' + String(error).split('\\n')[0]); }
  }
  console.log(JSON.stringify(failed));
  process.exit(0);
`;

describe('a tree without crypto/secret, crypto/seal/secret and participant', () => {
  const tree = strippedTree();
  afterAll(() => tree[Symbol.dispose]());

  it('is really without them', () => {
    for (const path of STRIPPED) expect(existsSync(join(tree.root, path))).toBe(false);
  });

  it('imports every module of coordinator', () => {
    const files = sourceFiles(ROOT).filter((file) => file.startsWith('coordinator/'));
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', IMPORT_ALL, ...files.map((file) => join(tree.root, file))],
      { cwd: tree.root, encoding: 'utf8' },
    );
    expect(stdout, stderr).not.toBe('');
    expect(JSON.parse(stdout)).toEqual([]);
  });

  it.skipIf(!existsSync(join(ROOT, 'cli/cordon.ts')))('starts the command line of the coordinator', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(tree.root, 'cli/cordon.ts'), 'coordinator', 'serve', '--help'],
      { cwd: tree.root, encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('coordinator serve');
  });
});
