/**
 * What a member keeps to itself from round to round: its personal head, then its control variate, in one vector. It moves
 * on only with an update that is in a sum.
 */
import type { LocalMethod, Solver } from '../detection/local-training.ts';
import { checkLength } from '../detection/model.ts';
import { type Quantiser, quantiserOffset, quantiserScale } from '../detection/quantiser.ts';
import { weighedUpdate } from './contribution.ts';
import type { FederatedModel, FederatedState } from './federated-model.ts';

/** Of a task, what a member's own side of it takes. */
interface OwnTask {
  readonly seed: number;
  readonly training: { readonly steps: number; readonly learningRate: number; readonly solver?: Solver };
  readonly quantiser: Quantiser;
}

/** What a member's part of a round begins with. */
export interface RoundStart {
  readonly federated: FederatedModel;
  readonly state: FederatedState;
  /** null until an update of this member was in a sum of the run. */
  readonly own: Float32Array | null;
}

/** An update as it is summed: clipped, rounded, shifted, and made when it is read. */
interface QuantisedValues {
  readonly length: number;
  read(from: number, count: number): Uint32Array;
}

/** Values of an update that are read at once. */
const PIECE = 24_576;

/** Values that a member keeps; 0 where there is nothing of its own. */
export function ownLength(federated: FederatedModel): number {
  return headLength(federated) + variateLength(federated);
}

/** The whole model at this member. A member without a head of its own yet has the one that the seed gives. */
export function wholeWeights({ federated, state, own }: RoundStart, { seed }: OwnTask): Float32Array {
  const [shared] = state;
  if (headLength(federated) === 0) return shared;
  const weights = federated.model.initialWeights(seed);
  weights.set(shared);
  if (own) weights.set(own.subarray(0, headLength(federated)), shared.length);
  return weights;
}

/** How this member's steps go: by the task's solver, but SCAFFOLD's control variates are of plain steps. */
export function localMethod({ federated, state, own }: RoundStart, { training }: OwnTask): LocalMethod {
  const { optimiser, model, shape } = federated;
  const solver = training.solver ?? 'adam';
  if (optimiser.kind === 'fedprox') return { solver, proximal: { mu: optimiser.mu, over: shape.length } };
  if (optimiser.kind !== 'scaffold') return { solver };
  const correction = new Float32Array(model.length);
  const mine = own?.subarray(headLength(federated));
  for (let i = 0; i < shape.length; i++) correction[i] = (state[1]?.[i] ?? 0) - (mine?.[i] ?? 0);
  return { solver: 'sgd', correction };
}

/** The whole model after a member's steps, and how it has changed. */
interface Training {
  readonly weights: Float32Array;
  readonly delta: Float32Array;
}

/** What the member sends of its training, before it is clipped. */
export function sentUpdate(
  { federated, state }: RoundStart,
  { quantiser }: OwnTask,
  { weights, delta }: Training,
): Float32Array {
  const { optimiser, shape } = federated;
  const [before, memory] = state;
  if (optimiser.kind !== 'entente') return delta.subarray(0, shape.length);
  const after = weights.subarray(0, shape.length);
  const { share } = optimiser;
  const { clipNorm } = quantiser;
  return weighedUpdate(shape, before, after, { share, clipNorm, mean: memory?.[0] ?? 1 });
}

/**
 * What the member keeps once this round's update is in the sum; null where it keeps nothing.
 * @param trained the whole model after the member's steps
 * @param values the update of `trained` as it is summed
 */
export function ownAfter(
  { federated, state, own }: RoundStart,
  { training, quantiser }: OwnTask,
  trained: Float32Array,
  values: QuantisedValues,
): Float32Array | null {
  const { model, shape } = federated;
  if (ownLength(federated) === 0) return null;
  checkLength(model, trained.length, 'trained weights');
  checkLength(federated.sent, values.length, 'quantised update');
  const after = new Float32Array(ownLength(federated));
  const head = headLength(federated);
  if (head > 0) after.set(trained.subarray(shape.length));
  if (variateLength(federated) === 0) return after;
  const [scale, offset] = [quantiserScale(quantiser), quantiserOffset(quantiser)];
  const path = training.steps * training.learningRate;
  for (let from = 0; from < shape.length; from += PIECE) {
    values.read(from, Math.min(PIECE, shape.length - from)).forEach((value, j) => {
      const i = from + j;
      const change = (value - offset) / scale;
      after[head + i] = (own?.[head + i] ?? 0) - (state[1]?.[i] ?? 0) - change / path;
    });
  }
  return after;
}

function headLength({ model, shape }: FederatedModel): number {
  return model.length - shape.length;
}

function variateLength({ optimiser, shape }: FederatedModel): number {
  return optimiser.kind === 'scaffold' ? shape.length : 0;
}
