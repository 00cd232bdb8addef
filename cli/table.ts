import { cut, fitColumns } from './fit.ts';

const NUMBER = /^[-+~<]?[\d.,]+( ?[%a-zA-Z]+)?$|^-$/;
/** A part of a time says something else. */
const TIME = /^(day \d+|\d{4}-\d\d-\d\d) [\d:]{8}$/;

/**
 * Columns aligned for a terminal: the first to the left, numbers to the right.
 * @param columns of the terminal; where lines would be longer, the widest columns of text are cut. Numbers and times are not
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Infinity,
): string {
  const cells = (column: number): string[] => rows.map((row) => row[column] ?? '');
  const wanted = head.map((name, column) =>
    Math.max(name.length, ...cells(column).map(({ length }) => length)),
  );
  const isText = head.map((_, column) =>
    cells(column).some((cell) => !NUMBER.test(cell) && !TIME.test(cell)),
  );
  const widths = fitColumns(wanted, isText, columns);
  const line = (row: readonly string[]) =>
    row
      .map((whole, column) => {
        const width = widths[column] ?? 0;
        const cell = cut(whole, width);
        return column > 0 && NUMBER.test(cell) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
