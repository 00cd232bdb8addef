import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CordonError } from '../../protocol/errors.ts';
import type { Part } from './parts.ts';

/** A file on disk that holds a part's bytes; disposing of it removes it where it is a copy. */
export interface WholeFile extends AsyncDisposable {
  readonly path: string;
}

/**
 * The part as a file: itself where it stands plain on disk, else a copy in a new folder for temporary files that only
 * this user can read. `chunks` are the part's bytes; they are used up or ended.
 * @throws CordonError FORMAT_UNKNOWN for more than `maxBytes`; the errors of reading the part or of a full disk
 */
export async function wholeFile(
  part: Part,
  chunks: AsyncGenerator<Buffer>,
  maxBytes: number,
): Promise<WholeFile> {
  if (part.path !== null) {
    await chunks.return(undefined);
    return { path: part.path, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'cordon-part-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const path = join(folder, 'part');
  try {
    await pipeline(bounded(part.label, chunks, maxBytes), createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, [Symbol.asyncDispose]: remove };
}

async function* bounded(
  label: string,
  chunks: AsyncGenerator<Buffer>,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new CordonError('FORMAT_UNKNOWN', {
        expected: `at most ${maxBytes} bytes in ${label}, which must be unpacked to be read`,
        got: 'more',
        next: 'unpack it yourself if you trust it and have the space, and name the folder instead',
      });
    }
    yield chunk;
  }
}
