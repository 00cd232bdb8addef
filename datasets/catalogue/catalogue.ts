import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '../../protocol/codec/config-text.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { CatalogueEntry, unsafePath, unsafeUrl } from './schema.ts';

const ENTRIES = new URL('./entries/', import.meta.url);

/** The public data sets that Cordon knows, by id. */
export async function publicCatalogue(): Promise<CatalogueEntry[]> {
  const names = (await readdir(ENTRIES)).filter((name) => name.endsWith('.json')).toSorted();
  return Promise.all(names.map((name) => loadEntry(fileURLToPath(new URL(name, ENTRIES)))));
}

/**
 * One entry from a file (JSON or YAML) of the same form as `entries/*.json`, which may come from anywhere.
 * @throws CordonError DATA_NOT_FOUND, CONFIG_INVALID where a field, a path or an address is not allowed
 */
export async function loadEntry(path: string): Promise<CatalogueEntry> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw toCordonError(error);
  });
  const entry = parseConfig(CatalogueEntry, text, `catalogue entry ${path}`);
  const seen = new Set<string>();
  for (const { path: file, url } of entry.files) {
    const fault = unsafePath(file) ?? (seen.has(file) ? 'stands there twice' : null);
    if (fault !== null)
      throw refused(path, 'every path to be relative, below the data set, once', file, fault);
    const wrong = url === null ? null : unsafeUrl(url);
    if (wrong !== null) throw refused(path, 'every address to be https', url ?? '', wrong);
    seen.add(file);
  }
  return entry;
}

function refused(path: string, expected: string, value: string, why: string): CordonError {
  return new CordonError('CONFIG_INVALID', {
    expected: `${expected} in catalogue entry ${path}`,
    got: `${JSON.stringify(value.slice(0, 200))}, which ${why}`,
    next: 'correct the entry',
  });
}

/** @throws CordonError USAGE where there is no such entry */
export function findEntry(catalogue: readonly CatalogueEntry[], id: string): CatalogueEntry {
  const entry = catalogue.find((each) => each.id === id);
  if (entry) return entry;
  throw new CordonError('USAGE', {
    expected: `one of ${catalogue.map((each) => each.id).join(', ')}`,
    got: JSON.stringify(id),
    next: 'cordon datasets ls shows what there is',
  });
}
