import { float32ToBytes } from '../detection/model-hash.ts';
import { type DenseNetwork, filledLayers } from './dense-network.ts';

/** The two files of a TensorFlow.js LayersModel; `model.json` names the other one. */
export interface TfjsModel {
  readonly json: string;
  readonly weights: Uint8Array;
}

export const TFJS_WEIGHTS = 'weights.bin';

/**
 * A Sequential of Dense layers in the format that `tf.loadLayersModel` reads (tfjs-layers, `format: layers-model`).
 * @param metadata goes along as `userDefinedMetadata`
 */
export function tfjsModel(network: DenseNetwork, weights: Float32Array, metadata: object): TfjsModel {
  const filled = filledLayers(network, weights);
  const layers = filled.map(({ units, activation, inputs }, i) => ({
    class_name: 'Dense',
    config: {
      name: `dense_${i + 1}`,
      trainable: true,
      dtype: 'float32',
      units,
      activation,
      use_bias: true,
      ...(i === 0 && { batch_input_shape: [null, inputs] }),
    },
  }));
  const manifest = filled.flatMap(({ inputs, units }, i) => [
    { name: `dense_${i + 1}/kernel`, shape: [inputs, units], dtype: 'float32' },
    { name: `dense_${i + 1}/bias`, shape: [units], dtype: 'float32' },
  ]);
  const json = {
    format: 'layers-model',
    generatedBy: 'cordon',
    convertedBy: null,
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 'cordon', layers },
      keras_version: 'tfjs-layers',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [{ paths: [TFJS_WEIGHTS], weights: manifest }],
    userDefinedMetadata: metadata,
  };
  // Kernels and biases lie in our vector in this very order.
  return { json: `${JSON.stringify(json, null, 1)}\n`, weights: float32ToBytes(weights) };
}
