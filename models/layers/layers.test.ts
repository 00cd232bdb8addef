import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModelError } from '../errors.ts';
import { Kernels } from '../kernels/kernels.ts';
import { PlacedCsr, blockDiagonal, checkCsr, csrOf, picking, transposed, type Csr } from './csr.ts';
import { DenseLayer, denseTensors } from './dense.ts';
import { GruLayer, gruTensors } from './gru.ts';
import { MeanAggregationLayer, meanAggregationTensors } from './mean-aggregation.ts';
import { named, placesOf, totalLength } from './tensors.ts';

type Matrix = number[][];
const torch = JSON.parse(
  gunzipSync(readFileSync(new URL('../kernels/vectors/models-torch.json.gz', import.meta.url))).toString(
    'utf8',
  ),
) as {
  mlp: { x: Matrix; W1: Matrix; b1: number[]; W2: Matrix; b2: number[]; logits: Matrix };
  sage: {
    edges: [number, number][];
    X: Matrix;
    Ws: Matrix;
    Wn: Matrix;
    b: number[];
    h: Matrix;
    upstream: Matrix;
    grad: { X: Matrix; Ws: Matrix; Wn: Matrix; b: number[] };
  };
  gru: {
    x: Matrix[];
    h0: Matrix[];
    weight_ih: Matrix;
    weight_hh: Matrix;
    bias_ih: number[];
    bias_hh: number[];
    y: Matrix[];
    upstream: Matrix[];
    grad: {
      x: Matrix[];
      h0: Matrix[];
      weight_ih: Matrix;
      weight_hh: Matrix;
      bias_ih: number[];
      bias_hh: number[];
    };
  };
};

const flip = (m: Matrix): Matrix => (m[0] ?? []).map((_, j) => m.map((row) => row[j] ?? NaN));

/** Largest difference, in units of the largest value wanted or 1. */
function worst(got: Float32Array, want: number[]): number {
  expect(got).toHaveLength(want.length);
  const size = Math.max(1, ...want.map(Math.abs));
  return Math.max(0, ...want.map((w, i) => Math.abs((got[i] ?? NaN) - w) / size));
}

/** float32 has 24 bits, 6e-8 relative; sums of up to 20 terms. */
const CLOSE = 1e-6;

/** Weights in the memory, and a gradient vector of the same length. */
function placeVector(k: Kernels, weights: number[]) {
  return { weights: k.place(Float32Array.from(weights)), gradient: k.allocate(weights.length) };
}

describe('layers against PyTorch (float64)', () => {
  test('dense: two in a row, the second of one column', () => {
    const { mlp } = torch;
    const k = new Kernels();
    const [first, second] = [
      placeVector(k, [...mlp.W1.flat(), ...mlp.b1]),
      placeVector(k, [...mlp.W2.flat(), ...mlp.b2]),
    ];
    const hidden = new DenseLayer(k, first, { inputs: 5, outputs: 7 }, 9);
    const last = new DenseLayer(k, second, { inputs: 7, outputs: 1 }, 9);
    hidden.forward(k.place(Float32Array.from(mlp.x.flat())));
    k.run.relu(hidden.out, 9 * 7);
    last.forward(hidden.out);
    expect(worst(k.view(last.out, 9), mlp.logits.flat())).toBeLessThan(CLOSE);
  });

  test('mean aggregation: values and every gradient', () => {
    const { sage } = torch;
    const edges = sage.edges;
    const graph = csrOf(
      6,
      6,
      Uint32Array.from(edges, ([from]) => from),
      Uint32Array.from(edges, ([, to]) => to),
    );
    const k = new Kernels();
    const at = placeVector(k, [...sage.Ws.flat(), ...sage.Wn.flat(), ...sage.b]);
    const x = k.place(Float32Array.from(sage.X.flat()));
    const layer = new MeanAggregationLayer(k, at, { inputs: 4, outputs: 3 }, new PlacedCsr(k, graph, 'test'));
    layer.forward(x);
    expect(worst(k.view(layer.out, 18), sage.h.flat())).toBeLessThan(CLOSE);
    const dx = k.allocate(24);
    layer.backward(x, k.place(Float32Array.from(sage.upstream.flat())), dx);
    expect(worst(k.view(dx, 24), sage.grad.X.flat())).toBeLessThan(CLOSE);
    const want = [...sage.grad.Ws.flat(), ...sage.grad.Wn.flat(), ...sage.grad.b];
    expect(worst(k.view(at.gradient, 27), want)).toBeLessThan(CLOSE);
  });

  test('recurrent unit: five steps of two nodes, values and every gradient', () => {
    const { gru } = torch;
    const vector = (from: typeof gru | typeof gru.grad): number[] => [
      ...flip(from.weight_ih).flat(),
      ...from.bias_ih,
      ...flip(from.weight_hh).flat(),
      ...from.bias_hh,
    ];
    const k = new Kernels();
    const at = placeVector(k, vector(gru));
    const x = k.place(Float32Array.from(gru.x.flat(2)));
    const layer = new GruLayer(k, at, { inputs: 3, outputs: 4 }, 2, 5);
    k.view(layer.states, 8).set(gru.h0.flat(2));
    layer.forward(x);
    expect(worst(k.view(layer.states, 48).subarray(8), gru.y.flat(2))).toBeLessThan(CLOSE);
    const [dStates, dx] = [k.allocate(48), k.allocate(30)];
    k.view(dStates, 48).set(gru.upstream.flat(2), 8);
    layer.backward(x, dStates, dx);
    expect(worst(k.view(dx, 30), gru.grad.x.flat(2))).toBeLessThan(CLOSE);
    expect(worst(k.view(dStates, 8), gru.grad.h0.flat(2))).toBeLessThan(CLOSE);
    expect(worst(k.view(at.gradient, 108), vector(gru.grad))).toBeLessThan(CLOSE);
  });
});

