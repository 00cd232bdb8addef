import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { EVENT_FIELDS } from './schema.ts';

/** One event as a line, with the ending; the order of the fields is fixed. */
export function formatEvent(event: CanonicalEvent): string {
  const values = new Map<string, unknown>(Object.entries(event));
  const ordered: Record<string, unknown> = { type: event.type };
  for (const name of Object.keys(EVENT_FIELDS[event.type])) ordered[name] = values.get(name);
  ordered['source'] = {
    dataset: event.source.dataset,
    record: event.source.record,
    uid: event.source.uid,
  };
  return `${JSON.stringify(ordered)}\n`;
}

/**
 * Writes batches of events to `path`, gzipped where it ends in `.gz`. The file appears under its name only when it is
 * complete; on an error nothing is left behind.
 * @returns the number of events written
 */
export async function writeEvents(
  path: string,
  batches: AsyncIterable<readonly CanonicalEvent[]> | Iterable<readonly CanonicalEvent[]>,
): Promise<number> {
  const temporary = `${path}.tmp`;
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const batch of batches) {
      count += batch.length;
      yield batch.map(formatEvent).join('');
    }
  }
  try {
    const file = createWriteStream(temporary);
    if (path.endsWith('.gz')) await pipeline(Readable.from(lines()), createGzip(), file);
    else await pipeline(Readable.from(lines()), file);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return count;
}
