import type * as DuckDb from '@duckdb/node-api';
import { CordonError } from '../../protocol/errors.ts';
import { truncated } from '../input/problems.ts';

/** What DuckDB may take while it reads one file. */
export interface DuckDbLimits {
  /** Most memory for decoded row groups, megabytes. */
  readonly memoryMb: number;
  readonly threads: number;
}

/** Text values of single-column queries, in batches, from one file. */
export interface FileQueries extends Disposable {
  /** Names and types of the columns of `table`, in order. */
  columns(table: string): Promise<{ name: string; type: string }[]>;
  /** @returns the values of the first column, row by row, some two thousand at a time; null becomes '' */
  texts(sql: string): AsyncGenerator<string[]>;
}

/**
 * Opens DuckDB for the file at `path` and nothing else: no other file, no network, no extension, nothing spilled to
 * disk. The module is loaded here and not before, so that nobody pays for it who does not need it.
 * @param path absolute
 * @param label what people know the file by
 * @throws CordonError FORMAT_UNKNOWN where DuckDB cannot be loaded on this machine
 */
export async function openDuckDb(path: string, label: string, limits: DuckDbLimits): Promise<FileQueries> {
  const { DuckDBInstance } = await load(label);
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${limits.memoryMb}MB`,
    threads: String(limits.threads),
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  for (const sql of [
    `SET TimeZone = 'UTC'`,
    `SET allowed_paths = [${quoted(path)}]`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ]) {
    await connection.run(sql);
  }

  return {
    async columns(table) {
      try {
        const rows = (await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${table}`)).getRows();
        return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
      } catch (error) {
        throw problem(label, error, limits);
      }
    },
    async *texts(sql) {
      try {
        const result = await connection.stream(sql);
        for (;;) {
          const chunk = await result.fetchChunk();
          if (chunk === null || chunk.rowCount === 0) return;
          yield chunk.getColumnValues(0).map((value) => (typeof value === 'string' ? value : ''));
        }
      } catch (error) {
        throw problem(label, error, limits);
      }
    },
    [Symbol.dispose]() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A text as a literal of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function load(label: string): Promise<typeof DuckDb> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    throw new CordonError(
      'FORMAT_UNKNOWN',
      {
        expected: `DuckDB to read ${label} with`,
        got: error instanceof Error ? error.message : String(error),
        next: 'install it with the other dependencies (npm ci), or write the file as JSON lines',
      },
      { cause: error },
    );
  }
}

function problem(label: string, error: unknown, limits: DuckDbLimits): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (!message.startsWith('Out of Memory')) return truncated(label, message, error);
  return new CordonError(
    'FORMAT_UNKNOWN',
    {
      expected: `row groups in ${label} that can be read in ${limits.memoryMb} MB of memory`,
      got: message,
      next: 'write the file again with smaller row groups',
    },
    { cause: error },
  );
}
