import type { Architecture } from '../detection/model.ts';
import type { Activation } from '../layers/activations.ts';

export interface DenseLayerShape {
  readonly units: number;
  readonly activation: Activation;
}

/**
 * Dense layers one after the other, which other tools know under that name. The flat weight vector of ours holds for each
 * its kernel (as many rows as it has inputs, units columns, row-major), then its bias.
 */
export interface DenseNetwork {
  /** Values in a row that goes in. */
  readonly inputs: number;
  readonly layers: readonly DenseLayerShape[];
}

/** A dense layer with its weights; they are views, not copies. */
export interface FilledLayer extends DenseLayerShape {
  readonly inputs: number;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** What comes out: the score of the model, or 1 / (1 + e^-score), which ranks in the same order. */
export type Output = 'logit' | 'probability';

/** The model as dense layers. */
export function denseNetwork(architecture: Architecture, output: Output): DenseNetwork {
  const last = { units: 1, activation: output === 'logit' ? 'linear' : 'sigmoid' } as const;
  return { inputs: architecture.inputs, layers: [...layersBefore(architecture), last] };
}

function layersBefore(architecture: Architecture): readonly DenseLayerShape[] {
  if (architecture.kind === 'layers') return architecture.layers.slice(0, -1);
  const { hidden } = architecture;
  return hidden === 0 ? [] : [{ units: hidden, activation: 'relu' }];
}

/** The layers with their parts of the flat vector, which is as long as all of them together. */
export function filledLayers({ inputs, layers }: DenseNetwork, weights: Float32Array): FilledLayer[] {
  let [before, at] = [inputs, 0];
  const take = (length: number): Float32Array => weights.subarray(at, (at += length));
  return layers.map((layer) => {
    const filled = {
      ...layer,
      inputs: before,
      kernel: take(before * layer.units),
      bias: take(layer.units),
    };
    before = layer.units;
    return filled;
  });
}
