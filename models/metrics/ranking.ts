/**
 * Ranking metrics over scores and binary labels (1 = malicious), with the tie handling of scikit-learn: equal scores are
 * one step. Every function returns null where the metric is undefined because one class is absent.
 */
import { ModelError } from '../errors.ts';

/** Cumulative counts after each distinct score, from the highest score down. */
interface Steps {
  readonly positives: number;
  readonly negatives: number;
  readonly truePositives: number[];
  readonly falsePositives: number[];
}

function steps(labels: ArrayLike<number>, scores: ArrayLike<number>): Steps {
  if (labels.length !== scores.length) {
    throw new ModelError('SHAPE_MISMATCH', {
      expected: `${labels.length} scores, one a label`,
      got: String(scores.length),
      next: 'score every labelled row',
    });
  }
  const order = Uint32Array.from(labels, (_, i) => i);
  order.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let [tp, fp] = [0, 0];
  order.forEach((row, place) => {
    const score = scores[row] ?? NaN;
    if (Number.isNaN(score)) {
      throw new ModelError('NOT_FINITE', {
        expected: 'a score for every row',
        got: `NaN at row ${row}`,
        next: 'check the weights of the model',
      });
    }
    if (labels[row] === 1) tp++;
    else fp++;
    const following = order[place + 1];
    if (following !== undefined && scores[following] === score) return;
    truePositives.push(tp);
    falsePositives.push(fp);
  });
  return { positives: tp, negatives: fp, truePositives, falsePositives };
}

/** Area under the ROC curve. */
export function rocAuc(labels: ArrayLike<number>, scores: ArrayLike<number>): number | null {
  const s = steps(labels, scores);
  if (s.positives === 0 || s.negatives === 0) return null;
  let area = 0;
  let [tp, fp] = [0, 0];
  s.truePositives.forEach((nextTp, i) => {
    const nextFp = s.falsePositives[i] ?? 0;
    area += ((nextFp - fp) * (tp + nextTp)) / 2;
    [tp, fp] = [nextTp, nextFp];
  });
  return area / (s.positives * s.negatives);
}

/** Average precision: the sum over steps of (recall gained) x (precision), not interpolated. */
export function averagePrecision(labels: ArrayLike<number>, scores: ArrayLike<number>): number | null {
  const s = steps(labels, scores);
  if (s.positives === 0) return null;
  let total = 0;
  let tp = 0;
  s.truePositives.forEach((nextTp, i) => {
    total += ((nextTp - tp) / s.positives) * (nextTp / (nextTp + (s.falsePositives[i] ?? 0)));
    tp = nextTp;
  });
  return total;
}

/** The greatest true-positive rate at a threshold whose false-positive rate is at most `limit`. */
export function tprAtFpr(labels: ArrayLike<number>, scores: ArrayLike<number>, limit: number): number | null {
  const s = steps(labels, scores);
  if (s.positives === 0 || s.negatives === 0) return null;
  let best = 0;
  s.truePositives.forEach((tp, i) => {
    if ((s.falsePositives[i] ?? 0) / s.negatives <= limit) best = Math.max(best, tp / s.positives);
  });
  return best;
}
