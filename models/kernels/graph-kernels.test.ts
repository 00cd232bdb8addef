import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as reference from '../../test/reference-graph-kernels.ts';
import { denseForward } from '../../test/reference-kernels.ts';
import { SeededStream } from '../seeded-stream.ts';
import { Kernels } from './kernels.ts';

function noise(length: number, seed: number, width = 2): Float32Array {
  const stream = SeededStream.fromNumber(seed);
  return Float32Array.from({ length }, () => width * (2 * stream.nextUnit() - 1));
}

/** Bits, so that -0 and NaN count too. */
const bits = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

/** Lists of indices below `columns` as the arrays of a sparse matrix, and those of its transpose. */
function placeLists(k: Kernels, lists: number[][], columns: number) {
  const place = (rows: number[][]): [start: number, column: number] => {
    let end = 0;
    const start = [0, ...rows.map((row) => (end += row.length))];
    return [k.placeIndices(Uint32Array.from(start)), k.placeIndices(Uint32Array.from(rows.flat()))];
  };
  const back = Array.from({ length: columns }, (_, c) =>
    lists.flatMap((list, i) => list.filter((to) => to === c).map(() => i)),
  );
  return [...place(lists), ...place(back)] as const;
}

const graphs = fc.integer({ min: 1, max: 7 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    lists: fc.array(fc.array(fc.nat({ max: columns - 1 }), { maxLength: 5 }), { maxLength: 8 }),
    h: fc.integer({ min: 1, max: 27 }),
    seed: fc.nat(),
    cut: fc.nat({ max: 8 }),
  }),
);

describe('mean over neighbours against the plain TypeScript reference', () => {
  test('forward and backward give the same bits for any lists and width, however the rows are divided', () => {
    fc.assert(
      fc.property(graphs, ({ columns, lists, h, seed, cut }) => {
        const [x, dOut] = [noise(columns * h, seed), noise(lists.length * h, seed + 1)];
        const k = new Kernels();
        const [start, column, backStart, backColumn] = placeLists(k, lists, columns);
        const [px, pd] = [k.place(x), k.place(dOut)];
        const [out, dx] = [k.allocate(lists.length * h), k.allocate(columns * h)];
        const [low, high] = [Math.min(cut, lists.length), Math.min(cut, columns)];
        k.run.meanRows(start, column, px, out, low, lists.length, h);
        k.run.meanRows(start, column, px, out, 0, low, h);
        k.run.meanRowsBackward(backStart, backColumn, start, pd, dx, high, columns, h);
        k.run.meanRowsBackward(backStart, backColumn, start, pd, dx, 0, high, h);
        expect(k.view(out, lists.length * h)).toEqual(reference.meanRows(lists, x, h));
        expect(k.view(dx, columns * h)).toEqual(reference.meanRowsBackward(lists, dOut, columns, h));
      }),
    );
  });

  test('a row without neighbours is 0, and one neighbour is copied', () => {
    const k = new Kernels();
    const x = noise(3 * 9, 1);
    const [start, column] = placeLists(k, [[], [2], []], 3);
    const out = k.place(noise(27, 2));
    k.run.meanRows(start, column, k.place(x), out, 0, 3, 9);
    expect(k.view(out, 27)).toEqual(
      Float32Array.from([...Array(9).fill(0), ...x.subarray(18), ...Array(9).fill(0)]),
    );
  });
});

describe('gates of a recurrent unit against the plain TypeScript reference', () => {
  const sizes = fc.record({
    rows: fc.integer({ min: 0, max: 5 }),
    h: fc.integer({ min: 1, max: 19 }),
    seed: fc.nat(),
    width: fc.constantFrom(1e-4, 2, 200),
    cut: fc.nat({ max: 5 }),
  });

  test('forward gives the same bits for any size, however the rows are divided', () => {
    fc.assert(
      fc.property(sizes, ({ rows, h, seed, width, cut }) => {
        const [a, u] = [noise(rows * 3 * h, seed, width), noise(rows * 3 * h, seed + 1, width)];
        const state = noise(rows * h, seed + 2, 1);
        const k = new Kernels();
        const [pa, pu, ps, next] = [k.place(a), k.place(u), k.place(state), k.allocate(rows * h)];
        const first = Math.min(cut, rows);
        const [wide, narrow] = [first * 3 * h * 4, first * h * 4];
        k.run.gruForward(pa + wide, pu + wide, ps + narrow, next + narrow, rows - first, h);
        k.run.gruForward(pa, pu, ps, next, first, h);
        const want = reference.gruForward(a, u, state, h);
        expect(bits(k.view(pa, rows * 3 * h))).toEqual(bits(want.gates));
        expect(bits(k.view(next, rows * h))).toEqual(bits(want.next));
      }),
    );
  });

  test('backward gives the same bits for any size', () => {
    fc.assert(
      fc.property(sizes, ({ rows, h, seed, width }) => {
        const [a, u] = [noise(rows * 3 * h, seed, width), noise(rows * 3 * h, seed + 1, width)];
        const [state, up] = [noise(rows * h, seed + 2, 1), noise(rows * h, seed + 3)];
        const { gates } = reference.gruForward(a, u, state, h);
        const k = new Kernels();
        const [da, du, dState] = [k.allocate(a.length), k.allocate(a.length), k.allocate(rows * h)];
        k.run.gruBackward(k.place(gates), k.place(u), k.place(state), k.place(up), da, du, dState, rows, h);
        const want = reference.gruBackward(gates, u, state, up, h);
        expect(bits(k.view(da, a.length))).toEqual(bits(want.da));
        expect(bits(k.view(du, a.length))).toEqual(bits(want.du));
        expect(bits(k.view(dState, rows * h))).toEqual(bits(want.dState));
      }),
    );
  });
});

