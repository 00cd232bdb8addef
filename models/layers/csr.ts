import { ModelError } from '../errors.ts';
import type { Kernels } from '../kernels/kernels.ts';

/**
 * Lists of neighbours as a sparse matrix in CSR form: row i has the columns column[start[i]] .. column[start[i + 1] - 1],
 * in the order in which they are added up. A column that stands there twice counts twice.
 */
export interface Csr {
  readonly rows: number;
  readonly columns: number;
  /** rows + 1 values from 0 upwards. */
  readonly start: Uint32Array;
  /** Each below `columns`. */
  readonly column: Uint32Array;
}

/** Throws ModelError SHAPE_MISMATCH or VALUE_OUT_OF_RANGE unless every list lies within the matrix; kernels rely on it. */
export function checkCsr({ rows, columns, start, column }: Csr, what: string): void {
  const refuse = (code: 'SHAPE_MISMATCH' | 'VALUE_OUT_OF_RANGE', expected: string, got: string): never => {
    throw new ModelError(code, {
      expected: `${expected} in ${what}`,
      got,
      next: 'build the lists with csrOf',
    });
  };
  if (start.length !== rows + 1) refuse('SHAPE_MISMATCH', `${rows + 1} row starts`, String(start.length));
  if (start[0] !== 0 || start[rows] !== column.length) {
    refuse('SHAPE_MISMATCH', `row starts from 0 to ${column.length}`, `${start[0]} to ${start[rows]}`);
  }
  for (let i = 0; i < rows; i++) {
    if ((start[i] ?? 0) > (start[i + 1] ?? 0)) {
      refuse('VALUE_OUT_OF_RANGE', 'row starts that do not fall', `${start[i]}, ${start[i + 1]} at row ${i}`);
    }
  }
  const bad = column.findIndex((c) => c >= columns);
  if (bad >= 0) refuse('VALUE_OUT_OF_RANGE', `columns below ${columns}`, `${column[bad]} at ${bad}`);
}

/**
 * From pairs (row[i], column[i]): lists in the order of the pairs. Throws ModelError SHAPE_MISMATCH for unequal lengths,
 * VALUE_OUT_OF_RANGE for a pair outside the matrix.
 */
export function csrOf(rows: number, columns: number, row: Uint32Array, column: Uint32Array): Csr {
  const bad = row.findIndex((r, i) => r >= rows || (column[i] ?? 0) >= columns);
  if (row.length !== column.length || bad >= 0) {
    throw new ModelError(bad >= 0 ? 'VALUE_OUT_OF_RANGE' : 'SHAPE_MISMATCH', {
      expected: `as many rows below ${rows} as columns below ${columns}`,
      got: bad >= 0 ? `(${row[bad]}, ${column[bad]}) at ${bad}` : `${row.length} and ${column.length}`,
      next: 'number the nodes from 0',
    });
  }
  const start = new Uint32Array(rows + 1);
  for (const r of row) start[r + 1] = (start[r + 1] ?? 0) + 1;
  for (let i = 0; i < rows; i++) start[i + 1] = (start[i + 1] ?? 0) + (start[i] ?? 0);
  const next = start.slice();
  const sorted = new Uint32Array(column.length);
  row.forEach((r, i) => {
    const at = next[r] ?? 0;
    sorted[at] = column[i] ?? 0;
    next[r] = at + 1;
  });
  return { rows, columns, start, column: sorted };
}

/** Column c's list is the rows that have it, ascending. */
export function transposed({ rows, columns, start, column }: Csr): Csr {
  const row = new Uint32Array(column.length);
  for (let i = 0; i < rows; i++) row.fill(i, start[i], start[i + 1]);
  return csrOf(columns, rows, column, row);
}

/** Each row picks one row of another matrix. */
export function picking(columns: number, picked: Uint32Array): Csr {
  return csrOf(picked.length, columns, Uint32Array.from(picked.keys()), picked);
}

/** Matrices one after the other along the diagonal. */
export function blockDiagonal(blocks: readonly Csr[]): Csr {
  const sum = (of: (block: Csr) => number): number => blocks.reduce((total, block) => total + of(block), 0);
  const [rows, columns] = [sum((block) => block.rows), sum((block) => block.columns)];
  const start = new Uint32Array(rows + 1);
  const column = new Uint32Array(sum((block) => block.column.length));
  let [row, left, end] = [0, 0, 0];
  for (const block of blocks) {
    for (let i = 0; i < block.rows; i++) start[row + i + 1] = end + (block.start[i + 1] ?? 0);
    for (let i = 0; i < block.column.length; i++) column[end + i] = left + (block.column[i] ?? 0);
    row += block.rows;
    left += block.columns;
    end += block.column.length;
  }
  return { rows, columns, start, column };
}

/** A checked matrix and its transpose in the kernels' memory. */
export class PlacedCsr {
  readonly rows: number;
  readonly columns: number;
  readonly #k: Kernels;
  readonly #lists: PlacedLists;
  readonly #back: PlacedLists;

  /** `what` names it in a refusal, which is that of `checkCsr`. */
  constructor(k: Kernels, matrix: Csr, what: string) {
    checkCsr(matrix, what);
    this.rows = matrix.rows;
    this.columns = matrix.columns;
    this.#k = k;
    this.#lists = placeLists(k, matrix);
    this.#back = placeLists(k, transposed(matrix));
  }

  /** out[rows x width] = mean of the rows of x[columns x width] that each list names, 0 for an empty one. */
  mean(x: number, out: number, width: number): void {
    this.#k.run.meanRows(this.#lists.start, this.#lists.column, x, out, 0, this.rows, width);
  }

  /** dx[columns x width] for dOut[rows x width]; overwritten. */
  meanBackward(dOut: number, dx: number, width: number): void {
    const { start, column } = this.#back;
    this.#k.run.meanRowsBackward(start, column, this.#lists.start, dOut, dx, 0, this.columns, width);
  }
}

/** Byte offsets. */
interface PlacedLists {
  readonly start: number;
  readonly column: number;
}

function placeLists(k: Kernels, { start, column }: Csr): PlacedLists {
  return { start: k.placeIndices(start), column: k.placeIndices(column) };
}
