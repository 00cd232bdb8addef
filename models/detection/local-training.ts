/** Training at one place: steps of some method on the gradients that a model gives. */
import { type InSteps, atOnce } from '../in-steps.ts';
import { Kernels } from '../kernels/kernels.ts';
import { checkLength, checkVector, type BatchSource, type DetectionModel, type Learner } from './model.ts';

/** Steps, rows of a batch, and the learning rate; all positive. */
export interface TrainOptions {
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
}

/** New weights and the mean loss over the steps. */
export interface Trained {
  readonly weights: Float32Array;
  readonly loss: number;
}

/** `adam`: Kingma and Ba 2015, fresh moments, beta .9 and .999. `sgd`: w - learningRate * gradient. */
export type Solver = 'adam' | 'sgd';

/** How a step goes. */
export interface LocalMethod {
  readonly solver: Solver;
  /**
   * The gradient has `mu` (w - w0) added for the first `over` weights, the proximal term of FedProx (Li et al. 2020, equation
   * 2), w0 being the weights at the start.
   */
  readonly proximal?: { readonly mu: number; readonly over: number };
  /** Added to every gradient, as SCAFFOLD needs it; as long as the weights. */
  readonly correction?: Float32Array;
}

/**
 * `steps` steps from `weights`, which stay untouched, with a pause after each, so that whoever drives it can see to
 * something else in between. Throws ModelError NOT_FINITE for broken weights before or after, SHAPE_MISMATCH.
 */
export function* localTraining(
  model: DetectionModel,
  weights: Float32Array,
  source: BatchSource,
  { steps, batch, learningRate }: TrainOptions,
  method: LocalMethod,
): InSteps<Trained> {
  checkVector(model, weights, 'weights');
  const k = Kernels.take();
  try {
    const learner = model.learner(k, weights, batch);
    const prepare = gradientChange(k, model, learner, method);
    const step = method.solver === 'sgd' ? plainStep : adamStep;
    const move = step(k, model, learner, learningRate);
    let total = 0;
    for (let done = 0; done < steps; done++) {
      total += learner.step(source);
      prepare();
      move();
      yield;
    }
    const next = k.view(learner.weights, model.length).slice();
    checkVector(model, next, 'weights after training');
    return { weights: next, loss: steps > 0 ? total / steps : 0 };
  } finally {
    // Also where the caller breaks off between two steps.
    k.release();
  }
}

/** As `localTraining`, all at once. */
export function trainSteps(
  model: DetectionModel,
  weights: Float32Array,
  source: BatchSource,
  options: TrainOptions,
  method: LocalMethod = { solver: 'adam' },
): Trained {
  return atOnce(localTraining(model, weights, source, options, method));
}

/** What is added to a gradient before the step. */
function gradientChange(
  k: Kernels,
  model: DetectionModel,
  { weights: w, gradient: g }: Learner,
  { proximal, correction }: LocalMethod,
): () => void {
  if (correction) checkLength(model, correction.length, 'correction');
  const [now, gradient] = [k.view(w, model.length), k.view(g, model.length)];
  const { mu, over } = proximal ?? { mu: 0, over: 0 };
  const start = mu > 0 ? now.slice(0, over) : new Float32Array();
  return () => {
    for (let i = 0; i < start.length; i++)
      gradient[i] = (gradient[i] ?? 0) + mu * ((now[i] ?? 0) - (start[i] ?? 0));
    if (!correction) return;
    for (let i = 0; i < now.length; i++) gradient[i] = (gradient[i] ?? 0) + (correction[i] ?? 0);
  };
}

function adamStep(
  k: Kernels,
  { length }: DetectionModel,
  { weights: w, gradient: g }: Learner,
  learningRate: number,
): () => void {
  const [m, v] = [k.allocate(length), k.allocate(length)];
  let [power1, power2] = [1, 1];
  return () => {
    power1 *= 0.9;
    power2 *= 0.999;
    k.run.adam(w, g, m, v, length, learningRate, 0.9, 0.999, 1e-8, 1 - power1, 1 - power2);
  };
}

function plainStep(
  k: Kernels,
  { length }: DetectionModel,
  { weights: w, gradient: g }: Learner,
  learningRate: number,
): () => void {
  const [now, gradient] = [k.view(w, length), k.view(g, length)];
  return () => {
    for (let i = 0; i < length; i++) now[i] = (now[i] ?? 0) - learningRate * (gradient[i] ?? 0);
  };
}
