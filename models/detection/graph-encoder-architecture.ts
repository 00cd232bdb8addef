import { ModelError } from '../errors.ts';
import { denseTensors } from '../layers/dense.ts';
import { gruTensors } from '../layers/gru.ts';
import { meanAggregationTensors } from '../layers/mean-aggregation.ts';
import { named, placesOf, totalLength, type Tensor } from '../layers/tensors.ts';
import { SeededStream } from '../seeded-stream.ts';

/** What fixes the meaning of a graph encoder's weight vector. */
export interface GraphEncoderArchitecture {
  readonly kind: 'graph-encoder';
  /** Values of a node in a window. */
  readonly nodeInputs: number;
  /** Values of a candidate edge besides its two ends; may be 0. */
  readonly edgeInputs: number;
  /** Width of both aggregating layers. */
  readonly hidden: number;
  /** Values of a node's state from window to window. */
  readonly state: number;
  /** Units of the hidden layer of the edge decoder. */
  readonly decoder: number;
  /**
   * Which states a window's candidates are judged by: those `before` the window, which are known when an event arrives and
   * cannot have seen the edge in question, or those `after` it, for looking back over whole windows.
   */
  readonly judges: 'before' | 'after';
}

/** The tensors in the order in which they lie in the flat vector. */
export function graphEncoderTensors(architecture: GraphEncoderArchitecture): Tensor[] {
  const { nodeInputs, edgeInputs, hidden, state, decoder } = architecture;
  return [
    ...named('near', meanAggregationTensors({ inputs: nodeInputs, outputs: hidden })),
    ...named('far', meanAggregationTensors({ inputs: hidden, outputs: hidden })),
    ...named('gru', gruTensors({ inputs: hidden, outputs: state })),
    ...named('ends', denseTensors({ inputs: 2 * state + edgeInputs, outputs: decoder })),
    ...named('logit', denseTensors({ inputs: decoder, outputs: 1 }, decoder + 1)),
  ];
}

/** Length of the flat weight vector. */
export function graphEncoderLength(architecture: GraphEncoderArchitecture): number {
  return totalLength(graphEncoderTensors(architecture));
}

/** Smallest and largest sizes that are not taken for a mistake. */
const RANGES = {
  nodeInputs: [1, 4096],
  edgeInputs: [0, 4096],
  hidden: [1, 4096],
  state: [1, 4096],
  decoder: [1, 4096],
} as const;

/** Throws ModelError VALUE_OUT_OF_RANGE for a size outside its range or another word for what candidates are judged by. */
export function checkGraphEncoder(architecture: GraphEncoderArchitecture): void {
  const refuse = (expected: string, got: unknown): never => {
    throw new ModelError('VALUE_OUT_OF_RANGE', {
      expected,
      got: String(got),
      next: 'correct the model in the task',
    });
  };
  for (const [name, [least, most]] of Object.entries(RANGES) as [keyof typeof RANGES, [number, number]][]) {
    const value = architecture[name];
    if (!Number.isInteger(value) || value < least || value > most) {
      refuse(`${name} to be a whole number from ${least} to ${most}`, value);
    }
  }
  if (!['before', 'after'].includes(architecture.judges))
    refuse("judges to be 'before' or 'after'", architecture.judges);
}

/**
 * Throws ModelError SHAPE_MISMATCH for a vector of another length, NOT_FINITE naming tensor and index for NaN or infinity.
 * `what` says in the message whose vector it is.
 */
export function checkGraphVector(
  architecture: GraphEncoderArchitecture,
  values: Float32Array,
  what: string,
): void {
  const places = placesOf(graphEncoderTensors(architecture));
  const expected = places.reduce((sum, { length }) => sum + length, 0);
  if (values.length !== expected) {
    throw new ModelError('SHAPE_MISMATCH', {
      expected: `${expected} values in the ${what}`,
      got: String(values.length),
      next: 'check that both sides run the same task',
    });
  }
  const bad = firstNotFinite(values);
  if (bad < 0) return;
  const place = places.findLast(({ offset }) => offset <= bad);
  throw new ModelError('NOT_FINITE', {
    expected: `finite numbers in the ${what}`,
    got: `${values[bad]} at ${place?.name}[${bad - (place?.offset ?? 0)}]`,
    next: 'lower the learning rate, or look for broken input data',
  });
}

/** Index of the first NaN or infinity, or -1: a loop over one type of array is several times as fast as `findIndex`. */
export function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** First weights from a seed: each tensor uniform within its bound, the same bits on every machine. */
export function initialGraphWeights(architecture: GraphEncoderArchitecture, seed: number): Float32Array {
  checkGraphEncoder(architecture);
  const stream = SeededStream.fromNumber(seed);
  const weights = new Float32Array(graphEncoderLength(architecture));
  let at = 0;
  for (const { rows, columns, bound } of graphEncoderTensors(architecture)) {
    for (let i = 0; i < rows * columns; i++, at++) {
      if (bound > 0) weights[at] = bound * (2 * stream.nextUnit() - 1);
    }
  }
  return weights;
}
