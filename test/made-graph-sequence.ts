/** Made-up windows of a graph and weights for a small graph encoder, the same for the same seed. */
import {
  graphEncoderLength,
  type GraphEncoderArchitecture,
} from '../models/detection/graph-encoder-architecture.ts';
import type { GraphWindow, LabelledSequence } from '../models/detection/graph-encoder-input.ts';
import { csrOf } from '../models/layers/csr.ts';
import { SeededStream } from '../models/seeded-stream.ts';

export const smallEncoder: GraphEncoderArchitecture = {
  kind: 'graph-encoder',
  nodeInputs: 3,
  edgeInputs: 2,
  hidden: 5,
  state: 4,
  decoder: 6,
  judges: 'after',
};

/** A random sequence; some nodes have no neighbours, some windows no edges. */
export function sequenceOf(
  { nodeInputs, edgeInputs }: GraphEncoderArchitecture,
  { nodes, windows, edges, seed }: { nodes: number; windows: number; edges: number; seed: number },
): LabelledSequence {
  const draw = SeededStream.fromNumber(seed);
  const values = (length: number): Float32Array =>
    Float32Array.from({ length }, () => 2 * draw.nextUnit() - 1);
  const some = (length: number): Uint32Array => Uint32Array.from({ length }, () => draw.nextBelow(nodes));
  const made = Array.from({ length: windows }, (): GraphWindow => {
    const links = nodes > 0 ? draw.nextBelow(2 * nodes) : 0;
    const count = nodes > 0 && edges > 0 ? draw.nextBelow(edges + 1) : 0;
    return {
      neighbours: csrOf(nodes, nodes, some(links), some(links)),
      nodes: values(nodes * nodeInputs),
      from: some(count),
      to: some(count),
      edges: values(count * edgeInputs),
    };
  });
  const all = made.reduce((sum, { from }) => sum + from.length, 0);
  return {
    nodes,
    windows: made,
    labels: Float32Array.from({ length: all }, () => draw.nextBelow(2)),
    weights: Float32Array.from({ length: all }, () => 0.1 + draw.nextUnit()),
  };
}

/** Weights that are away from zero everywhere, biases too. */
export function weightsOf(architecture: GraphEncoderArchitecture, seed: number): Float32Array {
  const draw = SeededStream.fromNumber(seed);
  return Float32Array.from({ length: graphEncoderLength(architecture) }, () => 1.2 * draw.nextUnit() - 0.6);
}
