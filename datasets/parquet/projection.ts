import { EVENT_FIELDS } from '../cordon-jsonl/schema.ts';
import { quoted } from './duckdb.ts';

/** A column of a table, with its type as DuckDB writes it. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

const SOURCE = ['dataset', 'record', 'uid'];

/**
 * The expression of SQL that makes a row one JSON object. Of a table of canonical events (columns `type`, `time` and
 * `source`, the last one also as `source.dataset`, `source.record`, `source.uid`) it takes the fields of the row's type,
 * because a table has the columns of all types and nulls in those of others. Of any other table it takes all columns
 * that are not null, at every depth. A column `time` of instants becomes milliseconds, other instants ISO 8601 in UTC.
 * @param row name of the row in the query
 */
export function jsonOfRow(columns: readonly Column[], row: string): string {
  const known = new Map(columns.map((column) => [column.name, column]));
  const source = sourceOf(known);
  if (known.has('type') && known.has('time') && source !== null) return canonical(known, source);
  const changed = columns.flatMap((column) => {
    const value = valueOf(column);
    return value === identifier(column.name) ? [] : [`${quoted(column.name)}: ${value}`];
  });
  const patch = changed.length === 0 ? '' : `, to_json({${changed.join(', ')}})`;
  return `json_merge_patch('{}', to_json(${identifier(row)})${patch})`;
}

function canonical(known: ReadonlyMap<string, Column>, source: string): string {
  const cases = Object.entries(EVENT_FIELDS).map(([type, fields]) => {
    const parts = [`'type': ${identifier('type')}`];
    for (const name of Object.keys(fields)) {
      const column = known.get(name);
      if (column !== undefined) parts.push(`${quoted(name)}: ${valueOf(column)}`);
    }
    return `WHEN ${quoted(type)} THEN to_json({${parts.join(', ')}, 'source': ${source}})`;
  });
  const other = `to_json({'type': ${identifier('type')}, 'source': ${source}})`;
  return `CASE ${identifier('type')} ${cases.join(' ')} ELSE ${other} END`;
}

function sourceOf(known: ReadonlyMap<string, Column>): string | null {
  if (known.get('source')?.type.startsWith('STRUCT') === true) return identifier('source');
  if (!SOURCE.every((name) => known.has(`source.${name}`))) return null;
  return `{${SOURCE.map((name) => `${quoted(name)}: ${identifier(`source.${name}`)}`).join(', ')}}`;
}

function valueOf({ name, type }: Column): string {
  const value = identifier(name);
  if (!type.startsWith('TIMESTAMP')) return value;
  if (name === 'time') return `epoch_ms(${value})`;
  return type === 'TIMESTAMP WITH TIME ZONE'
    ? `strftime(${value} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')`
    : value;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
