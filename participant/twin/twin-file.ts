import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../crypto/identity/durable-file.ts';
import { CordonError } from '../../protocol/errors.ts';
import { TwinGraph } from './twin-graph.ts';

/** Name of the twin's snapshot in a state folder. */
export const TWIN_FILE = 'twin.snapshot';

const MOST_BYTES = 2 ** 31 - 1;
/** What every version of a snapshot of a twin begins with. */
const BEGINNING = 'cordon twin ';

/** Replaces the file whole or not at all, mode 600, on disk before it returns. */
export async function writeTwin(path: string, twin: TwinGraph): Promise<void> {
  await writeDurably(path, twin.snapshot());
}

/** Path of the snapshot: the file itself, or that of a state folder; null where neither is one. */
export async function findTwin(path: string): Promise<string | null> {
  for (const file of [path, join(path, TWIN_FILE)]) if (await isTwin(file)) return file;
  return null;
}

async function isTwin(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() !== true) return false;
  await using file = await open(path, 'r');
  const head = Buffer.alloc(BEGINNING.length);
  await file.read(head, 0, head.length, 0);
  return head.toString('latin1') === BEGINNING;
}

/** @throws CordonError ENCODING_INVALID where it is damaged, of another version or too large; errors of the file system */
export async function readTwin(path: string): Promise<TwinGraph> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  if (size > MOST_BYTES) {
    throw new CordonError('ENCODING_INVALID', {
      expected: `a snapshot of at most ${MOST_BYTES} bytes`,
      got: `${size} bytes`,
      next: 'remove the snapshot: the state is then built again from the logs',
    });
  }
  return TwinGraph.restore(await file.readFile());
}
