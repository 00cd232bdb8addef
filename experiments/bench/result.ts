/** What a bench prints with `--json`: this object and nothing else. Names of rows and ratios are stable. */
export interface BenchResult {
  readonly bench: string;
  /** Short hash of the commit that ran, with `-dirty` where tracked files were changed; the version in a package. */
  readonly commit: string;
  readonly machine: Machine;
  readonly rows: readonly BenchRow[];
  readonly ratios: readonly BenchRatio[];
  readonly skipped: readonly BenchSkipped[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
}

export interface BenchRow {
  readonly name: string;
  /** `ms`, `s`, `mb` (10^6 bytes), ... */
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How many runs the three figures stand for. */
  readonly runs: number;
  /** What a reader must know to judge the figure: another size, a version, what is left out. */
  readonly note?: string;
}

export interface BenchRatio {
  readonly name: string;
  readonly value: number;
}

export interface BenchSkipped {
  readonly name: string;
  /** What is absent and how to get it. */
  readonly why: string;
}
