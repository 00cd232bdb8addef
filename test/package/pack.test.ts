import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../boundary/copy-tree.ts';

/** The parts of package.json that this test reads. */
interface PackageJson {
  version: string;
  dependencies: Record<string, string>;
}

const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as PackageJson;

/** Never the Node of this process inside `node_modules`: npm of the user, with this Node first for what it starts. */
function npm(cwd: string, args: string[]): SpawnSyncReturns<string> {
  const PATH = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return spawnSync('npm', [...args, '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH },
    shell: process.platform === 'win32',
  });
}

describe('the package, packed and installed into an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-package-'));
  const installed = join(folder, 'node_modules', 'cordon');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(() => {
    const packed = npm(ROOT, ['pack', '--pack-destination', folder]);
    expect(packed.status, packed.stdout + packed.stderr).toBe(0);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const result = npm(folder, [
      'install',
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      join(folder, tarball ?? 'no tarball was made'),
    ]);
    expect(result.status, result.stdout + result.stderr).toBe(0);
  }, 180_000);

  const cordon = (args: string[]): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [join(folder, 'node_modules', '.bin', 'cordon'), ...args], {
      cwd: folder,
      encoding: 'utf8',
    });

  it('shows its help', () => {
    const { status, stdout, stderr } = cordon(['--help']);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: cordon/m);
  });

  it('shows the version of package.json', () => {
    expect(cordon(['--version']).stdout.trim()).toBe(PACKAGE.version);
  });

  it('brings no Node, no developer tool and no TypeScript along', () => {
    const names = readdirSync(join(folder, 'node_modules'));
    expect(
      names.filter((name) => /^node-(linux|darwin|win)|^typescript$|^vitest$|^oxlint$/.test(name)),
    ).toEqual([]);
    for (const name of Object.keys(PACKAGE.dependencies)) expect(names).toContain(name.split('/')[0]);
  });

  it('holds the kernels and neither sources, tests nor test data', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.ts$|\.test\.|fixtures|vectors[\\/]|tsconfig/.test(file))).toEqual([]);
    for (const side of ['public', 'secret']) {
      expect(existsSync(join(installed, 'dist', 'crypto', side, 'kernels', 'kernels.wasm'))).toBe(true);
    }
  });

  it('encrypts on threads', () => {
    const program = `
      import { OneTimeKey } from 'DIST/crypto/secret/one-time-key.js';
      import { EncryptionThreads } from 'DIST/crypto/secret/threads/encryption-threads.js';
      const key = OneTimeKey.sample((length) => new Uint8Array(length));
      const values = new Uint32Array(30_000);
      const vector = { transcriptHash: new Uint8Array(32), layout: '3x26', valueBits: 16, values };
      let bytes = 0;
      for await (const chunk of new EncryptionThreads(2).encrypt(key, vector)) bytes += chunk.length;
      console.log(bytes);`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        program.replaceAll('DIST', pathToFileURL(join(installed, 'dist')).href),
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe(String(3 * 46080));
  });

  it('names no .ts file that it would try to start', () => {
    const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    const naming = files.filter(
      (file) =>
        file.endsWith('.js') &&
        /['"`]\.{1,2}\/[^'"`]*\.ts['"`]/.test(readFileSync(join(installed, 'dist', file), 'utf8')),
    );
    expect(naming).toEqual([]);
  });
});
