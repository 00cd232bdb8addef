import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { stem } from '../input/parts.ts';

/** What the metadata of OTRF Security-Datasets says about one recording. */
export interface RecordingInfo {
  /** Ids of the metadata documents, for example SDWIN-190518202151. */
  readonly ids: readonly string[];
  readonly title: string;
  /** ATT&CK techniques, sorted, for example T1003.001. */
  readonly techniques: readonly string[];
  /** ATT&CK tactics, sorted, for example TA0006. */
  readonly tactics: readonly string[];
}

interface Found {
  ids: string[];
  title: string;
  techniques: Set<string>;
  tactics: Set<string>;
}

/**
 * Techniques by recording (the name of its zip file without the ending), read from `_metadata/*.yaml` below `dir`.
 * A document that does not parse is left out and named in `unreadable`. Without that folder the map is empty.
 */
export async function recordingTechniques(
  dir: string,
): Promise<{ recordings: Map<string, RecordingInfo>; unreadable: string[] }> {
  const folder = join(dir, '_metadata');
  const names = await readdir(folder).catch(() => []);
  const found = new Map<string, Found>();
  const unreadable: string[] = [];
  for (const name of names.filter((file) => /\.ya?ml$/.test(file)).toSorted()) {
    try {
      addDocument(found, parse(await readFile(join(folder, name), 'utf8')));
    } catch {
      unreadable.push(name);
    }
  }
  const recordings = new Map<string, RecordingInfo>();
  for (const [recording, info] of found) {
    recordings.set(recording, {
      ids: info.ids,
      title: info.title,
      techniques: [...info.techniques].toSorted(),
      tactics: [...info.tactics].toSorted(),
    });
  }
  return { recordings, unreadable };
}

function addDocument(found: Map<string, Found>, document: unknown): void {
  const mappings = list(property(document, 'attack_mappings'));
  for (const file of list(property(document, 'files'))) {
    const link = property(file, 'link');
    if (typeof link !== 'string') continue;
    const recording = stem(link);
    const info = found.get(recording) ?? { ids: [], title: '', techniques: new Set(), tactics: new Set() };
    found.set(recording, info);
    const id = word(property(document, 'id'));
    if (!info.ids.includes(id)) info.ids.push(id);
    info.title ||= word(property(document, 'title'));
    for (const mapping of mappings) {
      const technique = techniqueId(property(mapping, 'technique'), property(mapping, 'sub-technique'));
      if (technique !== '') info.techniques.add(technique);
      for (const tactic of list(property(mapping, 'tactics'))) info.tactics.add(String(tactic));
    }
  }
}

/** `T1003` and `001` (or the number 1, as YAML reads an unquoted 001) -> `T1003.001`. */
function techniqueId(technique: unknown, sub: unknown): string {
  if (typeof technique !== 'string' || !/^T\d{4}/.test(technique)) return '';
  const known = typeof sub === 'string' || typeof sub === 'number';
  const digits = known ? String(sub).trim() : '';
  return /^\d{1,3}$/.test(digits) ? `${technique}.${digits.padStart(3, '0')}` : technique;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function word(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
