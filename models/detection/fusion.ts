/**
 * Late fusion: the logit of a model plus what other columns say, which may only raise it, and only where the row has something
 * new. Evidence is not learnt from the rows, because most training rows that carry some stand among the benign ones: parts
 * of campaigns that their owner has not labelled. A model that sees the columns in training learns that evidence is harmless.
 */
import { ModelError } from '../errors.ts';

/** Where a row carries evidence. Places of columns in a row. */
export interface EvidenceColumns {
  /** Added up. */
  readonly evidence: readonly number[];
  /** One of these must be 1: what is ordinary here stays so, whatever others have seen of the account. */
  readonly novelty: readonly number[];
}

/** How evidence is read from a row, and what it counts. */
export interface Evidence extends EvidenceColumns {
  /** Evidence that is ordinary at this site and raises nothing, as `ordinaryEvidence` finds it. */
  readonly ordinary: number;
  /** What a unit of evidence beyond that adds to a logit, at least 0. */
  readonly weight: number;
}

/** Share of a site's benign rows with something new whose evidence is ordinary. */
const ORDINARY = 0.9;

/**
 * Calibration: what 90 % of a site's benign rows with something new do not exceed. So collisions of a sketch and noise raise
 * little, however much of them there is.
 * @param rows row-major, of `width` values
 */
export function ordinaryEvidence(rows: Float32Array, width: number, columns: EvidenceColumns): number {
  const all: number[] = [];
  for (let at = 0; at < rows.length; at += width)
    if (isNew(rows, at, columns)) all.push(sumOf(rows, at, columns));
  const sorted = Float64Array.from(all).sort();
  return sorted[Math.floor(ORDINARY * (sorted.length - 1))] ?? 0;
}

/**
 * Logits with the evidence of their rows. They are a copy.
 * @param logits one a row
 * @param rows row-major, of `width` values
 * @throws ModelError SHAPE_MISMATCH where rows and logits are not equally many
 */
export function withEvidence(
  logits: Float32Array,
  rows: Float32Array,
  width: number,
  evidence: Evidence,
): Float32Array {
  if (rows.length !== logits.length * width) {
    throw new ModelError('SHAPE_MISMATCH', {
      expected: `${logits.length} rows of ${width} values`,
      got: `${rows.length} values`,
      next: 'give the rows that the logits are of',
    });
  }
  return logits.map((logit, i) => {
    const at = i * width;
    if (!isNew(rows, at, evidence)) return logit;
    return logit + evidence.weight * Math.max(0, sumOf(rows, at, evidence) - evidence.ordinary);
  });
}

function isNew(rows: Float32Array, at: number, { novelty }: EvidenceColumns): boolean {
  for (const column of novelty) if (rows[at + column] === 1) return true;
  return false;
}

function sumOf(rows: Float32Array, at: number, { evidence }: EvidenceColumns): number {
  let sum = 0;
  for (const column of evidence) sum += rows[at + column] ?? 0;
  return sum;
}
