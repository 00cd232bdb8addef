import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { APART, NEEDS_A_PROCESS } from './apart.ts';
import { copyTree, ROOT } from './copy-tree.ts';
import { FOLDERS, MAY_IMPORT } from './import-table.ts';
import { SourceTree } from './source-tree.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Files under version control or about to be, or, outside of git, the sources alone. */
function trackedFiles(): string[] {
  const git = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const listed = git.status === 0 ? git.stdout.split('\n').filter(Boolean) : SourceTree.of(ROOT).sources();
  return listed.filter((path) => existsSync(join(ROOT, path)));
}

const TEXT = /\.(ts|mjs|js|json|jsonc|md|yaml|yml|svg|txt)$|(^|\/)\.[a-z]+$|^\.ci\/run$/;

describe('the repository', () => {
  it('names no path of somebody’s machine', () => {
    // Written apart, so that this file does not find itself.
    const paths = ['root', 'work', 'Users/[a-z]', 'home/[a-z]'].map((name) => `/${name}`);
    const pattern = new RegExp(`(^|[\\s'"\`(=:])(${paths.join('|')})/`, 'm');
    const found = trackedFiles().filter(
      (path) => TEXT.test(path) && !path.includes('fixtures/') && pattern.test(read(path)),
    );
    expect(found).toEqual([]);
  });

  it('holds no private key and no access token', () => {
    const pattern = new RegExp(
      [
        '-----BEGIN [A-Z ]*PRIVATE KEY-----\\s+[A-Za-z0-9+/]{40}',
        'gh[pousr]_[A-Za-z0-9]{36}',
        'npm_[A-Za-z0-9]{36}',
        'AKIA[A-Z0-9]{16}',
      ].join('|'),
    );
    const found = trackedFiles().filter((path) => TEXT.test(path) && pattern.test(read(path)));
    expect(found).toEqual([]);
  });

  it('locks packages by hash and ties them to no registry', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { integrity?: string; resolved?: string; link?: boolean }>;
    };
    for (const [path, entry] of Object.entries(lock.packages)) {
      if (!path.startsWith('node_modules/') || entry.link) continue;
      expect(entry.integrity, path).toMatch(/^sha512-/);
      expect(entry.resolved, path).toBeUndefined();
    }
  });

  it('has a package in the lock file for every platform that a dependency names', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const names = Object.values(lock.packages).flatMap((entry) =>
      Object.keys(entry.optionalDependencies ?? {}),
    );
    const absent = names.filter(
      (name) => !Object.keys(lock.packages).some((path) => path.endsWith(`node_modules/${name}`)),
    );
    expect(absent).toEqual([]);
  });

  it('names every unit test that needs a process of its own, and no other', () => {
    const needing = trackedFiles().filter(
      (path) =>
        path.endsWith('.test.ts') &&
        !/^test\/(boundary|e2e|long|package)\//.test(path) &&
        NEEDS_A_PROCESS.test(read(path)),
    );
    expect(needing.toSorted()).toEqual(APART);
  });

  it('keeps every source file under 400 lines', () => {
    const lengths = SourceTree.of(ROOT)
      .sources()
      .map((path) => ({ path, lines: read(path).split('\n').length }));
    const long = lengths.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path} (${lines})`);
    if (long.length > 0) process.stderr.write(`Longer than 300 lines: ${long.join(', ')}\n`);
    expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
  });

  it('has every folder of the architecture', () => {
    const expected = [...FOLDERS, 'docs', 'scripts', 'test/e2e'];
    expect(expected.filter((folder) => !existsSync(join(ROOT, folder)))).toEqual([]);
  });

  it('calls npm test in .ci/run and nothing else', () => {
    const commands = read('.ci/run')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#') && !/^(set|cd) /.test(line));
    expect(commands).toEqual(['npm test']);
  });
});

describe('the copies that the guards work on', () => {
  it('leave out what is asked and hold what is planted', () => {
    using tree = copyTree({ without: ['docs'], plant: { 'models/planted.ts': 'export {};\n' } });
    expect(existsSync(join(tree.root, 'docs'))).toBe(false);
    expect(existsSync(join(tree.root, 'models/planted.ts'))).toBe(true);
    expect(existsSync(join(tree.root, 'node_modules/typescript'))).toBe(true);
  });
});

describe('docs/architecture.md', () => {
  it('says of every folder what the import table says', () => {
    const text = read('docs/architecture.md');
    for (const folder of FOLDERS) {
      const row = text
        .split('\n')
        .find((line) => line.startsWith('|') && line.split('|')[1]?.includes(`\`${folder}\``));
      expect(row, `a row for ${folder}`).toBeDefined();
      const said = [...(row?.split('|')[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
      const allowed = MAY_IMPORT[folder].length === FOLDERS.length ? [] : [...MAY_IMPORT[folder]];
      expect(said.toSorted(), folder).toEqual(allowed.toSorted());
    }
  });
});
