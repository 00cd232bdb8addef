import { createReadStream, createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sizeOf } from './verify.ts';
import type { CatalogueFile } from './schema.ts';

/**
 * The file of a data set in a mirror folder: `MIRROR/ID/PATH`, `MIRROR/PATH`, or `MIRROR/NAME`, the first that is there;
 * null where none is.
 */
export async function findInMirror(mirror: string, id: string, file: CatalogueFile): Promise<string | null> {
  for (const place of [join(id, file.path), file.path, basename(file.path)]) {
    const path = join(mirror, place);
    if ((await sizeOf(path)) !== null) return path;
  }
  return null;
}

/** Copies a file of a mirror to `target`, which is written over. */
export async function copyFrom(
  path: string,
  target: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  source.on('data', (chunk) => onBytes(chunk.length));
  await pipeline(source, createWriteStream(target));
}
