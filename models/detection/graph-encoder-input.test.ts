import { describe, expect, test } from 'vitest';
import { sequenceOf, smallEncoder as small, weightsOf } from '../../test/made-graph-sequence.ts';
import { ModelError } from '../errors.ts';
import { csrOf } from '../layers/csr.ts';
import { graphEncoderLength, initialGraphWeights } from './graph-encoder-architecture.ts';
import type { GraphWindow } from './graph-encoder-input.ts';
import { graphGradient, graphScores, trainGraphSteps } from './graph-encoder.ts';

function caught(run: () => unknown): ModelError {
  try {
    run();
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('what does not fit is refused', () => {
  const sequence = sequenceOf(small, { nodes: 4, windows: 2, edges: 9, seed: 3 });
  const weights = weightsOf(small, 1);
  const scores = (change: Partial<GraphWindow>): ModelError =>
    caught(() =>
      graphScores(small, weights, {
        nodes: 4,
        windows: sequence.windows.slice(0, 1).map((window) => ({ ...window, ...change })),
      }),
    );

  test('sizes outside their ranges', () => {
    for (const change of [{ hidden: 0 }, { edgeInputs: -1 }, { state: 1.5 }, { decoder: 5000 }]) {
      expect(caught(() => initialGraphWeights({ ...small, ...change }, 1)).code).toBe('VALUE_OUT_OF_RANGE');
    }
  });

  test('weights of another length, and a broken one with its tensor', () => {
    expect(caught(() => graphScores(small, weights.subarray(1), sequence)).code).toBe('SHAPE_MISMATCH');
    const broken = weights.slice();
    broken[2 * 3 * 5 + 1] = NaN;
    expect(caught(() => graphScores(small, broken, sequence))).toMatchObject({
      code: 'NOT_FINITE',
      got: 'NaN at near.b[1]',
    });
  });

  test('features, neighbours and ends of other sizes, and nodes that are none', () => {
    expect(scores({ nodes: new Float32Array(11) }).code).toBe('SHAPE_MISMATCH');
    expect(scores({ edges: new Float32Array(1) }).code).toBe('SHAPE_MISMATCH');
    expect(scores({ to: new Uint32Array(0) }).code).toBe('SHAPE_MISMATCH');
    expect(scores({ neighbours: csrOf(3, 4, Uint32Array.of(), Uint32Array.of()) }).code).toBe(
      'SHAPE_MISMATCH',
    );
    const edges = new Float32Array(2);
    expect(scores({ from: Uint32Array.of(4), to: Uint32Array.of(0), edges })).toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
      got: "4 as 'from' of edge 0",
    });
    const start = new Float32Array(3);
    expect(caught(() => graphScores(small, weights, { ...sequence, start })).code).toBe('SHAPE_MISMATCH');
    const labels = sequence.labels.subarray(1);
    expect(caught(() => graphGradient(small, weights, { ...sequence, labels })).code).toBe('SHAPE_MISMATCH');
  });

  test('weights that break are refused with their tensor', () => {
    const sequence = sequenceOf(small, { nodes: 5, windows: 2, edges: 9, seed: 1 });
    const endless = { steps: 2, learningRate: Infinity };
    expect(caught(() => trainGraphSteps(small, weightsOf(small, 1), () => sequence, endless))).toMatchObject({
      code: 'NOT_FINITE',
      expected: 'finite numbers in the weights after training',
    });
  });

  test('labels outside 0..1 and weights below 0', () => {
    const count = sequence.labels.length;
    const gradient = (change: object): ModelError =>
      caught(() => graphGradient(small, weights, { ...sequence, ...change }));
    expect(gradient({ labels: new Float32Array(count).fill(2) })).toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
      got: '2 at 0',
    });
    expect(gradient({ weights: new Float32Array(count).fill(-1) }).code).toBe('VALUE_OUT_OF_RANGE');
    expect(gradient({ weights: new Float32Array(count).fill(NaN) }).code).toBe('NOT_FINITE');
  });

  test('a broken number, with its window', () => {
    const nodes = new Float32Array(12);
    nodes[7] = Infinity;
    expect(scores({ nodes })).toMatchObject({
      code: 'NOT_FINITE',
      expected: 'finite numbers in the node features of window 0',
      got: 'Infinity at 7',
    });
    const windows = sequence.windows.map((window, t) => (t === 1 ? { ...window, nodes } : window));
    expect(caught(() => graphScores(small, weights, { ...sequence, windows })).expected).toMatch(/window 1$/);
  });
});

test('the tensors cover the vector; the same seed gives the same first weights, another seed others', () => {
  expect(graphEncoderLength(small)).toBe(
    6 * 5 + 5 + (10 * 5 + 5) + (5 * 12 + 12 + 4 * 12 + 12) + (10 * 6 + 6) + 7,
  );
  expect(initialGraphWeights(small, 4)).toEqual(initialGraphWeights(small, 4));
  expect(initialGraphWeights(small, 4)).not.toEqual(initialGraphWeights(small, 5));
});
