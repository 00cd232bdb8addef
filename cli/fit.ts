/** Narrower than this no column becomes: then lines are wider than the terminal after all. */
const LEAST = 6;
const GAP = 2;

/** Columns of the terminal that standard output is; Infinity where it is none, as in a pipe nothing is cut. */
export function terminalColumns({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return isTTY && columns > 0 ? columns : Infinity;
}

/** A text of at most `width` UTF-16 units, at least 1; what is cut ends with an ellipsis and with no half of a pair. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return `${text.slice(0, width - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/**
 * Widths of columns that fit together, with two spaces between them: what is too much is taken from the widest that may
 * be cut, and where several are as wide from all of them.
 * @param mayCut which columns those are; the others keep their width
 */
export function fitColumns(widths: readonly number[], mayCut: readonly boolean[], columns: number): number[] {
  const fitted = [...widths];
  let over = widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns;
  while (over > 0 && over !== Infinity) {
    const candidates = fitted.flatMap((width, i) => (mayCut[i] === true && width > LEAST ? i : []));
    const widest = Math.max(0, ...candidates.map((i) => fitted[i] ?? 0));
    const together = candidates.filter((i) => fitted[i] === widest);
    if (together.length === 0) break;
    const next = Math.max(LEAST, ...candidates.map((i) => fitted[i] ?? 0).filter((width) => width < widest));
    const each = Math.min(widest - next, Math.ceil(over / together.length));
    for (const i of together) fitted[i] = widest - each;
    over -= each * together.length;
  }
  return fitted;
}

/** The rows of lists in a text, which are indented, cut at the end; other lines stay whole, as they are for reading. */
export function cutRows(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith('  ') ? cut(line, columns) : line))
    .join('\n');
}
