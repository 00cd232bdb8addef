import { FlowRows } from '../flow-table/read.ts';
import { shareOf, type Format } from '../format.ts';
import { isHeader, lineReader } from '../input/lines.ts';
import { headerNames, TableRow } from '../input/table.ts';
import { RAW_COLUMNS, unswLayout, type UnswLayout } from './layout.ts';

const HEADER = /^\s*"?(?:id|dur|srcip)"?\s*,/i;
const HEADER_BYTES = 8192;
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/**
 * UNSW-NB15 (Moustafa and Slay 2015): the training and testing sets with a line of column names, without times and
 * addresses, and the four raw files of 49 columns with times (Unix seconds) and addresses and without a line of names.
 */
export const unswNb15: Format = {
  name: 'unsw-nb15',
  title: 'Flows of UNSW-NB15 with labels',

  recognise: ({ lines }) => {
    const header = lines[0];
    if (header !== undefined && HEADER.test(header) && unswLayout(headerNames(header)) !== null) return 1;
    return shareOf(lines, isRaw);
  },

  open(context) {
    let reader: { row: TableRow; rows: FlowRows; names: readonly string[] } | null = null;
    return lineReader(context, (buffer, start, end, line) => {
      if (reader === null) {
        const text = buffer.toString('utf8', start, Math.min(end, start + HEADER_BYTES));
        const named = HEADER.test(text) ? unswLayout(headerNames(text)) : null;
        const layout = named ?? unswLayout(RAW_COLUMNS);
        if (layout === null) return 'before the line of column names';
        const { table } = layout;
        reader = {
          names: table.names,
          row: new TableRow(table.names.length),
          rows: new FlowRows(context, table, {
            time: (written) => (/^\d{1,12}$/.test(written) ? Number(written) * 1000 : NaN),
            attack: (row) => attackOf(row, layout),
          }),
        };
        if (named !== null) return null;
      }
      if (line > 1 && isHeader(buffer, start, end, reader.names)) return null;
      return reader.row.scan(buffer, start, end) ?? reader.rows.read(reader.row, line);
    });
  },
};

function isRaw(line: string): boolean {
  const columns = line.split(',');
  return (
    columns.length === RAW_COLUMNS.length &&
    ADDRESS.test(columns[0]?.trim() ?? '') &&
    ADDRESS.test(columns[2]?.trim() ?? '') &&
    /^[01]$/.test(columns.at(-1)?.trim() ?? '')
  );
}

/** Class of attack of a row, null for a normal one. The raw files write two classes with blanks and one as a plural. */
function attackOf(row: TableRow, layout: UnswLayout): string | null {
  if (row.number(layout.label) !== 1) return null;
  const name = row.text(layout.attackClass);
  return name === 'Backdoors' ? 'Backdoor' : name;
}
