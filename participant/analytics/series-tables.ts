import type { TaskKey } from '../../crypto/secret/task-key.ts';
import {
  STATISTICS,
  type SketchShape,
  type Statistic,
  cellOf,
  sketchLength,
  tablesOf,
} from '../../models/analytics/count-sketch.ts';
import type { SeenByOthers } from './answer-book.ts';
import { type StoredAnswer, dense } from './stored-answer.ts';

/** What is asked of the answers of one run. */
export interface OthersTables {
  take(answer: StoredAnswer): void;
  account(name: string, now: number): SeenByOthers | null;
  source(name: string, now: number): SeenByOthers | null;
  pair(account: string, source: string, now: number): SeenByOthers | null;
}

/** Fading of what was seen: half of it after so long. */
const HALF_LIFE_MS = 6 * 3_600_000;
/** Names whose cells are remembered; beyond it all of them are worked out anew. */
const CACHED = 200_000;

/** The answers under one key, taken together: bounded by the shape of the sketch, however many periods there are. */
export class SeriesTables implements OthersTables {
  readonly #key: TaskKey;
  readonly #shape: SketchShape;
  readonly #noisy: boolean;
  /** First cell of each statistic's table. */
  readonly #from: ReadonlyMap<Statistic, number>;
  /** Counts of others, faded to `#at`. */
  readonly #recent: Float64Array;
  /** Cells that an answer has shown at others. */
  readonly #ever: Uint8Array;
  #at = 0;
  readonly #cells = new Map<string, Uint32Array>();

  constructor(key: TaskKey, { sketch, noisy }: Pick<StoredAnswer, 'sketch' | 'noisy'>) {
    this.#key = key;
    this.#shape = sketch;
    this.#noisy = noisy;
    const size = sketch.depth * sketch.width;
    this.#from = new Map(tablesOf(sketch).map((statistic, i) => [statistic, i * size]));
    this.#recent = new Float64Array(sketchLength(sketch));
    this.#ever = new Uint8Array(sketchLength(sketch));
  }

  /** Answers come in the order in which they become visible. */
  take(answer: StoredAnswer): void {
    const fade = faded(answer.visibleFrom - this.#at);
    if (fade !== 1)
      for (let i = 0; i < this.#recent.length; i++) this.#recent[i] = (this.#recent[i] ?? 0) * fade;
    this.#at = Math.max(this.#at, answer.visibleFrom);
    const own = dense(answer.own, this.#recent.length);
    const size = this.#shape.depth * this.#shape.width;
    const tables = tablesOf(this.#shape);
    for (let i = 0; i + 1 < answer.cells.length; i += 2) {
      const place = answer.cells[i] ?? 0;
      const others = (answer.cells[i + 1] ?? 0) - (own[place] ?? 0);
      if (others <= 0 || place >= this.#recent.length) continue;
      this.#ever[place] = 1;
      const before = this.#recent[place] ?? 0;
      const isPrevalence = tables[Math.floor(place / size)]?.endsWith('prevalence') === true;
      this.#recent[place] = isPrevalence ? Math.max(before, others) : before + others;
    }
  }

  account(name: string, now: number): SeenByOthers | null {
    return this.#seen(this.#cellsOf('account', name), ACCOUNT, now);
  }

  source(name: string, now: number): SeenByOthers | null {
    return this.#seen(this.#cellsOf('source', name), SOURCE, now);
  }

  pair(account: string, source: string, now: number): SeenByOthers | null {
    return this.#seen(this.#cellsOf('pair', account, source), PAIR, now);
  }

  /** @returns null where the task does not count members that saw such a name */
  #seen(cells: Uint32Array, of: Tables, now: number): SeenByOthers | null {
    const fade = faded(now - this.#at);
    const recent = (statistic: Statistic): number => {
      const from = this.#from.get(statistic);
      return from === undefined ? 0 : fade * this.#estimate(cells, (cell) => this.#recent[from + cell] ?? 0);
    };
    const from = this.#from.get(of.prevalence);
    const failures = of.failures ? recent(of.failures) : 0;
    const fresh = of.fresh ? recent(of.fresh) : 0;
    if (from === undefined)
      return failures + fresh > 0 ? { members: 0, failures, fresh, isNew: false } : null;
    const isNew = this.#estimate(cells, (cell) => this.#ever[from + cell] ?? 0) === 0;
    return { members: recent(of.prevalence), failures, fresh, isNew };
  }

  /** The least row without noise, which is never below the truth; with noise the lower median, which one row cannot upset. */
  #estimate(cells: Uint32Array, valueOf: (cell: number) => number): number {
    if (!this.#noisy) {
      let least = Infinity;
      for (const cell of cells) least = Math.min(least, valueOf(cell));
      return least;
    }
    const values = Array.from(cells, valueOf).sort((a, b) => a - b);
    return values[(values.length - 1) >> 1] ?? 0;
  }

  #cellsOf(kind: 'account' | 'source' | 'pair', ...names: readonly string[]): Uint32Array {
    const label = `${kind} ${names.join('\0')}`;
    const known = this.#cells.get(label);
    if (known) return known;
    if (this.#cells.size >= CACHED) this.#cells.clear();
    const hash = this.#key.mac(kind, ...names);
    const cells = Uint32Array.from({ length: this.#shape.depth }, (_, row) => cellOf(this.#shape, hash, row));
    this.#cells.set(label, cells);
    return cells;
  }
}

interface Tables {
  readonly prevalence: Statistic;
  readonly failures: Statistic | null;
  readonly fresh: Statistic | null;
}

const [ACCOUNTS, SOURCES, PAIRS, ACCOUNT_FAILURES, SOURCE_FAILURES, ACCOUNT_NEW, SOURCE_NEW] = STATISTICS;
const ACCOUNT: Tables = { prevalence: ACCOUNTS, failures: ACCOUNT_FAILURES, fresh: ACCOUNT_NEW };
const SOURCE: Tables = { prevalence: SOURCES, failures: SOURCE_FAILURES, fresh: SOURCE_NEW };
const PAIR: Tables = { prevalence: PAIRS, failures: null, fresh: null };

function faded(ms: number): number {
  return ms > 0 ? 2 ** (-ms / HALF_LIFE_MS) : 1;
}
