import type { RowList, ScoredRows } from './rows.ts';

/** An organisation's data as training, thresholds and alerts need it; rows are of the extractor's set. It stays at the site. */
export interface SiteData {
  /** Benign training events without and with something new; samples. */
  readonly familiar: RowList;
  readonly novel: RowList;
  /** Corrupted copies, degree-matched; empty where the site knows nothing to mix, for example one host alone. */
  readonly corrupted: RowList;
  /** Own labelled incidents before `trainUntil`. */
  readonly incidents: RowList;
  /** Benign events before `trainUntil` that do not train: thresholds come from here. */
  readonly validation: ScoredRows;
  /** Share of the (source host, day) groups that `validation` holds. */
  readonly validationShare: number;
  /** From `trainUntil` on. */
  readonly evaluation: ScoredRows;
  readonly events: number;
  /** Events that ask for access. */
  readonly scored: number;
}
