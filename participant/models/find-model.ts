import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { type FoundVersions, MODELS_FOLDER, versionsIn } from './version-store.ts';

/**
 * Every version that a folder has: a participant's state folder, the results of an experiment (`seeds/SEED`), or a folder
 * of model files. Oldest first, by seed where there are several.
 * @throws CordonError DATA_NOT_FOUND where there is no such folder
 */
export async function versionsOf(folder: string): Promise<FoundVersions> {
  const found = await stat(folder).catch((error: unknown) => {
    throw toCordonError(error);
  });
  if (!found.isDirectory()) {
    throw new CordonError('DATA_NOT_FOUND', {
      expected: `a folder with models at ${folder}`,
      got: 'a file',
      next: "name a participant's state folder, the results of an experiment, or a folder of model files",
    });
  }
  const seeds = namesIn(join(folder, 'seeds')).filter((name) => /^\d{1,10}$/.test(name));
  const folders = [
    folder,
    join(folder, MODELS_FOLDER),
    ...seeds.toSorted((a, b) => Number(a) - Number(b)).map((seed) => join(folder, 'seeds', seed)),
  ];
  const all = await Promise.all(folders.map(versionsIn));
  return { stored: all.flatMap(({ stored }) => stored), damaged: all.flatMap(({ damaged }) => damaged) };
}

/**
 * Path of a model's file.
 * @param reference path of a model file, or the id of a version, of which the beginning is enough
 * @param folder where ids are looked up
 * @throws CordonError NOT_FOUND for none and for several, DATA_NOT_FOUND
 */
export async function findModel(reference: string, folder: string): Promise<string> {
  const file = await stat(reference).catch(() => null);
  if (file?.isFile() === true) return reference;
  const { stored } = await versionsOf(folder);
  const prefix = reference.startsWith('model-') ? reference : `model-${reference}`;
  const fitting = stored.filter(({ version }) => version.id.startsWith(prefix));
  const [one] = fitting;
  const ids = new Set(fitting.map(({ version }) => version.id));
  if (one !== undefined && ids.size === 1) return one.path;
  throw new CordonError('NOT_FOUND', {
    expected: `a model file, or the id of one of the ${stored.length} versions in ${folder}`,
    got: ids.size === 0 ? reference : `${reference}, with which ${ids.size} of them begin`,
    next: 'cordon model ls FOLDER shows them; name the folder with --from',
  });
}
