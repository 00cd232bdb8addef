import { checkLength, type DetectionModel, type ModelShape } from '../detection/model.ts';
import { float32ToBytes, hashStart, type Sha256 } from '../detection/model-hash.ts';
import { type ModelChoice, modelOf } from '../detection/models.ts';
import type { Quantiser } from '../detection/quantiser.ts';
import { ModelError } from '../errors.ts';
import { type RulePiece, ruleInPieces } from './apply-rule.ts';
import { type Optimiser, type ServerRule, serverRule } from './optimiser.ts';

/** What of a task decides how its model is trained together. */
export interface FederatedTask {
  readonly seed: number;
  readonly model: ModelChoice;
  readonly training: { readonly steps: number; readonly learningRate: number };
  readonly quantiser: Quantiser;
  /** Federated averaging where left out. */
  readonly optimiser?: Optimiser;
  /** `head`: every member has an output layer of its own (FedPer, Arivazhagan et al. 2019). */
  readonly personal?: 'head';
}

/**
 * What a round stands on: vectors of one length, the weights first, then what the optimiser keeps beside them. A run begins
 * and ends with the weights alone: at its beginning the memory is as the rule says, at its end nobody needs it any more.
 */
export type FederatedState = readonly [weights: Float32Array, ...memory: Float32Array[]];

/** The model of a task as all sides of a federation make it, each by itself, from the sums. */
export class FederatedModel {
  readonly model: DetectionModel;
  /** What is summed, and stands in the state: all tensors, or those before a personal head. */
  readonly shape: ModelShape;
  readonly optimiser: Optimiser;
  private readonly task: FederatedTask;
  private readonly members: number;
  /** Vectors beside the weights. */
  private readonly memory: number;

  /**
   * Throws ModelError VALUE_OUT_OF_RANGE for a model that cannot be.
   * @param members of the roster, whether they contribute or not
   */
  constructor(task: FederatedTask, members: number) {
    this.task = task;
    this.members = members;
    this.model = modelOf(task.model);
    this.shape = task.personal === 'head' ? this.model.body : this.model;
    if (this.shape.length === 0) throw nothingShared();
    this.optimiser = task.optimiser ?? { kind: 'fedavg' };
    this.memory = this.rule(members).memory.length;
  }

  /** What the first round stands on. */
  firstState(): FederatedState {
    return [this.model.initialWeights(this.task.seed).slice(0, this.shape.length)];
  }

  /**
   * Vectors of the state after a round.
   * @param isLast whether it is the last round of the run
   */
  sectionsAfter(isLast: boolean): number {
    return isLast ? 1 : 1 + this.memory;
  }

  /**
   * What is hashed before a state of so many vectors, as little-endian float32 one after the other. Weights alone have the
   * hash of the model that they are, so that a site knows it again whatever optimiser it was trained with; without the head
   * they are a part of it.
   */
  hashStart(sections: number): Uint8Array {
    const part = this.task.personal === 'head' ? { part: 'body' } : {};
    const architecture = { ...this.model.architecture, ...part };
    if (sections === 1) return hashStart('cordon/v1/model', architecture);
    return hashStart('cordon/v1/state', { architecture, optimiser: { ...this.optimiser } });
  }

  /** Hash of a state, 64 hexadecimal digits. */
  hash(sha256: Sha256, state: FederatedState): string {
    const digest = sha256(this.hashStart(state.length), ...state.map(float32ToBytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  /** The next state, piece by piece, from a sum of so many updates. Throws ModelError as `ruleInPieces`. */
  pieces(contributors: number): RulePiece {
    return ruleInPieces(this.shape, this.rule(contributors), contributors, this.task.quantiser);
  }

  /** The next state at once. Throws ModelError as `ruleInPieces`, SHAPE_MISMATCH for a sum of another length. */
  next(state: FederatedState, sum: Uint32Array, contributors: number, isLast: boolean): FederatedState {
    checkLength(this.shape, sum.length, 'opened sum');
    const piece = this.pieces(contributors);
    const section = (number: number): Float32Array => {
      const next = new Float32Array(this.shape.length);
      piece(number, state, sum, next, 0);
      return next;
    };
    const memory = Array.from({ length: this.sectionsAfter(isLast) - 1 }, (_, i) => section(i + 1));
    return [section(0), ...memory];
  }

  private rule(contributors: number): ServerRule {
    const { steps, learningRate } = this.task.training;
    return serverRule(this.optimiser, { steps, learningRate, share: contributors / this.members });
  }
}

function nothingShared(): ModelError {
  return new ModelError('VALUE_OUT_OF_RANGE', {
    expected: 'a model with a layer before its output layer, where heads are personal',
    got: 'one that is nothing but an output layer',
    next: 'give the model hidden units, or leave out personal',
  });
}