const pairs = fc
  .integer({ min: 1, max: 6 })
  .chain((rows) =>
    fc
      .integer({ min: 1, max: 6 })
      .chain((columns) =>
        fc
          .array(fc.tuple(fc.nat({ max: rows - 1 }), fc.nat({ max: columns - 1 })), { maxLength: 12 })
          .map((list) => ({ rows, columns, list })),
      ),
  );
const build = ({ rows, columns, list }: { rows: number; columns: number; list: [number, number][] }): Csr =>
  csrOf(
    rows,
    columns,
    Uint32Array.from(list, ([row]) => row),
    Uint32Array.from(list, ([, column]) => column),
  );
/** The lists of a matrix. */
const listsOf = ({ rows, start, column }: Csr): number[][] =>
  Array.from({ length: rows }, (_, i) => [...column.subarray(start[i], start[i + 1])]);

describe('sparse matrices', () => {
  test('have the pairs they are made of, in their order', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const matrix = build(given);
        checkCsr(matrix, 'test');
        const want = Array.from({ length: given.rows }, (_, i) =>
          given.list.filter(([row]) => row === i).map(([, column]) => column),
        );
        expect(listsOf(matrix)).toEqual(want);
      }),
    );
  });

  test('transposed twice have the same pairs, each list ascending', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const matrix = build(given);
        const want = listsOf(matrix).map((list) => list.toSorted((a, b) => a - b));
        expect(listsOf(transposed(transposed(matrix)))).toEqual(want);
      }),
    );
  });

  test('one after the other along the diagonal keep to their own columns', () => {
    fc.assert(
      fc.property(pairs, pairs, (a, b) => {
        const both = blockDiagonal([build(a), build(b)]);
        checkCsr(both, 'test');
        expect(both).toMatchObject({ rows: a.rows + b.rows, columns: a.columns + b.columns });
        const right = listsOf(build(b)).map((list) => list.map((c) => a.columns + c));
        expect(listsOf(both)).toEqual([...listsOf(build(a)), ...right]);
      }),
    );
  });

  test('that pick rows give copies, and their gradient is added up where a row was picked twice', () => {
    const k = new Kernels();
    const picked = new PlacedCsr(k, picking(3, Uint32Array.of(2, 0, 2)), 'test');
    const [out, dx] = [k.allocate(6), k.allocate(6)];
    picked.mean(k.place(Float32Array.of(1, 2, 3, 4, 5, 6)), out, 2);
    expect([...k.view(out, 6)]).toEqual([5, 6, 1, 2, 5, 6]);
    picked.meanBackward(k.place(Float32Array.of(1, 10, 2, 20, 4, 40)), dx, 2);
    expect([...k.view(dx, 6)]).toEqual([2, 20, 0, 0, 5, 50]);
  });

  test.each([
    ['too few starts', { start: Uint32Array.of(0, 1) }],
    ['an end beyond the columns', { start: Uint32Array.of(0, 1, 3) }],
    ['starts that fall', { start: Uint32Array.of(0, 4, 2) }],
    ['a column outside', { column: Uint32Array.of(0, 9) }],
  ])('with %s are refused', (_, change) => {
    const matrix = { rows: 2, columns: 2, start: Uint32Array.of(0, 1, 2), column: Uint32Array.of(0, 1) };
    expect(() => checkCsr({ ...matrix, ...change }, 'the graph of window 3')).toThrow(ModelError);
    expect(() => checkCsr({ ...matrix, ...change }, 'the graph of window 3')).toThrow(/graph of window 3/);
  });

  test('of pairs outside or of unequal lengths are refused', () => {
    expect(() => csrOf(2, 2, Uint32Array.of(2), Uint32Array.of(0))).toThrow(/VALUE_OUT_OF_RANGE/);
    expect(() => csrOf(2, 2, Uint32Array.of(0), Uint32Array.of(2))).toThrow(/VALUE_OUT_OF_RANGE/);
    expect(() => csrOf(2, 2, Uint32Array.of(0, 1), Uint32Array.of(0))).toThrow(/SHAPE_MISMATCH|VALUE_OUT/);
    expect(() => csrOf(2, 2, Uint32Array.of(0), Uint32Array.of(0, 1))).toThrow(/SHAPE_MISMATCH/);
  });
});

test('tensors lie one after the other without gaps', () => {
  const tensors = [
    ...named('a', denseTensors({ inputs: 3, outputs: 2 })),
    ...named('b', meanAggregationTensors({ inputs: 2, outputs: 5 })),
    ...named('c', gruTensors({ inputs: 5, outputs: 4 })),
  ];
  const places = placesOf(tensors);
  expect(places.map(({ name }) => name)).toEqual(['a.W', 'a.b', 'b.W', 'b.b', 'c.W', 'c.bx', 'c.U', 'c.bh']);
  let offset = 0;
  for (const place of places) {
    expect(place.offset).toBe(offset);
    offset += place.length;
  }
  expect(offset).toBe(8 + 25 + 132);
  expect(totalLength(tensors)).toBe(offset);
});
