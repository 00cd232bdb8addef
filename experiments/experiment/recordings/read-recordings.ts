import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stem } from '../../../datasets/input/parts.ts';
import { recordingTechniques } from '../../../datasets/mordor/techniques.ts';
import { readDataset } from '../../../datasets/open.ts';
import { toCordonError } from '../../../protocol/errors.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';

/** One recording of a real attack. */
export interface Recording {
  readonly name: string;
  /** ATT&CK techniques as its metadata has them. */
  readonly techniques: readonly string[];
  /** In the order of time. */
  readonly events: readonly AuthEvent[];
}

/** Where recordings are; either may be left out. */
export interface RecordingFolders {
  /** OTRF Security-Datasets, with its `_metadata`. */
  readonly mordor?: string;
  /** A folder of EVTX files of lateral movement. */
  readonly evtx?: string;
}

/** What EVTX samples are listed under: they have no metadata. */
const WITHOUT_TECHNIQUE = 'evtx';

/**
 * Every recording that has logs, with its authentications. Mordor's are those that its metadata gives techniques; of EVTX samples each
 * file is one.
 * @throws CordonError as `readDataset`; what the file system throws
 */
export async function* readRecordings({ mordor, evtx }: RecordingFolders): AsyncGenerator<Recording> {
  if (mordor !== undefined) {
    const { recordings } = await recordingTechniques(mordor);
    for (const path of await filesBelow(mordor, '.zip')) {
      const { techniques = [] } = recordings.get(stem(path)) ?? {};
      const events = techniques.length > 0 ? await logons(path) : null;
      if (events !== null) yield { name: stem(path), techniques, events };
    }
  }
  if (evtx === undefined) return;
  for (const path of await filesBelow(evtx, '.evtx')) {
    const events = await logons(path);
    if (events !== null) yield { name: stem(path), techniques: [WITHOUT_TECHNIQUE], events };
  }
}

async function filesBelow(folder: string, ending: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** null where a recording has packets alone. */
async function logons(path: string): Promise<AuthEvent[] | null> {
  const events: AuthEvent[] = [];
  try {
    for await (const batch of readDataset(path)) {
      events.push(...batch.filter((event) => event.type === 'auth'));
    }
  } catch (error) {
    if (toCordonError(error).code === 'FORMAT_UNKNOWN') return null;
    throw error;
  }
  return events.toSorted((a, b) => a.time - b.time);
}
