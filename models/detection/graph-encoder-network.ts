import type { Kernels } from '../kernels/kernels.ts';
import { PlacedCsr, picking } from '../layers/csr.ts';
import { DenseLayer } from '../layers/dense.ts';
import { GruLayer } from '../layers/gru.ts';
import { MeanAggregationLayer } from '../layers/mean-aggregation.ts';
import type { LayerMemory } from '../layers/tensors.ts';
import { placesOf } from '../layers/tensors.ts';
import { graphEncoderTensors, type GraphEncoderArchitecture } from './graph-encoder-architecture.ts';
import { stackWindows, type GraphSequence } from './graph-encoder-input.ts';

/**
 * The graph encoder over one sequence: two layers of mean aggregation in every window, a recurrent unit from window to
 * window for every node, and for each edge relu(source state, destination state, edge features) to a logit. Memory is taken
 * from the kernels when it is made; their owner gives it back.
 */
export class GraphEncoderNetwork {
  /** Edges of all windows. */
  readonly edges: number;
  /** Byte offset of their logits. */
  readonly logits: number;
  readonly #k: Kernels;
  readonly #architecture: GraphEncoderArchitecture;
  /** nodes, and (windows + 1) x nodes. */
  readonly #nodes: number;
  readonly #states: number;
  readonly #near: MeanAggregationLayer;
  readonly #far: MeanAggregationLayer;
  readonly #gru: GruLayer;
  readonly #from: PlacedCsr;
  readonly #to: PlacedCsr;
  readonly #ends: DenseLayer;
  readonly #logit: DenseLayer;
  /** Byte offsets of what goes in: nodes, edges, and the states of the ends. */
  readonly #x: { readonly nodes: number; readonly edges: number; readonly from: number; readonly to: number };

  /** Throws what `stackWindows` throws, to which `number` goes. */
  constructor(
    k: Kernels,
    at: LayerMemory,
    architecture: GraphEncoderArchitecture,
    sequence: GraphSequence,
    number = 0,
  ) {
    const { nodeInputs, edgeInputs, hidden, state, decoder } = architecture;
    const { nodes, windows, start } = sequence;
    const stacked = stackWindows(architecture, sequence, number);
    this.#k = k;
    this.#architecture = architecture;
    this.#nodes = nodes;
    this.#states = (windows.length + 1) * nodes;
    this.edges = stacked.from.length;
    const place = placeLayers(at, architecture);
    const neighbours = new PlacedCsr(k, stacked.neighbours, 'the stacked windows');
    this.#near = new MeanAggregationLayer(
      k,
      place('near'),
      { inputs: nodeInputs, outputs: hidden },
      neighbours,
    );
    this.#far = new MeanAggregationLayer(k, place('far'), { inputs: hidden, outputs: hidden }, neighbours);
    this.#gru = new GruLayer(k, place('gru'), { inputs: hidden, outputs: state }, nodes, windows.length);
    if (start !== undefined) k.view(this.#gru.states, start.length).set(start);
    this.#from = new PlacedCsr(k, picking(this.#states, stacked.from), 'the sources of the edges');
    this.#to = new PlacedCsr(k, picking(this.#states, stacked.to), 'the destinations of the edges');
    const ends = { inputs: 2 * state + edgeInputs, outputs: decoder };
    this.#ends = new DenseLayer(k, place('ends'), ends, this.edges, [state, state, edgeInputs]);
    this.#logit = new DenseLayer(k, place('logit'), { inputs: decoder, outputs: 1 }, this.edges);
    this.logits = this.#logit.out;
    this.#x = {
      nodes: k.place(stacked.nodes),
      edges: k.place(stacked.edges),
      from: k.allocate(this.edges * state),
      to: k.allocate(this.edges * state),
    };
  }

  forward(): void {
    const { state, decoder } = this.#architecture;
    this.#near.forward(this.#x.nodes);
    this.#far.forward(this.#near.out);
    this.#gru.forward(this.#far.out);
    this.#from.mean(this.#gru.states, this.#x.from, state);
    this.#to.mean(this.#gru.states, this.#x.to, state);
    this.#ends.forward(this.#x.from, this.#x.to, this.#x.edges);
    this.#k.run.relu(this.#ends.out, this.edges * decoder);
    this.#logit.forward(this.#ends.out);
  }

  /** Gradients of all weights for dLogits (edges), after `forward`. */
  backward(dLogits: number): void {
    const { hidden, state, decoder } = this.#architecture;
    const { run } = this.#k;
    const rows = this.#states - this.#nodes;
    const mark = this.#k.mark();
    const take = (length: number): number => this.#k.allocate(length);
    const dEnds = take(this.edges * decoder);
    this.#logit.backward([this.#ends.out], dLogits, [dEnds]);
    run.reluBackward(this.#ends.out, dEnds, this.edges * decoder);
    const [dFrom, dTo] = [take(this.edges * state), take(this.edges * state)];
    this.#ends.backward([this.#x.from, this.#x.to, this.#x.edges], dEnds, [dFrom, dTo, null]);
    const [dStates, dAlso] = [take(this.#states * state), take(this.#states * state)];
    this.#from.meanBackward(dFrom, dStates, state);
    this.#to.meanBackward(dTo, dAlso, state);
    run.add(dStates, dAlso, this.#states * state);
    const [dFar, dNear] = [take(rows * hidden), take(rows * hidden)];
    this.#gru.backward(this.#far.out, dStates, dFar);
    this.#far.backward(this.#near.out, dFar, dNear);
    this.#near.backward(this.#x.nodes, dNear, null);
    this.#k.rewind(mark);
  }

  /** nodes x state: the states after the last window. */
  lastStates(): Float32Array {
    const values = this.#nodes * this.#architecture.state;
    const first = (this.#states - this.#nodes) * this.#architecture.state;
    return this.#k.view(this.#gru.states + first * 4, values).slice();
  }
}

/** Memory of each layer: where the first of its tensors lies. */
function placeLayers(
  { weights, gradient }: LayerMemory,
  architecture: GraphEncoderArchitecture,
): (layer: string) => LayerMemory {
  const places = placesOf(graphEncoderTensors(architecture));
  return (layer) => {
    const offset = (places.find(({ name }) => name.startsWith(`${layer}.`))?.offset ?? NaN) * 4;
    return { weights: weights + offset, gradient: gradient + offset };
  };
}
