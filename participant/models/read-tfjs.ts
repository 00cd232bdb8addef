import Type, { type Static } from 'typebox';
import { readBoundedText } from '../../datasets/input/bounded-text.ts';
import { FEATURE_SETS, type FeatureSet } from '../../models/detection/feature-sets.ts';
import {
  type LayerChoice,
  type LayeredChoice,
  checkLayered,
  layered,
} from '../../models/detection/layered-architecture.ts';
import { ACTIVATIONS, type Activation } from '../../models/layers/activations.ts';
import { check, fits } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';

/** A topology has no weights in it. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_LAYERS = 64;

const Name = Type.String({ minLength: 1, maxLength: 256 });
const Nothing = Type.Optional(Type.Null());
const Layer = Type.Object({
  class_name: Name,
  config: Type.Object({ name: Type.Optional(Name) }),
  inbound_nodes: Type.Optional(Type.Unknown()),
});
type Layer = Static<typeof Layer>;
const Layers = Type.Array(Layer, { minItems: 1, maxItems: MOST_LAYERS });
const Sequential = Type.Object({
  class_name: Type.Literal('Sequential'),
  config: Type.Union([Layers, Type.Object({ layers: Layers })]),
});
const Ends = Type.Array(Type.Tuple([Name, Type.Integer(), Type.Integer()]), { minItems: 1, maxItems: 1 });
const Functional = Type.Object({
  class_name: Type.Union([Type.Literal('Model'), Type.Literal('Functional')]),
  config: Type.Object({ layers: Layers, input_layers: Ends, output_layers: Ends }),
});
/** One call of a layer, on what one other layer gives. */
const OneInput = Type.Tuple([
  Type.Tuple([Type.Tuple([Name, Type.Integer(), Type.Integer(), Type.Unknown()])]),
]);
const InputShape = Type.Tuple([Type.Null(), Type.Integer({ minimum: 1, maximum: 4096 })]);
const DenseConfig = Type.Object({
  units: Type.Integer({ minimum: 1, maximum: 65_536 }),
  activation: Type.Optional(Type.Union([Type.Null(), Name])),
  use_bias: Type.Optional(Type.Literal(true)),
  trainable: Type.Optional(Type.Literal(true)),
  dtype: Type.Optional(Type.Literal('float32')),
  kernel_regularizer: Nothing,
  bias_regularizer: Nothing,
  activity_regularizer: Nothing,
  kernel_constraint: Nothing,
  bias_constraint: Nothing,
});
const ActivationConfig = Type.Object({ activation: Name });

/** What a task says of a TensorFlow.js model, and what of the model is another thing in a task. */
export interface FromTfjs {
  readonly model: LayeredChoice;
  readonly notes: readonly string[];
}

/**
 * The `model` of a training task from a TensorFlow.js LayersModel: `model.json`, or the topology alone. It may be made of
 * Dense layers, with Activation layers behind them, one after the other, from a feature row to one score.
 * @throws CordonError CONFIG_INVALID for anything else, which names the layer; DATA_NOT_FOUND
 */
export async function readTfjs(path: string): Promise<FromTfjs> {
  const text = await readBoundedText(path, MOST_BYTES).catch((error: unknown) => {
    throw toCordonError(error);
  });
  if (text === null) throw invalid(`at most ${MOST_BYTES} bytes of JSON in ${path}`, 'more');
  return fromTfjs(text);
}

/** @throws CordonError CONFIG_INVALID */
export function fromTfjs(text: string): FromTfjs {
  const whole = parse(text);
  const topology = hasTopology(whole) ? whole.modelTopology : whole;
  const chain = chainOf(topology);
  const inputs = inputsOf(chain);
  const features = (Object.keys(FEATURE_SETS) as FeatureSet[]).find((name) => FEATURE_SETS[name] === inputs);
  if (features === undefined) {
    const known = Object.entries(FEATURE_SETS).map(([name, width]) => `${width} (${name})`);
    throw invalid(`a model of ${known.join(' or ')} inputs, the values of a feature row`, String(inputs));
  }
  const layers = mergedLayers(chain);
  const last = layers.at(-1);
  const notes = [
    'training begins from weights by the seed of the task: weights of the model are not taken over',
  ];
  if (last?.units !== 1 || (last.activation !== 'linear' && last.activation !== 'sigmoid')) {
    throw invalid('one linear or sigmoid unit at the end, the score', `${last?.units} ${last?.activation}`);
  }
  if (last.activation === 'sigmoid') {
    notes.push(
      'the sigmoid at the end is a part of the loss: scores are logits, which rank in the same order',
    );
  }
  const model: LayeredChoice = {
    kind: 'layers',
    features,
    layers: [...layers.slice(0, -1), { units: 1, activation: 'linear' }],
  };
  try {
    checkLayered(layered(model));
  } catch (error) {
    const { expected, got } = toCordonError(error);
    throw invalid(expected, got);
  }
  return { model, notes };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('a TensorFlow.js model in JSON', 'something else');
  }
}

