import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { authProtocol } from '../../../datasets/auth-protocol.ts';
import { remember } from '../../../datasets/input/remember.ts';
import { lanlAction, lanlLogonType } from '../../../datasets/lanl-auth/values.ts';
import { quoted } from '../../../datasets/parquet/duckdb.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';

const KNOWN_NAMES = 2 ** 20;
const COLUMNS = `header = false, delim = ',', quote = '', escape = '', auto_detect = false, columns = {t: 'UINTEGER',
  src: 'VARCHAR', dst: 'VARCHAR', src_host: 'VARCHAR', dst_host: 'VARCHAR', protocol: 'VARCHAR', logon: 'VARCHAR',
  action: 'VARCHAR', status: 'VARCHAR'}`;

/** DuckDB in memory with so many threads; what `use` does with it is all that it is there for. */
export async function withDuckDb<T>(
  threads: number,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The lines and the sum of the times of a LANL `auth.txt`, by DuckDB alone: no value becomes one of JavaScript. */
export function countedByDuckDb(file: string): Promise<{ lines: number; seconds: number }> {
  return withDuckDb(1, async (connection) => {
    const [row] = (
      await connection.runAndReadAll(
        `SELECT count(*)::DOUBLE, sum(t)::DOUBLE, count(DISTINCT src) FROM read_csv(${quoted(file)}, ${COLUMNS})`,
      )
    ).getRows();
    return { lines: Number(row?.[0]), seconds: Number(row?.[1]) };
  });
}

/** The events of a LANL `auth.txt`, parsed by DuckDB and fetched column by column, as fast as is known here. */
export function eventsByDuckDb(
  file: string,
  threads: number,
  emit: (event: AuthEvent) => void,
): Promise<void> {
  const name = remember((text) => text.toLowerCase(), KNOWN_NAMES);
  const protocol = remember(authProtocol);
  const logonType = remember(lanlLogonType);
  const action = remember(lanlAction);
  return withDuckDb(threads, async (connection) => {
    const result = await connection.stream(`SELECT * FROM read_csv(${quoted(file)}, ${COLUMNS})`);
    let record = 0;
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      const columns = Array.from({ length: 9 }, (_, index) => chunk.getColumnVector(index));
      const text = (column: number, row: number): string => String(columns[column]?.getItem(row));
      for (let row = 0; row < chunk.rowCount; row++) {
        emit({
          type: 'auth',
          time: Number(columns[0]?.getItem(row)) * 1000,
          srcHost: name(text(3, row)),
          dstHost: name(text(4, row)),
          srcAccount: name(text(1, row)),
          dstAccount: name(text(2, row)),
          protocol: protocol(text(5, row)),
          logonType: logonType(text(6, row)),
          action: action(text(7, row)),
          success: text(8, row) === 'Success',
          source: { dataset: 'auth', record: ++record, uid: '' },
        });
      }
    }
  });
}

/** Writes JSON lines as a Parquet file. */
export function toParquet(jsonLines: string, parquet: string): Promise<void> {
  return withDuckDb(1, async (connection) => {
    await connection.run(
      `COPY (SELECT * FROM read_json(${quoted(jsonLines)})) TO ${quoted(parquet)} (FORMAT parquet)`,
    );
  });
}
