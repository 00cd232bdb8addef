import { rankingFigures, type RankingFigures } from '../../../models/metrics/ranking.ts';
import { CordonError } from '../../../protocol/errors.ts';

/** Scored events that can be ranked at once. */
const MOST = 20_000_000;

/** How well the scores tell labelled events from the others. */
export interface Evaluation extends RankingFigures {
  readonly events: number;
  readonly labelled: number;
}

/** Collects scores with their labels, five bytes an event. */
export class Evaluator {
  readonly #most: number;
  #scores = new Float32Array(1024);
  #labels = new Uint8Array(1024);
  #length = 0;
  #labelled = 0;

  constructor(most: number = MOST) {
    this.#most = most;
  }

  /** @throws CordonError VALUE_OUT_OF_RANGE */
  add(score: number, isLabelled: boolean): void {
    if (this.#length >= this.#most) {
      throw new CordonError('VALUE_OUT_OF_RANGE', {
        expected: `at most ${this.#most} scored events where labels are given`,
        got: 'more',
        next: 'score a part of the logs, a later --train-until, or without --labels',
      });
    }
    if (this.#length === this.#scores.length) {
      const scores = new Float32Array(2 * this.#length);
      scores.set(this.#scores);
      this.#scores = scores;
      const labels = new Uint8Array(2 * this.#length);
      labels.set(this.#labels);
      this.#labels = labels;
    }
    this.#scores[this.#length] = score;
    this.#labels[this.#length++] = isLabelled ? 1 : 0;
    if (isLabelled) this.#labelled++;
  }

  /** Figures are null where no event, or every one, is labelled. */
  finish(): Evaluation {
    const [labels, scores] = [this.#labels, this.#scores].map((all) => all.subarray(0, this.#length));
    return {
      events: this.#length,
      labelled: this.#labelled,
      ...rankingFigures(labels ?? [], scores ?? []),
    };
  }
}
