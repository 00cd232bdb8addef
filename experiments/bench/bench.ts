import type { BenchRatio, BenchRow, BenchSkipped } from './result.ts';

/** One bench: what `cordon bench NAME` runs. */
export interface Bench {
  readonly name: string;
  /** What must hold; missed ones are shown as missed, never hidden. */
  readonly targets: readonly Target[];
  readonly charts: readonly Chart[];
  /** It can be given data of the caller's in place of what it makes itself. */
  readonly takesData?: true;
  run(context: BenchContext): Promise<Measured>;
}

export interface BenchContext {
  /** Runs that count, where the caller wants another number than the bench's own. */
  readonly runs: number | null;
  /** A file to measure with, for a bench that takes one. */
  readonly data: string | null;
  /** Of the package, for the result's provenance where there is no repository. */
  readonly version: string;
  /** Progress, for people. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Measured {
  readonly rows: readonly BenchRow[];
  readonly ratios: readonly BenchRatio[];
  readonly skipped: readonly BenchSkipped[];
}

/** A figure that the design promises, for the median of a row or for a ratio. */
export interface Target {
  readonly of: string;
  readonly must: 'at most' | 'at least';
  readonly value: number;
}

/** Bars of some rows that share a unit, in this order; rows that were not measured are left out. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  /** `log` where the greatest is ten times the smallest or more. */
  readonly scale: 'linear' | 'log';
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly row: string;
  readonly label: string;
  /** Ours stands out from what it is compared with. */
  readonly kind: 'ours' | 'other' | 'floor';
}
