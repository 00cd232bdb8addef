import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from './copy-tree.ts';
import { SourceTree } from './source-tree.ts';
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

  /** The files that fail to import in the tree, each with the reason. */
  const importAll = (files: string[]): string[] => {
    const args = ['--input-type=module', '-e', IMPORT_ALL, ...files.map((file) => join(tree.root, file))];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree.root, encoding: 'utf8' });
    expect(stdout, stderr).not.toBe('');
    return JSON.parse(stdout) as string[];
  };

  it('is really without them', () => {
    for (const path of STRIPPED) expect(existsSync(join(tree.root, path))).toBe(false);
  });

  it('imports every module of coordinator and of the public half of the joint key, and the verb that serves it', () => {
    const files = SourceTree.of(ROOT)
      .sources()
      .filter((file) => /^(coordinator|crypto\/seal\/public)\//.test(file));
    expect(importAll([...files, 'cli/verbs/coordinator-serve.ts'])).toEqual([]);
  });

  it('cannot import what needs a secret, so that the test above means something', () => {
    expect(importAll(['cli/verbs/participant-run.ts'])).toHaveLength(1);
  });

  it('starts the command line of the coordinator', () => {
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
