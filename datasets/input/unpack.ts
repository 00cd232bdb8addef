import type { DuckDbLimits } from '../parquet/duckdb.ts';
import { isParquet, parquetLines } from '../parquet/lines.ts';
import type { Part } from './parts.ts';
import { wholeFile } from './whole-file.ts';

const MAGIC_BYTES = 4;

/** The bytes of a part that are read as lines: its own, or the rows of a Parquet file as JSON. */
export async function* unpacked(
  part: Part,
  maxSpoolBytes: number,
  limits: DuckDbLimits,
): AsyncGenerator<Buffer> {
  const source = part.chunks();
  try {
    let first: Buffer = Buffer.alloc(0);
    while (first.length < MAGIC_BYTES) {
      const next = await source.next();
      if (next.done) break;
      first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
    }
    if (!isParquet(first)) {
      if (first.length > 0) yield first;
      yield* source;
      return;
    }
    await using file = await wholeFile(part, rejoined(first, source), maxSpoolBytes);
    yield* parquetLines(file.path, part.label, limits);
  } finally {
    await source.return(undefined);
  }
}

async function* rejoined(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
