import { chmod, mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CordonError } from '../../protocol/errors.ts';

/**
 * Has a folder filled beside its place and moves it there once it is complete; what fails leaves nothing behind.
 * @throws CordonError OUTPUT_EXISTS when the folder is there and not empty
 */
export async function inNewFolder<T>(outDir: string, fill: (dir: string) => Promise<T>): Promise<T> {
  const target = resolve(outDir);
  await refuseUsed(target);
  await mkdir(dirname(target), { recursive: true });
  const temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  try {
    const result = await fill(temporary);
    await chmod(temporary, 0o755);
    await rmdir(target).catch(() => undefined);
    await rename(temporary, target);
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function refuseUsed(target: string): Promise<void> {
  const names = await readdir(target).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return;
  throw new CordonError('OUTPUT_EXISTS', {
    expected: `${target} to be absent or empty`,
    got: `a folder with ${names.length} entries`,
    next: 'name another folder, or remove this one',
  });
}
