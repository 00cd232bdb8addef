import { ModelError } from '../errors.ts';
import { ACTIVATIONS, type Activation } from '../layers/activations.ts';
import type { Tensor } from '../layers/tensors.ts';
import { FEATURE_SETS, type FeatureSet } from './feature-sets.ts';

/** One dense layer. */
export type LayerChoice = {
  readonly units: number;
  readonly activation: Activation;
};

/** Dense layers one after the other; the last one's single unit is the logit. */
export interface LayeredArchitecture {
  readonly kind: 'layers';
  /** Version of the feature set, for example `edge-v1`. */
  readonly features: string;
  /** Values in a feature row. */
  readonly inputs: number;
  readonly layers: readonly LayerChoice[];
}

/** What a task says of a model of layers. */
export interface LayeredChoice {
  readonly kind: 'layers';
  readonly features: FeatureSet;
  readonly layers: readonly LayerChoice[];
}

/** Largest sizes that are not taken for a mistake; what a site allows is its own policy's matter. */
export const MOST_LAYERS = 16;
export const MOST_UNITS = 65_536;
const MOST_WEIGHTS = 2 ** 28;

/** The architecture that a task's model stands for. */
export function layered({ features, layers }: LayeredChoice): LayeredArchitecture {
  return {
    kind: 'layers',
    features,
    inputs: FEATURE_SETS[features],
    layers: layers.map(({ units, activation }) => ({ units, activation })),
  };
}

/**
 * Throws ModelError VALUE_OUT_OF_RANGE unless there are 1 to 16 layers of 1 to 65,536 units, at most 2^28 weights, and the
 * last layer is one linear unit.
 */
export function checkLayered(architecture: LayeredArchitecture): void {
  const { inputs, layers } = architecture;
  need(layers.length >= 1 && layers.length <= MOST_LAYERS, `1 to ${MOST_LAYERS} layers`, `${layers.length}`);
  need(isWhole(inputs, 4096), 'inputs to be a whole number from 1 to 4096', String(inputs));
  for (const { units, activation } of layers) {
    need(isWhole(units, MOST_UNITS), `layers of 1 to ${MOST_UNITS} units`, String(units));
    need(ACTIVATIONS.includes(activation), `one of ${ACTIVATIONS.join(', ')}`, activation);
  }
  const last = layers.at(-1);
  need(
    last?.units === 1 && last.activation === 'linear',
    'a last layer of one linear unit, which is the logit',
    `${last?.units} ${last?.activation}`,
  );
  const weights = layeredTensors(architecture).reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  need(weights <= MOST_WEIGHTS, `at most ${MOST_WEIGHTS} weights`, String(weights));
}

/**
 * Tensors in the order in which they lie in the flat vector: W1 (inputs x units, row-major), b1, W2, b2 and so on. First
 * values are uniform within +-sqrt(6 / fan-in) before relu (He et al. 2015), within +-sqrt(6 / (fan-in + units)) before
 * anything else (Glorot and Bengio 2010), biases zero.
 */
export function layeredTensors({ inputs, layers }: LayeredArchitecture): Tensor[] {
  let before = inputs;
  return layers.flatMap(({ units, activation }, i) => {
    const fan = activation === 'relu' ? before : before + units;
    const kernel = { name: `W${i + 1}`, rows: before, columns: units, bound: Math.sqrt(6 / fan) };
    before = units;
    return [kernel, { name: `b${i + 1}`, rows: 1, columns: units, bound: 0 }];
  });
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

function need(holds: boolean, expected: string, got: string): void {
  if (holds) return;
  throw new ModelError('VALUE_OUT_OF_RANGE', { expected, got, next: 'correct the model in the task' });
}
