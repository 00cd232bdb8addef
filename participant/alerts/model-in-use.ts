import type { DetectionModel } from '../../models/detection/model.ts';
import { modelWith } from '../../models/detection/models.ts';
import { findReasons } from '../train/reasons.ts';
import { type Facts, against } from './against.ts';
import type { Alert, Reason } from './alert.ts';
import type { ScoringModel } from './scoring-model.ts';

/** A model that reads the first columns of a site's rows. */
export class ModelInUse {
  /** What alerts say of it. */
  readonly named: Alert['model'];
  readonly #model: ScoringModel;
  readonly #detection: DetectionModel;
  readonly #width: number;

  /** @param width of the site's rows, at least what the model reads */
  constructor(model: ScoringModel, width: number) {
    const { from, hash, architecture } = model;
    this.named = { from, hash, features: architecture.features };
    this.#model = model;
    this.#detection = modelWith(architecture);
    this.#width = width;
  }

  /** Logits of rows of the site, row-major. @throws ModelError as the model's `scores` */
  scores(rows: Float32Array): Float32Array {
    const { architecture, weights } = this.#model;
    const { inputs } = architecture;
    if (inputs === this.#width) return this.#detection.scores(weights, rows);
    const count = rows.length / this.#width;
    const narrow = new Float32Array(count * inputs);
    for (let i = 0; i < count; i++)
      narrow.set(rows.subarray(i * this.#width, i * this.#width + inputs), i * inputs);
    return this.#detection.scores(weights, narrow);
  }

  /** Why a row scores as high as it does, and against what history. @param usual what ordinary rows look like */
  reasons(facts: Facts, usual: Float32Array | null): Reason[] {
    const { architecture, weights } = this.#model;
    const { inputs } = architecture;
    const ordinary = usual?.subarray(0, inputs) ?? new Float32Array(inputs);
    return findReasons(architecture, weights, facts.row.subarray(0, inputs), ordinary).map((reason) => ({
      ...reason,
      against: against(reason.feature, facts),
    }));
  }
}
