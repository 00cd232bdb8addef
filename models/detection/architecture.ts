import { ModelError } from '../errors.ts';
import { placesOf, type Tensor, type TensorAt } from '../layers/tensors.ts';

/** What fixes the meaning of a weight vector; hashed together with it. */
export interface EdgeScorerArchitecture {
  readonly kind: 'edge-scorer';
  /** Version of the feature set, for example `edge-v1`. */
  readonly features: string;
  /** Values in a feature row. */
  readonly inputs: number;
  /** Units of the hidden layer; 0 for a logistic model, which has none. */
  readonly hidden: number;
}

/**
 * Tensors of `logit = relu(x . W1 + b1) . W2 + b2` in the order in which they lie in the flat vector: W1 (inputs x hidden,
 * row-major), b1 (hidden), W2 (hidden), b2 (1). Without a hidden layer the logit is `x . W2 + b2`. First values of W1 are
 * uniform within +-sqrt(6 / fan-in) (He et al. 2015), of W2 within +-sqrt(6 / (fan-in + 1)) (Glorot and Bengio 2010).
 */
export function edgeScorerTensors({ inputs, hidden }: EdgeScorerArchitecture): {
  readonly body: readonly Tensor[];
  readonly head: readonly Tensor[];
} {
  const before = hidden === 0 ? inputs : hidden;
  const head = [
    { name: 'W2', rows: before, columns: 1, bound: Math.sqrt(6 / (before + 1)) },
    { name: 'b2', rows: 1, columns: 1, bound: 0 },
  ];
  if (hidden === 0) return { body: [], head };
  const body = [
    { name: 'W1', rows: inputs, columns: hidden, bound: Math.sqrt(6 / inputs) },
    { name: 'b1', rows: 1, columns: hidden, bound: 0 },
  ];
  return { body, head };
}

/** Where the tensors lie in the flat vector. */
export function tensorPlaces(architecture: EdgeScorerArchitecture): TensorAt[] {
  const { body, head } = edgeScorerTensors(architecture);
  return placesOf([...body, ...head]);
}

/** Length of the flat weight vector. */
export function weightCount({ inputs, hidden }: EdgeScorerArchitecture): number {
  return hidden === 0 ? inputs + 1 : inputs * hidden + 2 * hidden + 1;
}

/** Smallest and largest sizes that are not taken for a mistake; what a site allows is its own policy's matter. */
const SIZES = { inputs: [1, 4096], hidden: [0, 65_536] } as const;

/** Throws ModelError VALUE_OUT_OF_RANGE for sizes outside 1..4096 inputs, 0..65,536 hidden units. */
export function checkArchitecture(architecture: EdgeScorerArchitecture): void {
  for (const name of ['inputs', 'hidden'] as const) {
    const value = architecture[name];
    const [least, most] = SIZES[name];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new ModelError('VALUE_OUT_OF_RANGE', {
        expected: `${name} to be a whole number from ${least} to ${most}`,
        got: String(value),
        next: 'correct the model in the task',
      });
    }
  }
}
