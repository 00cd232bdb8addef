import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { syncDirectory } from './durable-file.ts';

/**
 * Makes a folder and those above it that are missing, mode 700, so that a power cut cannot take their names, and what
 * stands in them with it. Blocks.
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path);
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made))
    await syncDirectory(dirname(made));
}
