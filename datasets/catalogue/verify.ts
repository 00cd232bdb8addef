import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { CatalogueFile } from './schema.ts';

/** SHA-256 of a file in hexadecimal, and its size in bytes; read as a stream. */
export async function digestOf(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** Size in bytes of a regular file, or null where there is none at that path. */
export async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true ? found.size : null;
}

/** In what a file differs from what the catalogue says, in words; null where nothing the catalogue knows differs. */
export function difference(
  { bytes, sha256 }: CatalogueFile,
  got: { sha256: string; bytes: number },
): string | null {
  if (bytes !== null && bytes !== got.bytes) return `${got.bytes} bytes instead of ${bytes}`;
  if (sha256 !== null && sha256 !== got.sha256) return `SHA-256 ${got.sha256} instead of ${sha256}`;
  return null;
}
