import { ModelError } from '../errors.ts';
import { blockDiagonal, checkCsr, type Csr } from '../layers/csr.ts';
import { firstNotFinite, type GraphEncoderArchitecture } from './graph-encoder-architecture.ts';

/**
 * One window of a graph whose nodes are numbered 0..nodes-1 by the caller. The numbers are for this sequence alone: the
 * network sees features and neighbours, never an identity, so that its weights mean the same at every member.
 *
 * Features of a node that serve (any matrix is taken): logarithms, log(1 + n), of authentications out and in, of different
 * destinations and sources, of failures, of pairs not seen before as source and as destination, of protocols and logon
 * types in use; how long the node has been known, in windows, on the same scale; flags for what the twin knows of its role
 * (client, server, domain controller, service account, administrator) and for having been active at all.
 */
export interface GraphWindow {
  /** nodes x nodes: whose state each node takes the mean of; `csrOf` with both directions of every edge is the usual. */
  readonly neighbours: Csr;
  /** nodes x nodeInputs, row-major. */
  readonly nodes: Float32Array;
  /** Edges to be judged, by the numbers of their ends. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Edges x edgeInputs, row-major: those of the edge scorer, for example. */
  readonly edges: Float32Array;
}

/** Windows of one set of nodes, each following the one before in time. */
export interface GraphSequence {
  readonly nodes: number;
  readonly windows: readonly GraphWindow[];
  /** nodes x state: what the windows before have left; zeros where there were none. */
  readonly start?: Float32Array;
}

/** A sequence with the answers: a label 0 or 1 and a weight >= 0 for each edge, window after window. */
export interface LabelledSequence extends GraphSequence {
  readonly labels: Float32Array;
  readonly weights: Float32Array;
}

/** All windows of a sequence at once: row t * nodes + i is node i in window t. */
export interface StackedWindows {
  readonly neighbours: Csr;
  readonly nodes: Float32Array;
  readonly edges: Float32Array;
  /** Rows of the states ((windows + 1) x nodes) that the edges start from and end at. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/**
 * Checks a sequence and stacks its windows. Throws ModelError SHAPE_MISMATCH for a size that does not fit, VALUE_OUT_OF_RANGE
 * for an end that is no node, NOT_FINITE for a broken number; each names the window.
 *
 * @param number of the first window, in what is said of them
 */
export function stackWindows(
  architecture: GraphEncoderArchitecture,
  { nodes, windows, start }: GraphSequence,
  number = 0,
): StackedWindows {
  const { nodeInputs, edgeInputs, state, judges } = architecture;
  if (start !== undefined) checkNumbers(start, nodes * state, 'states at the start');
  const edges = windows.reduce((sum, { from }) => sum + from.length, 0);
  const stacked = {
    nodes: new Float32Array(windows.length * nodes * nodeInputs),
    edges: new Float32Array(edges * edgeInputs),
    from: new Uint32Array(edges),
    to: new Uint32Array(edges),
  };
  let first = 0;
  windows.forEach((window, t) => {
    const name = `window ${number + t}`;
    const { neighbours, from, to } = window;
    if (neighbours.rows !== nodes || neighbours.columns !== nodes) {
      mismatch(`${nodes} x ${nodes} neighbours in ${name}`, `${neighbours.rows} x ${neighbours.columns}`);
    }
    checkCsr(neighbours, `the neighbours of ${name}`);
    checkNumbers(window.nodes, nodes * nodeInputs, `node features of ${name}`);
    checkNumbers(window.edges, from.length * edgeInputs, `edge features of ${name}`);
    if (to.length !== from.length) mismatch(`${from.length} ends of edges in ${name}`, String(to.length));
    stacked.nodes.set(window.nodes, t * nodes * nodeInputs);
    stacked.edges.set(window.edges, first * edgeInputs);
    const row = (judges === 'before' ? t : t + 1) * nodes;
    for (const end of ['from', 'to'] as const) {
      window[end].forEach((node, i) => {
        if (node >= nodes) {
          throw new ModelError('VALUE_OUT_OF_RANGE', {
            expected: `nodes below ${nodes} in ${name}`,
            got: `${node} as '${end}' of edge ${i}`,
            next: 'number the nodes from 0',
          });
        }
        stacked[end][first + i] = row + node;
      });
    }
    first += from.length;
  });
  return { neighbours: blockDiagonal(windows.map(({ neighbours }) => neighbours)), ...stacked };
}

/** Throws ModelError as `checkNumbers` does, and VALUE_OUT_OF_RANGE for a label outside 0..1 or a weight below 0. */
export function checkAnswers({ labels, weights }: LabelledSequence, edges: number): void {
  for (const [values, most, what] of [
    [labels, 1, 'labels'],
    [weights, Infinity, 'weights of the edges'],
  ] as const) {
    checkNumbers(values, edges, what);
    const bad = values.findIndex((value) => value < 0 || value > most);
    if (bad < 0) continue;
    throw new ModelError('VALUE_OUT_OF_RANGE', {
      expected: `${most === 1 ? 'numbers from 0 to 1' : 'no number below 0'} in the ${what}`,
      got: `${values[bad]} at ${bad}`,
      next: 'correct the labels',
    });
  }
}

/** Throws ModelError SHAPE_MISMATCH or NOT_FINITE unless they are `length` finite numbers. */
export function checkNumbers(values: Float32Array, length: number, what: string): void {
  if (values.length !== length) mismatch(`${length} values in the ${what}`, String(values.length));
  const bad = firstNotFinite(values);
  if (bad < 0) return;
  throw new ModelError('NOT_FINITE', {
    expected: `finite numbers in the ${what}`,
    got: `${values[bad]} at ${bad}`,
    next: 'look for broken input data',
  });
}

function mismatch(expected: string, got: string): never {
  throw new ModelError('SHAPE_MISMATCH', { expected, got, next: 'use the sizes that the model names' });
}
