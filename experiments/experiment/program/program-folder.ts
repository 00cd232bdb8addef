import { join } from 'node:path';
import { writeWhole } from '../../../crypto/identity/durable-file.ts';
import { makeFolder } from '../../../crypto/identity/make-folder.ts';
import { EDGE_V1, type Feature } from '../../../participant/features/edge-v1.ts';
import { FEDERATION } from '../../../participant/features/edge-v2.ts';
import type { RowList } from '../../../participant/train/rows.ts';
import type { SiteData } from '../../../participant/train/site-data.ts';
import { writeMatrix } from './npy.ts';

/** What a program is to write, in a member's folder. */
export const SCORES = {
  validation: 'scores-validation.npy',
  evaluation: 'scores-evaluation.npy',
} as const;

/** A member whose rows a program gets. */
export interface GivenMember {
  readonly member: string;
  readonly site: SiteData;
  /** Its folder, from that of the run. */
  readonly folder: string;
}

/**
 * Everything that a program gets: `rows.json`, and each member's rows, a matrix a file. Nothing of the truth about the
 * test time is in it, and no name of a host or account.
 * @param path to be made
 */
export async function writeProgramFolder(
  path: string,
  { method, seed, members }: { method: string; seed: number; members: readonly GivenMember[] },
): Promise<void> {
  const width = members[0]?.site.familiar.width ?? 0;
  const columns = [...EDGE_V1, ...FEDERATION].slice(0, width).map(({ name, range, meaning }: Feature) => {
    const [least, greatest] = range;
    return { name, least, greatest, meaning };
  });
  const described = [];
  for (const { member, site, folder } of members) {
    await makeFolder(join(path, folder));
    const shapes: Record<string, [rows: number, columns: number]> = {};
    for (const [name, list] of Object.entries(listsOf(site))) {
      await writeMatrix(join(path, folder, `${name}.npy`), list.rows, list.width);
      shapes[name] = [list.length, list.width];
    }
    described.push({ name: member, folder, rows: shapes });
  }
  const features = width === EDGE_V1.length ? 'edge-v1' : 'edge-v2';
  const rows = { version: 1, method, seed, features, columns, members: described, write: SCORES };
  await writeWhole(join(path, 'rows.json'), `${JSON.stringify(rows, null, 1)}\n`);
}

function listsOf({ familiar, novel, corrupted, incidents, validation, evaluation }: SiteData) {
  const lists: Record<string, RowList> = { familiar, novel, corrupted, incidents };
  return { ...lists, validation: validation.list, evaluation: evaluation.list };
}
