/**
 * Ranking metrics over scores and binary labels (1 = malicious), with the tie handling of scikit-learn: equal scores are
 * one step. A metric is null where it is undefined because one class is absent.
 */
import { ModelError } from '../errors.ts';

/** How well scores rank malicious above benign; all in 0..1. */
export interface RankingFigures {
  readonly auc: number | null;
  readonly ap: number | null;
  /** True-positive rate where at most one benign event in a thousand is taken for malicious. */
  readonly tpr: number | null;
  /** The same where at most one in ten thousand is. */
  readonly tprStrict: number | null;
}

/** All of them with one sort. @throws ModelError as `Ranking` */
export function rankingFigures(labels: ArrayLike<number>, scores: ArrayLike<number>): RankingFigures {
  const ranking = new Ranking(labels, scores);
  const { auc, ap } = ranking;
  return { auc, ap, tpr: ranking.tprAt(1e-3), tprStrict: ranking.tprAt(1e-4) };
}

/** Area under the ROC curve. @throws ModelError as `Ranking` */
export function rocAuc(labels: ArrayLike<number>, scores: ArrayLike<number>): number | null {
  return new Ranking(labels, scores).auc;
}

/** Labelled scores, sorted once. */
export class Ranking {
  #positives = 0;
  #negatives = 0;
  /** Cumulative counts after each distinct score, from the highest score down. */
  readonly #truePositives: number[] = [];
  readonly #falsePositives: number[] = [];

  /** @throws ModelError SHAPE_MISMATCH unless there is one score a label, NOT_FINITE for NaN */
  constructor(labels: ArrayLike<number>, scores: ArrayLike<number>) {
    if (labels.length !== scores.length) {
      throw new ModelError('SHAPE_MISMATCH', {
        expected: `${labels.length} scores, one a label`,
        got: String(scores.length),
        next: 'score every labelled row',
      });
    }
    const malicious = new Float64Array(scores.length);
    const benign = new Float64Array(scores.length);
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] ?? NaN;
      if (Number.isNaN(score)) throw noScore(i);
      if (labels[i] === 1) malicious[this.#positives++] = score;
      else benign[this.#negatives++] = score;
    }
    this.#count(
      malicious.subarray(0, this.#positives).sort().reverse(),
      benign.subarray(0, this.#negatives).sort().reverse(),
    );
  }

  /** Goes down both lists, from the highest score: they are sorted by themselves, which needs no places of rows. */
  #count(malicious: Float64Array, benign: Float64Array): void {
    let [tp, fp] = [0, 0];
    while (tp < malicious.length || fp < benign.length) {
      const score = Math.max(malicious[tp] ?? -Infinity, benign[fp] ?? -Infinity);
      while (tp < malicious.length && malicious[tp] === score) tp++;
      while (fp < benign.length && benign[fp] === score) fp++;
      this.#truePositives.push(tp);
      this.#falsePositives.push(fp);
    }
  }

  /** Area under the ROC curve. */
  get auc(): number | null {
    if (this.#positives === 0 || this.#negatives === 0) return null;
    let area = 0;
    let [tp, fp] = [0, 0];
    this.#truePositives.forEach((nextTp, i) => {
      const nextFp = this.#falsePositives[i] ?? 0;
      area += ((nextFp - fp) * (tp + nextTp)) / 2;
      [tp, fp] = [nextTp, nextFp];
    });
    return area / (this.#positives * this.#negatives);
  }

  /** Average precision: the sum over steps of (recall gained) x (precision), not interpolated. */
  get ap(): number | null {
    if (this.#positives === 0) return null;
    let total = 0;
    let tp = 0;
    this.#truePositives.forEach((nextTp, i) => {
      total += ((nextTp - tp) / this.#positives) * (nextTp / (nextTp + (this.#falsePositives[i] ?? 0)));
      tp = nextTp;
    });
    return total;
  }

  /** The greatest true-positive rate at a threshold whose false-positive rate is at most `limit`. */
  tprAt(limit: number): number | null {
    if (this.#positives === 0 || this.#negatives === 0) return null;
    let best = 0;
    this.#truePositives.forEach((tp, i) => {
      const rate = (this.#falsePositives[i] ?? 0) / this.#negatives;
      if (rate <= limit) best = Math.max(best, tp / this.#positives);
    });
    return best;
  }
}

function noScore(row: number): ModelError {
  return new ModelError('NOT_FINITE', {
    expected: 'a score for every row',
    got: `NaN at row ${row}`,
    next: 'check the weights of the model',
  });
}
