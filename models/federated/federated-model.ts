import { summed } from '../detection/apply-update.ts';
import { checkLength, type ModelShape, type SharedModel, shapeOf } from '../detection/model.ts';
import type { GraphEncoderChoice } from '../detection/graph-encoder-model.ts';
import { float32ToBytes, hashStart, type Sha256 } from '../detection/model-hash.ts';
import { type ModelChoice, sharedModelOf } from '../detection/models.ts';
import type { Quantiser } from '../detection/quantiser.ts';
import { ModelError } from '../errors.ts';
import { type RulePiece, ruleInPieces } from './apply-rule.ts';
import { weightOf } from './contribution.ts';
import { type Optimiser, type ServerRule, serverRule, valuesBehind } from './optimiser.ts';

/** What of a task decides how its model is trained together. */
export interface FederatedTask {
  readonly seed: number;
  readonly model: ModelChoice | GraphEncoderChoice;
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
  readonly model: SharedModel;
  /** What members train together, and what stands in the state: all tensors, or those before a personal head. */
  readonly shape: ModelShape;
  /** What a member sends: the update, and what the optimiser has it send behind. */
  readonly sent: ModelShape;
  readonly optimiser: Optimiser;
  private readonly task: FederatedTask;
  private readonly members: number;
  /** Vectors beside the weights. */
  private readonly memory: ServerRule['memory'];

  /**
   * Throws ModelError VALUE_OUT_OF_RANGE for a model that cannot be.
   * @param members of the roster, whether they contribute or not
   * @param model the one that the task names
   */
  constructor(task: FederatedTask, members: number, model: SharedModel = sharedModelOf(task.model)) {
    this.task = task;
    this.members = members;
    this.model = model;
    this.shape = task.personal === 'head' ? this.model.body : this.model;
    if (this.shape.length === 0) throw nothingShared();
    this.optimiser = task.optimiser ?? { kind: 'fedavg' };
    this.memory = this.rule(members, 0).memory;
    const { length, tensors } = this.shape;
    const behind = valuesBehind(this.optimiser);
    this.sent =
      behind === 0 ? this.shape : shapeOf([...tensors, { name: 'weight', offset: length, length: behind }]);
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
    return isLast ? 1 : 1 + this.memory.length;
  }

  /** Values of one of them. */
  sectionLength(section: number): number {
    return this.isSingle(section) ? 1 : this.shape.length;
  }

  /** Whether it is one value for all weights. */
  isSingle(section: number): boolean {
    return this.memory[section - 1]?.single ?? false;
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

  /**
   * The next state, piece by piece, from a sum of so many updates. A section of one value takes what is behind for its sum.
   * Throws ModelError as `ruleInPieces`.
   * @param behind the sum's values from `shape.length` on
   */
  pieces(contributors: number, behind: Uint32Array): RulePiece {
    const { quantiser } = this.task;
    checkLength({ tensors: [], length: this.sent.length - this.shape.length }, behind.length, 'sum behind');
    const { shift, divisor } = summed(contributors, quantiser);
    const [total] = behind;
    const mean = total === undefined ? 0 : weightOf((total - shift) / divisor, quantiser.clipNorm);
    return ruleInPieces(this.shape, this.rule(contributors, mean), contributors, quantiser);
  }

  /** The next state at once. Throws ModelError as `ruleInPieces`, SHAPE_MISMATCH for a sum of another length. */
  next(state: FederatedState, sum: Uint32Array, contributors: number, isLast: boolean): FederatedState {
    checkLength(this.sent, sum.length, 'opened sum');
    const behind = sum.subarray(this.shape.length);
    const piece = this.pieces(contributors, behind);
    const section = (number: number): Float32Array => {
      const next = new Float32Array(this.sectionLength(number));
      piece(number, state, this.isSingle(number) ? behind : sum.subarray(0, next.length), next, 0);
      return next;
    };
    const memory = Array.from({ length: this.sectionsAfter(isLast) - 1 }, (_, i) => section(i + 1));
    return [section(0), ...memory];
  }

  private rule(contributors: number, behind: number): ServerRule {
    const { steps, learningRate } = this.task.training;
    return serverRule(this.optimiser, { steps, learningRate, share: contributors / this.members, behind });
  }
}

function nothingShared(): ModelError {
  return new ModelError('VALUE_OUT_OF_RANGE', {
    expected: 'a model with a layer before its output layer, where heads are personal',
    got: 'one that is nothing but an output layer',
    next: 'give the model hidden units, or leave out personal',
  });
}
