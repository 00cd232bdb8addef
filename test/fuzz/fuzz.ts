import { gzipSync } from 'node:zlib';
import { damaged } from './mutate-bytes.ts';
import type { GenuineFile } from './genuine-files.ts';
import { type Outcome, readHostile } from './read-hostile.ts';

export interface FuzzOptions {
  readonly files: readonly GenuineFile[];
  /** Folder for the file at hand. */
  readonly folder: string;
  readonly seed: number;
  /** Damaged copies of each file. */
  readonly copies: number;
  /** Characters of what is huge. */
  readonly size: number;
}

/**
 * Damages every file in some ways and reads what comes out, plain or packed. The same options give the same files.
 * @returns how often each outcome came
 * @throws Error that names file, seed and damage, so that one case can be played alone
 */
export async function fuzz({
  files,
  folder,
  seed,
  copies,
  size,
}: FuzzOptions): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  for (const [i, { name, bytes }] of files.entries()) {
    for (let copy = 0; copy < copies; copy++) {
      const own = (seed * 10_007 + i) * 1009 + copy;
      const other = files[(i + copy + 1) % files.length]?.bytes ?? bytes;
      const hostile = damaged(bytes, other, own, size);
      const packed = own % 8 === 0 ? gzipSync(hostile.bytes) : hostile.bytes;
      const kind = await readHostile(packed, folder, 'hostile').then(nameOf, (cause: unknown) => {
        throw new Error(`${name}, seed ${own}: ${hostile.how}: ${String(cause)}`, { cause });
      });
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
    }
  }
  return outcomes;
}

function nameOf(outcome: Outcome): string {
  if ('code' in outcome) return outcome.code;
  return outcome.rejects > 0 ? 'read, with rejects' : 'read';
}
