import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../boundary/copy-tree.ts';

/** A Node on this machine's path that is too old for the sources, as many users have one. */
function olderNode(): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(folder, 'node');
    if (folder.startsWith(ROOT) || !existsSync(node)) continue;
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout;
    const major = Number(/^v(\d+)\./.exec(version)?.[1] ?? NaN);
    if (major >= 20 && major < 24) return node;
  }
  return null;
}

const old = olderNode();
const hasHistory = existsSync(join(ROOT, '.git'));
const possible = old !== null && hasHistory && process.platform === 'linux';

describe.skipIf(!possible)(
  'a clean clone under an older Node (needs Node 20 to 23 on the path, git and Linux)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'cordon-clone-'));
    const clone = join(folder, 'cordon');
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    /** npm as a user has it: the older Node first, nothing of this checkout on the path. */
    const npm = (...args: string[]) => {
      const others = (process.env['PATH'] ?? '').split(delimiter).filter((part) => !part.startsWith(ROOT));
      const env: NodeJS.ProcessEnv = {
        PATH: [dirname(old ?? ''), ...others].join(delimiter),
        HOME: process.env['HOME'],
      };
      return spawnSync('npm', args, { cwd: clone, encoding: 'utf8', env });
    };

    beforeAll(() => {
      const cloned = spawnSync('git', ['clone', '--quiet', '--no-hardlinks', ROOT, clone], {
        encoding: 'utf8',
      });
      expect(cloned.status, cloned.stderr).toBe(0);
      expect(existsSync(join(clone, 'node_modules'))).toBe(false);
    });

    it('installs what is missing and runs on the Node that it brings along', () => {
      const first = npm('run', '--silent', 'cordon', '--', '--version');
      expect(first.stderr).toContain('Installing');
      expect(first.status, first.stderr).toBe(0);
      expect(first.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    }, 180_000);

    it('installs nothing the second time', () => {
      const second = npm('run', '--silent', 'cordon', '--', '--version');
      expect(second.stderr).toBe('');
      expect(second.status).toBe(0);
    });
  },
);
