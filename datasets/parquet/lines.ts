import { resolve } from 'node:path';
import type { DuckDbLimits } from './duckdb.ts';
import { openDuckDb, quoted } from './duckdb.ts';
import { jsonOfRow } from './projection.ts';

const MAGIC = Buffer.from('PAR1');
const ROW = 'cordon row';

/** Whether bytes are the beginning of a Parquet file. */
export function isParquet(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * The rows of a Parquet file as JSON lines, in their order, so that whatever reads a format as JSON lines reads it as
 * Parquet too; `source.record` is then the row, counted from one.
 * @param label what people know the file by
 * @throws CordonError FILE_TRUNCATED, FORMAT_UNKNOWN
 */
export async function* parquetLines(
  path: string,
  label: string,
  limits: DuckDbLimits,
): AsyncGenerator<Buffer> {
  const file = resolve(path);
  using duckdb = await openDuckDb(file, label, limits);
  const table = `read_parquet(${quoted(file)}, hive_partitioning = false)`;
  const row = jsonOfRow(await duckdb.columns(table), ROW);
  for await (const lines of duckdb.texts(`SELECT ${row} FROM ${table} AS "${ROW}"`)) {
    yield Buffer.from(`${lines.join('\n')}\n`);
  }
}
