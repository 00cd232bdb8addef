import { float32ToBytes } from '../detection/model-hash.ts';
import type { Activation } from '../layers/activations.ts';
import { type DenseNetwork, type FilledLayer, filledLayers } from './dense-network.ts';
import { ProtobufMessage } from './protobuf.ts';

/** Of the format, and of the operators: Gemm, Relu, Sigmoid and Tanh are the same ever since. */
const IR_VERSION = 8;
const OPSET = 13;
const FLOAT = 1;

const OPERATOR: Readonly<Record<Exclude<Activation, 'linear'>, string>> = {
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
};

/** What goes in (rows x inputs) and what comes out (rows x 1). */
const INPUT = 'features';
const OUTPUT = 'score';

/**
 * A `ModelProto` (onnx.proto3 of ONNX): a Gemm for each layer, and what follows it. Field numbers are those of that file.
 * @param metadata goes along as `metadata_props`
 * @returns the bytes, in pieces
 */
export function onnxModel(
  network: DenseNetwork,
  weights: Float32Array,
  metadata: Readonly<Record<string, string>>,
): readonly Uint8Array[] {
  const layers = filledLayers(network, weights);
  const graph = new ProtobufMessage();
  let before = INPUT;
  layers.forEach((layer, i) => {
    const isLast = i === layers.length - 1;
    before = addLayer(graph, layer, `dense_${i + 1}`, before, isLast ? OUTPUT : `dense_${i + 1}`);
  });
  graph.text(2, 'cordon');
  layers.forEach(({ inputs, units, kernel, bias }, i) => {
    graph.message(5, tensor(`dense_${i + 1}/kernel`, [inputs, units], kernel));
    graph.message(5, tensor(`dense_${i + 1}/bias`, [units], bias));
  });
  graph.message(11, matrix(INPUT, network.inputs)).message(12, matrix(OUTPUT, layers.at(-1)?.units ?? 0));
  const model = new ProtobufMessage()
    .int(1, IR_VERSION)
    .text(2, 'cordon')
    .message(7, graph)
    .message(8, new ProtobufMessage().text(1, '').int(2, OPSET));
  for (const [key, value] of Object.entries(metadata)) {
    model.message(14, new ProtobufMessage().text(1, key).text(2, value));
  }
  return model.pieces;
}

/** One or two `NodeProto`. @returns the name of what comes out */
function addLayer(
  graph: ProtobufMessage,
  { activation }: FilledLayer,
  name: string,
  from: string,
  to: string,
): string {
  const sums = activation === 'linear' ? to : `${name}/sums`;
  graph.message(1, node('Gemm', name, [from, `${name}/kernel`, `${name}/bias`], sums));
  if (activation !== 'linear') {
    graph.message(1, node(OPERATOR[activation], `${name}/${activation}`, [sums], to));
  }
  return to;
}

function node(operator: string, name: string, inputs: readonly string[], output: string): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const input of inputs) message.text(1, input);
  return message.text(2, output).text(3, name).text(4, operator);
}

/** `TensorProto` with raw data, which is little-endian. */
function tensor(name: string, dims: readonly number[], values: Float32Array): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const dim of dims) message.int(1, dim);
  return message.int(2, FLOAT).text(8, name).bytes(9, float32ToBytes(values));
}

/** `ValueInfoProto` of a matrix with any number of rows. */
function matrix(name: string, columns: number): ProtobufMessage {
  const shape = new ProtobufMessage()
    .message(1, new ProtobufMessage().text(2, 'rows'))
    .message(1, new ProtobufMessage().int(1, columns));
  const type = new ProtobufMessage().message(1, new ProtobufMessage().int(1, FLOAT).message(2, shape));
  return new ProtobufMessage().text(1, name).message(2, type);
}
