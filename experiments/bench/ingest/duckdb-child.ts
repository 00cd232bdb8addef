/** The same log read by DuckDB alone, in a process of its own: `duckdb-child.ts LOG EVENTS`, started by the bench. */
import { DuckDBInstance } from '@duckdb/node-api';
import { serveCases } from '../child-cases.ts';

const [path = '', events = ''] = process.argv.slice(2);
const per = Number(events);
const instance = await DuckDBInstance.create(':memory:', {
  threads: '1',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
});
const connection = await instance.connect();
const names = ['time', 'su', 'du', 'src', 'dst', 'protocol', 'logon', 'action', 'status'];
const columns = names.map((name) => `'${name}': '${name === 'time' ? 'BIGINT' : 'VARCHAR'}'`).join(', ');
const table = `read_csv('${path.replaceAll("'", "''")}', header = false, auto_detect = false, columns = {${columns}})`;
const pairs = `SELECT src, dst, count(*) AS n, max(time) AS last, count(*) FILTER (status = 'Fail') AS failed FROM ${table} GROUP BY src, dst`;

serveCases({
  cases: [
    {
      name: 'duckdb.events_per_s',
      clock: 'cpu',
      per,
      note: 'DuckDB alone, one thread: read_csv of the compressed log, count, last time and failures of each pair of hosts',
      run: async () => {
        const reader = await connection.runAndReadAll(`SELECT sum(n)::DOUBLE FROM (${pairs})`);
        const counted = reader.getRows()[0]?.[0];
        if (counted !== per) throw new Error(`DuckDB: ${String(counted)} events instead of ${per}`);
      },
    },
  ],
  rows: [],
});