describe('tanh', () => {
  const k = new Kernels();
  const at = k.allocate(8);
  const out = k.allocate(8);
  const tanh = (values: Float32Array): Float32Array => {
    k.view(at, values.length).set(values);
    k.run.tanh(at, out, values.length);
    return k.view(out, values.length).slice();
  };

  test('has the bits of the reference and is the platform value within half a last place and a little', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 8, noNaN: true }), (values) => {
        const got = tanh(values);
        expect(bits(got)).toEqual(bits(values.map(reference.tanh)));
        values.forEach((v, i) => {
          const want = Math.tanh(v);
          // 2^-24 is half a last place of float32; below 2^-126 places are 2^-149 wide.
          expect(Math.abs((got[i] ?? NaN) - want)).toBeLessThanOrEqual(
            Math.abs(want) * 2 ** -24 * 1.000001 + 2 ** -150,
          );
        });
      }),
      { numRuns: 2000 },
    );
  });

  test('on both sides of where the series ends', () => {
    const near = Float32Array.from([0.0624999, 0.0625, 0.0625001, -0.0625, 0.1, 1, 9, 20]);
    tanh(near).forEach((v, i) => {
      expect(Math.abs(v / Math.tanh(near[i] ?? NaN) - 1)).toBeLessThan(2 ** -24 * 1.000001);
    });
  });

  test('of zeros, infinities and NaN is what IEEE 754 makes of them', () => {
    const got = tanh(Float32Array.from([0, -0, Infinity, -Infinity, NaN]));
    expect([...got]).toEqual([0, -0, 1, -1, NaN]);
  });
});

test('a dense product in two parts, columns of x one part after the other, has the bits of the whole', () => {
  fc.assert(
    fc.property(
      fc.record({
        n: fc.nat({ max: 5 }),
        first: fc.integer({ min: 1, max: 9 }),
        second: fc.integer({ min: 1, max: 9 }),
        h: fc.oneof(fc.integer({ min: 1, max: 21 }), fc.integer({ min: 120, max: 150 })),
        seed: fc.nat(),
      }),
      ({ n, first, second, h, seed }) => {
        const d = first + second;
        const [x, w, b] = [noise(n * d, seed), noise(d * h, seed + 1), noise(h, seed + 2)];
        const columns = (from: number, to: number): Float32Array =>
          x.filter((_, i) => i % d >= from && i % d < to);
        const k = new Kernels();
        const [pw, out] = [k.place(w), k.allocate(n * h)];
        k.run.denseForward(k.place(columns(0, first)), pw, k.place(b), out, n, first, h);
        k.run.denseAdd(k.place(columns(first, d)), pw + first * h * 4, out, n, second, h);
        expect(k.view(out, n * h)).toEqual(denseForward(x, w, b, n, d, h));
      },
    ),
  );
});

test('dense products give the same bits however the rows are divided', () => {
  const sizes = fc.record({
    n: fc.integer({ min: 0, max: 7 }),
    d: fc.integer({ min: 1, max: 20 }),
    h: fc.oneof(fc.integer({ min: 1, max: 21 }), fc.integer({ min: 120, max: 150 })),
    cut: fc.nat({ max: 7 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(sizes, ({ n, d, h, cut, seed }) => {
      const k = new Kernels();
      const place = (length: number, i: number): number => k.place(noise(length, seed + i));
      const [x, w, b, dz] = [place(n * d, 0), place(d * h, 1), place(h, 2), place(n * h, 3)];
      const divided = { out: k.allocate(n * h), dx: k.allocate(n * d) };
      const whole = { out: k.allocate(n * h), dx: k.allocate(n * d) };
      const part = (from: number, rows: number, to: typeof whole): void => {
        const [narrow, wide] = [from * d * 4, from * h * 4];
        k.run.denseForward(x + narrow, w, b, to.out + wide, rows, d, h);
        k.run.denseBackwardInput(dz + wide, w, to.dx + narrow, rows, d, h);
      };
      const first = Math.min(cut, n);
      part(first, n - first, divided);
      part(0, first, divided);
      part(0, n, whole);
      expect(k.view(divided.out, n * h)).toEqual(k.view(whole.out, n * h));
      expect(k.view(divided.dx, n * d)).toEqual(k.view(whole.dx, n * d));
    }),
  );
});

test('adding gives the same bits for any length', () => {
  fc.assert(
    fc.property(fc.nat({ max: 19 }), fc.nat(), (length, seed) => {
      const [sum, v] = [noise(length, seed), noise(length, seed + 1)];
      const k = new Kernels();
      const at = k.place(sum);
      k.run.add(at, k.place(v), length);
      expect(k.view(at, length)).toEqual(sum.map((s, i) => s + (v[i] ?? NaN)));
    }),
  );
});

test('memory that was given back in between is zero when it is had again, and overwritten at the end', () => {
  const k = Kernels.take();
  const mark = k.mark();
  const at = k.place(Float32Array.of(1, 2, 3));
  k.rewind(mark);
  expect(k.allocate(3)).toBe(at);
  expect([...k.view(at, 3)]).toEqual([0, 0, 0]);
  k.view(at, 3).fill(7);
  k.rewind(mark);
  const view = k.view(at, 3);
  k.release();
  expect([...view]).toEqual([0, 0, 0]);
});
