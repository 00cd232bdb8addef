import type { Format } from '../format.ts';
import { FlowRows } from '../flow-table/read.ts';
import { lineReader } from '../input/lines.ts';
import { remember } from '../input/remember.ts';
import { headerNames, TableRow } from '../input/table.ts';
import { cicLayout } from './layout.ts';
import { cicTime } from './time.ts';

/** All that a line of column names can begin with; data rows begin with an address or a number. */
const HEADER = /^\s*"?(?:flow id|source ip|src ip|destination port|dst port)\b/i;
const HEADER_BYTES = 8192;
const FIRST_LETTERS = new Set(' "FSDfsd');

/**
 * Flow tables of CICFlowMeter, as CICIDS2017 (Sharafaldin, Lashkari and Ghorbani 2018) publishes them in two forms: with
 * Flow ID, addresses and time (GeneratedLabelledFlows), and without them (MachineLearningCSV); CSE-CIC-IDS2018 has the
 * same with shorter names. Columns are found by their names. A line of names may come again inside the file.
 */
export const cicFlows: Format = {
  name: 'cic-flows',
  title: 'Flows of CICFlowMeter with labels (CICIDS2017, CSE-CIC-IDS2018)',

  recognise: ({ lines }) => {
    const header = lines.find((line) => HEADER.test(line));
    return header !== undefined && cicLayout(headerNames(header)) !== null ? 1 : 0;
  },

  open(context) {
    let row = new TableRow(0);
    let rows: FlowRows | null = null;
    return lineReader(context, (buffer, start, end, line) => {
      if (FIRST_LETTERS.has(String.fromCharCode(buffer[start] ?? 0))) {
        const text = buffer.toString('utf8', start, Math.min(end, start + HEADER_BYTES));
        const layout = HEADER.test(text) ? cicLayout(headerNames(text)) : null;
        if (layout !== null) {
          const { table, label } = layout;
          row = new TableRow(table.names.length);
          const attack = remember(attackOf);
          rows = new FlowRows(context, table, {
            time: (written) => cicTime(written, context.timeZone),
            attack: (each) => (label === null ? null : attack(each.text(label))),
          });
          return null;
        }
      }
      if (rows === null) return 'before the line of column names';
      return row.scan(buffer, start, end) ?? rows.read(row, line);
    });
  },
};

const HARMLESS = new Set(['', 'benign', 'needmanuallabel', 'no label']);
/** The dash of "Web Attack - XSS" in any of its encodings, right and wrong: all of them are one label. */
const DASH = /(?:[\u2013\u2014\ufffd]|\u00ef\u00bf\u00bd)+/;

/** Class of attack of a label; null where the row is benign or nobody has labelled it. */
function attackOf(label: string): string | null {
  if (HARMLESS.has(label.toLowerCase())) return null;
  const parts = label.split(DASH);
  return parts.length === 1 ? label : parts.map((part) => part.trim()).join(' - ');
}
