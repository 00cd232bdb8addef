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

/** What to do where something below a folder cannot be looked at: to throw ends the walk. */
export type OnProblem = (path: string, error: Error) => void;

const endAll: OnProblem = (_, error) => {
  throw error;
};

/**
 * Everything below a folder that is no folder, names sorted by code unit; hidden names and links to folders are left out.
 * @throws CordonError DATA_NOT_FOUND, unless `onProblem` takes it
 */
export async function* filesBelow(folder: string, onProblem: OnProblem = endAll): AsyncGenerator<Found> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    onProblem(folder, readProblem(folder, error));
    return;
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, onProblem);
    else if (entry.isSymbolicLink()) {
      const target = await linked(path, onProblem);
      if (target !== null && !target.isDirectory()) yield { path, special: !target.isFile() };
    } else yield { path, special: !entry.isFile() };
  }
}

/** What a link leads to, null for a problem that is taken. A folder is left out: it may be where the link stands, or in the data set already. */
async function linked(link: string, onProblem: OnProblem): Promise<Stats | null> {
  try {
    return await stat(link);
  } catch (error) {
    onProblem(link, readProblem(link, error));
    return null;
  }
}
