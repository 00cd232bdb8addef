/**
 * Count sketches of one period (count-min, Cormode and Muthukrishnan 2005): for each statistic `depth` rows of `width`
 * cells. A key is counted in one cell of each row, which a keyed hash chooses; what a member puts into a cell is bounded.
 */
import { ModelError } from '../errors.ts';

/** What is counted, and of what. Prevalence counts members, the others events of a member up to a cap. */
export const STATISTICS = [
  'account-prevalence',
  'source-prevalence',
  'pair-prevalence',
  'account-failures',
  'source-failures',
  'account-new-pairs',
  'source-new-pairs',
] as const;
export type Statistic = (typeof STATISTICS)[number];

/** What a key of a statistic is: an account, a source host, or an account from a source. */
export type KeyKind = 'account' | 'source' | 'pair';

/** What the keys of a statistic name. */
export function keyKindOf(statistic: Statistic): KeyKind {
  if (statistic.startsWith('pair')) return 'pair';
  return statistic.startsWith('account') ? 'account' : 'source';
}

export interface SketchShape {
  /** Cells of a row, a power of two up to 65,536. */
  readonly width: number;
  /** Rows of a statistic, 1 to 8. */
  readonly depth: number;
  /** In any order; tables stand in the order of `STATISTICS`. */
  readonly statistics: readonly Statistic[];
  /** Most that one member puts into a cell of failures or new pairs; 1 in a cell of prevalence. */
  readonly cap: number;
  /** Most sources of one account that a member counts in a period. */
  readonly sources: number;
}

/** Most cells in all: 16 MB of values. */
const MOST_CELLS = 2 ** 22;

/** @throws ModelError VALUE_OUT_OF_RANGE */
export function checkShape(shape: SketchShape): void {
  const { width, depth, statistics, cap, sources } = shape;
  const need = (ok: boolean, expected: string, got: unknown): void => {
    if (ok) return;
    const next = 'correct the sketch in the task';
    throw new ModelError('VALUE_OUT_OF_RANGE', { expected, got: String(got), next });
  };
  const whole = (value: number, most: number): boolean =>
    Number.isInteger(value) && value >= 1 && value <= most;
  need(
    whole(width, 65_536) && (width & (width - 1)) === 0,
    'a width that is a power of two up to 65536',
    width,
  );
  need(whole(depth, 8), 'a depth of 1 to 8', depth);
  need(whole(cap, 255), 'a cap of 1 to 255', cap);
  need(whole(sources, 1024), '1 to 1024 sources of an account', sources);
  need(
    statistics.length > 0 && new Set(statistics).size === statistics.length,
    'each statistic once',
    statistics,
  );
  need(sketchLength(shape) <= MOST_CELLS, `at most ${MOST_CELLS} cells`, sketchLength(shape));
}

/** Statistics of a shape in the order of its tables. */
export function tablesOf({ statistics }: Pick<SketchShape, 'statistics'>): Statistic[] {
  return STATISTICS.filter((one) => statistics.includes(one));
}

/** Cells in all. */
export function sketchLength({ statistics, depth, width }: SketchShape): number {
  return statistics.length * depth * width;
}

/** Most that one member puts into one cell. */
export function cellCap(statistic: Statistic, { cap }: Pick<SketchShape, 'cap'>): number {
  return statistic.endsWith('prevalence') ? 1 : cap;
}

/** The cell of a row, counted within the table, that a key's hash chooses. @param hash 32 bytes, of which each row takes 32 bits of its own */
export function cellOf({ width }: Pick<SketchShape, 'width'>, hash: Uint8Array, row: number): number {
  const at = 4 * row;
  const word =
    ((hash[at] ?? 0) << 24) | ((hash[at + 1] ?? 0) << 16) | ((hash[at + 2] ?? 0) << 8) | (hash[at + 3] ?? 0);
  return row * width + (word & (width - 1));
}

/** One member's sketch of one period, before noise. */
export class CountSketch {
  readonly shape: SketchShape;
  /** Table after table, each row after row. */
  readonly cells: Uint32Array;
  readonly #tables: ReadonlyMap<Statistic, { readonly from: number; readonly most: number }>;

  constructor(shape: SketchShape) {
    checkShape(shape);
    this.shape = shape;
    this.cells = new Uint32Array(sketchLength(shape));
    const size = shape.depth * shape.width;
    this.#tables = new Map(
      tablesOf(shape).map((one, i) => [one, { from: i * size, most: cellCap(one, shape) }]),
    );
  }

  /** Adds a key's count to its cells, each up to what a member may put there; nothing for a statistic that is not asked for. */
  add(statistic: Statistic, hash: Uint8Array, count: number): void {
    const table = this.#tables.get(statistic);
    if (!table || count <= 0) return;
    for (let row = 0; row < this.shape.depth; row++) {
      const at = table.from + cellOf(this.shape, hash, row);
      this.cells[at] = Math.min(table.most, (this.cells[at] ?? 0) + count);
    }
  }
}

/**
 * How far a member's sketch can move when all that one account did there in the period is taken away. An account changes
 * one cell a row of each table of accounts, and at most `sources` cells a row of each table of sources and of pairs, each by
 * at most what a member may put into it.
 */
export function accountSensitivity(shape: SketchShape): { squared: number; coordinates: number } {
  let [squared, coordinates] = [0, 0];
  for (const statistic of shape.statistics) {
    const cells = shape.depth * (keyKindOf(statistic) === 'account' ? 1 : shape.sources);
    coordinates += cells;
    squared += cells * cellCap(statistic, shape) ** 2;
  }
  return { squared, coordinates };
}
