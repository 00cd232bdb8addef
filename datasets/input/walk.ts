import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readProblem } from './problems.ts';

/** Something in a folder that is no folder. */
export interface Found {
  readonly path: string;
  /** A pipe, a socket or a device: opening it may wait for ever. */
  readonly special: boolean;
}

/**
 * Everything below a folder that is no folder, names sorted by code unit; hidden names and links to folders are left out.
 * @throws CordonError DATA_NOT_FOUND
 */
export async function* filesBelow(folder: string): AsyncGenerator<Found> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw readProblem(folder, error);
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isSymbolicLink()) {
      const target = await linked(path);
      if (!target.isDirectory()) yield { path, special: !target.isFile() };
    } else yield { path, special: !entry.isFile() };
  }
}

/** What a link leads to. A folder is left out: it may be where the link stands, or in the data set already. */
async function linked(link: string): Promise<Stats> {
  try {
    return await stat(link);
  } catch (error) {
    throw readProblem(link, error);
  }
}
