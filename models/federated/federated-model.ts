import { ADAM, type LocalMethod } from '../detection/local-training.ts';
import { checkLength, type DetectionModel, type ModelShape } from '../detection/model.ts';
import { hashStart, modelHashStart } from '../detection/model-hash.ts';
import { type ModelChoice, modelOf } from '../detection/models.ts';
import type { Quantiser } from '../detection/quantiser.ts';
import { type RulePiece, ruleInPieces } from './apply-rule.ts';
import { type Optimiser, type ServerRule, serverRule } from './optimiser.ts';

/** What of a task decides how its model is trained together. */
export interface FederatedTask {
  readonly seed: number;
  readonly model: ModelChoice;
  readonly quantiser: Quantiser;
  /** Federated averaging where left out. */
  readonly optimiser?: Optimiser;
}

/**
 * What a round stands on: vectors of one length, the weights first, then what the optimiser keeps beside them. A run begins
 * and ends with the weights alone: at its beginning the memory is as the rule says, at its end nobody needs it any more.
 */
export type FederatedState = readonly [weights: Float32Array, ...memory: Float32Array[]];

/** The model of a task as all sides of a federation make it, each by itself, from the sums. */
export class FederatedModel {
  readonly model: DetectionModel;
  /** What is summed, and stands in the state. */
  readonly shape: ModelShape;
  private readonly task: FederatedTask;
  private readonly optimiser: Optimiser;
  private readonly rule: ServerRule;

  /** Throws ModelError VALUE_OUT_OF_RANGE for a model that cannot be. */
  constructor(task: FederatedTask) {
    this.task = task;
    this.model = modelOf(task.model);
    this.shape = this.model;
    this.optimiser = task.optimiser ?? { kind: 'fedavg' };
    this.rule = serverRule(this.optimiser);
  }

  /** What the first round stands on. */
  firstState(): FederatedState {
    return [this.model.initialWeights(this.task.seed)];
  }

  /**
   * Vectors of the state after a round.
   * @param isLast whether it is the last round of the run
   */
  sectionsAfter(isLast: boolean): number {
    return isLast ? 1 : 1 + this.rule.memory.length;
  }

  /**
   * What is hashed before a state of so many vectors, as little-endian float32 one after the other. Weights alone have the
   * hash of the model that they are, so that a site knows it again whatever optimiser it was trained with.
   */
  hashStart(sections: number): Uint8Array {
    const { architecture } = this.model;
    if (sections === 1) return modelHashStart(architecture);
    const optimiser = { ...this.optimiser };
    return hashStart('cordon/v1/state', { architecture: { ...architecture }, optimiser });
  }

  /** How a member's steps go. */
  method(): LocalMethod {
    return this.optimiser.kind === 'fedprox' ? { kind: 'adam', mu: this.optimiser.mu } : ADAM;
  }

  /** The next state, piece by piece, from a sum of so many updates. Throws ModelError as `ruleInPieces`. */
  pieces(members: number): RulePiece {
    return ruleInPieces(this.shape, this.rule, members, this.task.quantiser);
  }

  /** The next state at once. Throws ModelError as `ruleInPieces`, SHAPE_MISMATCH for a sum of another length. */
  next(state: FederatedState, sum: Uint32Array, members: number, isLast: boolean): FederatedState {
    checkLength(this.shape, sum.length, 'opened sum');
    const piece = this.pieces(members);
    const section = (number: number): Float32Array => {
      const next = new Float32Array(this.shape.length);
      piece(number, state, sum, next, 0);
      return next;
    };
    const memory = Array.from({ length: this.sectionsAfter(isLast) - 1 }, (_, i) => section(i + 1));
    return [section(0), ...memory];
  }
}
