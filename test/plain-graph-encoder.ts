/**
 * The graph encoder again in plain TypeScript, written from its formulas: in float64 node by node, for finite differences,
 * and in float32 window by window from the plain kernels, which must agree bit for bit.
 */
import type { GraphEncoderArchitecture } from '../models/detection/graph-encoder-architecture.ts';
import type { GraphSequence, LabelledSequence } from '../models/detection/graph-encoder-input.ts';
import * as graph from './reference-graph-kernels.ts';
import { denseForward } from './reference-kernels.ts';

/** Takes tensors off the front of the flat vector. */
function reader<T extends ArrayLike<number>>(slice: (from: number, to: number) => T): (length: number) => T {
  let at = 0;
  return (length) => slice(at, (at += length));
}

/** Neighbours of node i in a window. */
const around = ({ neighbours }: GraphSequence['windows'][number], i: number): number[] => [
  ...neighbours.column.subarray(neighbours.start[i], neighbours.start[i + 1]),
];

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

/** row . W + b, with W row-major. */
const affine = (row: number[], W: number[], b: number[]): number[] =>
  b.map((bias, j) => bias + sum(row.map((value, k) => value * (W[k * b.length + j] ?? NaN))));

const relu = (values: number[]): number[] => values.map((value) => Math.max(value, 0));
const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** Float64, from the formulas: the logits of all edges. */
export function plainLogits(
  architecture: GraphEncoderArchitecture,
  weights: number[],
  { nodes, windows, start }: GraphSequence,
): number[] {
  const { nodeInputs: d, edgeInputs: e, hidden: h, state: s, decoder: c, judges } = architecture;
  const take = reader((from, to) => weights.slice(from, to));
  const [near, nearBias, far, farBias] = [take(2 * d * h), take(h), take(2 * h * h), take(h)];
  const [W, bx, U, bh] = [take(h * 3 * s), take(3 * s), take(s * 3 * s), take(3 * s)];
  const [ends, endsBias, last, lastBias] = [take((2 * s + e) * c), take(c), take(c), take(1)];
  const all = Array.from({ length: nodes }, (_, i) => i);
  const aggregate = (window: (typeof windows)[number], x: number[][], w: number[], b: number[]): number[][] =>
    all.map((i) => {
      const list = around(window, i);
      const own = x[i] ?? [];
      const mean = own.map((_, j) =>
        list.length > 0 ? sum(list.map((n) => x[n]?.[j] ?? NaN)) / list.length : 0,
      );
      return relu(affine([...own, ...mean], w, b));
    });
  let states = all.map((i) => Array.from({ length: s }, (_, j) => start?.[i * s + j] ?? 0));
  return windows.flatMap((window) => {
    const x = all.map((i) => [...window.nodes.subarray(i * d, (i + 1) * d)]);
    const seen = aggregate(window, aggregate(window, x, near, nearBias), far, farBias);
    const before = states;
    states = before.map((old, i) => {
      const [a, u] = [affine(seen[i] ?? [], W, bx), affine(old, U, bh)];
      return old.map((value, j) => {
        const gate = (g: number): [number, number] => [a[g * s + j] ?? NaN, u[g * s + j] ?? NaN];
        const [r, z] = [sigmoid(sum(gate(0))), sigmoid(sum(gate(1)))];
        const [an, un] = gate(2);
        return (1 - z) * Math.tanh(an + r * un) + z * value;
      });
    });
    const judged = judges === 'before' ? before : states;
    return [...window.from].map((from, i) => {
      const edge = [...window.edges.subarray(i * e, (i + 1) * e)];
      const row = [...(judged[from] ?? []), ...(judged[window.to[i] ?? NaN] ?? []), ...edge];
      return affine(relu(affine(row, ends, endsBias)), last, lastBias)[0] ?? NaN;
    });
  });
}

/** Float64: the weighted binary cross-entropy of a sequence. */
export function plainLoss(
  architecture: GraphEncoderArchitecture,
  weights: number[],
  sequence: LabelledSequence,
): number {
  const losses = plainLogits(architecture, weights, sequence).map(
    (z, i) => Math.max(z, 0) - z * (sequence.labels[i] ?? NaN) + Math.log1p(Math.exp(-Math.abs(z))),
  );
  const importance = [...sequence.weights];
  return sum(losses.map((loss, i) => loss * (importance[i] ?? NaN))) / sum(importance);
}

/** Float32, from the plain kernels: the logits of all edges, and the states after the last window. */
export function float32Scores(
  architecture: GraphEncoderArchitecture,
  weights: Float32Array,
  { nodes, windows, start }: GraphSequence,
): { logits: Float32Array; states: Float32Array } {
  const { nodeInputs: d, edgeInputs: e, hidden: h, state: s, decoder: c, judges } = architecture;
  const take = reader((from, to) => weights.subarray(from, to));
  const [near, nearBias, far, farBias] = [take(2 * d * h), take(h), take(2 * h * h), take(h)];
  const [W, bx, U, bh] = [take(h * 3 * s), take(3 * s), take(s * 3 * s), take(3 * s)];
  const [ends, endsBias, last, lastBias] = [take((2 * s + e) * c), take(c), take(c), take(1)];
  const positive = (values: Float32Array): Float32Array => values.map((value) => Math.max(value, 0));
  const beside = (rows: number, ...parts: [Float32Array, number][]): Float32Array =>
    Float32Array.from(
      Array.from({ length: rows }, (_, i) =>
        parts.flatMap(([values, width]) => [...values.subarray(i * width, (i + 1) * width)]),
      ).flat(),
    );
  let states = start ?? new Float32Array(nodes * s);
  const logits = windows.flatMap((window) => {
    const lists = Array.from({ length: nodes }, (_, i) => around(window, i));
    const layer = (x: Float32Array, width: number, w: Float32Array, b: Float32Array): Float32Array => {
      const row = beside(nodes, [x, width], [graph.meanRows(lists, x, width), width]);
      return positive(denseForward(row, w, b, nodes, 2 * width, h));
    };
    const seen = layer(layer(window.nodes, d, near, nearBias), h, far, farBias);
    const before = states;
    const [a, u] = [denseForward(seen, W, bx, nodes, h, 3 * s), denseForward(before, U, bh, nodes, s, 3 * s)];
    states = graph.gruForward(a, u, before, s).next;
    const judged = judges === 'before' ? before : states;
    const pick = (list: Uint32Array): Float32Array =>
      Float32Array.from([...list].flatMap((i) => [...judged.subarray(i * s, (i + 1) * s)]));
    const m = window.from.length;
    const rows = beside(m, [pick(window.from), s], [pick(window.to), s], [window.edges, e]);
    const units = positive(denseForward(rows, ends, endsBias, m, 2 * s + e, c));
    return [...denseForward(units, last, lastBias, m, c, 1)];
  });
  return { logits: Float32Array.from(logits), states };
}