const WithTopology = Type.Object({ modelTopology: Type.Object({}) });
function hasTopology(whole: unknown): whole is Static<typeof WithTopology> {
  return fits(WithTopology, whole);
}

/** The layers in the order in which a row goes through them. */
function chainOf(topology: unknown): readonly Layer[] {
  // Converted from Keras, the model stands one level deeper.
  const inner = fits(Type.Object({ model_config: Type.Object({}) }), topology)
    ? topology.model_config
    : topology;
  if (fits(Sequential, inner)) return Array.isArray(inner.config) ? inner.config : inner.config.layers;
  if (fits(Functional, inner)) return functionalChain(inner.config);
  throw invalid(
    `a Sequential or functional LayersModel of at most ${MOST_LAYERS} layers`,
    'another topology',
  );
}

/** From the output back to the input, each layer having one layer before it. */
function functionalChain({
  layers,
  input_layers,
  output_layers,
}: Static<typeof Functional>['config']): Layer[] {
  const named = new Map(layers.map((layer) => [layer.config.name ?? '', layer]));
  const chain: Layer[] = [];
  let name = output_layers[0]?.[0] ?? '';
  for (;;) {
    const layer = named.get(name);
    if (layer === undefined || chain.length > layers.length) {
      throw invalid('layers that lead from the output back to the input', `none or a circle at ${name}`);
    }
    chain.unshift(layer);
    if (layer.class_name === 'InputLayer') break;
    const { inbound_nodes: nodes } = layer;
    if (!fits(OneInput, nodes)) throw invalid(`one layer before ${name}, used once`, 'none or several');
    name = nodes[0][0][0];
  }
  if (name !== input_layers[0]?.[0] || chain.length !== layers.length) {
    throw invalid('one chain of all layers, from the input to the output', 'branches, or layers beside it');
  }
  return chain;
}

function inputsOf([first]: readonly Layer[]): number {
  const Config = Type.Object({ batch_input_shape: InputShape });
  if (first && fits(Config, first.config)) return first.config.batch_input_shape[1];
  throw invalid('a first layer with an input shape of one number', 'none, or another shape');
}

/** Dense layers, each with the activation that stands in it or behind it. */
function mergedLayers(chain: readonly Layer[]): LayerChoice[] {
  const merged: LayerChoice[] = [];
  chain.forEach(({ class_name: kind, config }, i) => {
    const what = `layer ${i + 1} (${config.name ?? kind})`;
    if (kind === 'InputLayer' && i === 0) return;
    if (kind === 'Dense') {
      const { units, activation } = configOf(DenseConfig, config, what);
      merged.push({ units, activation: activationOf(activation ?? 'linear', what) });
      return;
    }
    const before = merged.pop();
    if (kind !== 'Activation' || before?.activation !== 'linear') {
      throw invalid(
        'Dense layers, with Activation layers behind linear ones, and nothing else',
        `${kind} as ${what}`,
      );
    }
    const { activation } = configOf(ActivationConfig, config, what);
    merged.push({ ...before, activation: activationOf(activation, what) });
  });
  return merged;
}

function configOf<S extends typeof DenseConfig | typeof ActivationConfig>(
  schema: S,
  config: unknown,
  what: string,
): Static<S> {
  try {
    return check(schema, config, what);
  } catch (error) {
    const { expected, got } = toCordonError(error);
    throw invalid(expected, got);
  }
}

function activationOf(name: string, what: string): Activation {
  const known = ACTIVATIONS.find((activation) => activation === name);
  if (known !== undefined) return known;
  throw invalid(`one of ${ACTIVATIONS.join(', ')} in ${what}`, name.slice(0, 40));
}

function invalid(expected: string, got: string): CordonError {
  return new CordonError('CONFIG_INVALID', {
    expected,
    got,
    next: 'see docs/guides/models.md for the models that train in a round',
  });
}
