import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as reference from '../../test/reference-kernels.ts';
import { SeededStream } from '../seeded-stream.ts';
import { Kernels } from './kernels.ts';

const torch = JSON.parse(
  gunzipSync(readFileSync(new URL('./vectors/models-torch.json.gz', import.meta.url))).toString('utf8'),
) as {
  mlp: {
    x: number[][];
    y: number[][];
    W1: number[][];
    b1: number[];
    W2: number[][];
    b2: number[];
    logits: number[][];
    loss: number;
    grad: { W1: number[][]; b1: number[]; W2: number[][]; b2: number[] };
  };
  adam: {
    lr: number;
    beta1: number;
    beta2: number;
    eps: number;
    start: number[];
    steps: { grad: number[]; p: number[] }[];
  };
};

function noise(length: number, seed: number): Float32Array {
  const stream = SeededStream.fromNumber(seed);
  return Float32Array.from({ length }, () => stream.nextUnit() * 4 - 2);
}

function worst(got: ArrayLike<number>, want: ArrayLike<number>): number {
  expect(got.length).toBe(want.length);
  let most = 0;
  for (let i = 0; i < want.length; i++) most = Math.max(most, Math.abs((got[i] ?? NaN) - (want[i] ?? NaN)));
  return most;
}

function dimensions(n: number, d: [min: number, max: number], h: [min: number, max: number]) {
  const from = ([min, max]: [number, number]) => fc.integer({ min, max });
  return fc.record({ n: from([0, n]), d: from(d), h: from(h), seed: fc.nat() });
}

/** Small ones; hidden layers of more columns than a tile has; output layers of one column. */
const sizes = fc.oneof(
  dimensions(6, [1, 11], [1, 11]),
  dimensions(3, [1, 5], [12, 300]),
  dimensions(3, [1000, 1100], [1, 1]),
);

describe('kernels against the plain TypeScript reference', () => {
  test('dense forward and backward give the same bits for any size, tails included', () => {
    fc.assert(
      fc.property(sizes, ({ n, d, h, seed }) => {
        const [x, w, b, dz] = [
          noise(n * d, seed).map((v) => (v < 0 ? 0 : v)), // as relu leaves them
          noise(d * h, seed + 1),
          noise(h, seed + 2),
          noise(n * h, seed + 3),
        ];
        const k = new Kernels();
        const [px, pw, pb, pz] = [k.place(x), k.place(w), k.place(b), k.place(dz)];
        const [out, dw, db, dx] = [k.allocate(n * h), k.allocate(d * h), k.allocate(h), k.allocate(n * d)];
        k.run.denseForward(px, pw, pb, out, n, d, h);
        k.run.denseBackwardWeights(px, pz, dw, db, n, d, h);
        k.run.denseBackwardInput(pz, pw, dx, n, d, h);
        expect(k.view(out, n * h)).toEqual(reference.denseForward(x, w, b, n, d, h));
        const want = reference.denseBackwardWeights(x, dz, n, d, h);
        expect(k.view(dw, d * h)).toEqual(want.dw);
        expect(k.view(db, h)).toEqual(want.db);
        expect(k.view(dx, n * d)).toEqual(reference.denseBackwardInput(dz, w, n, d, h));
      }),
    );
  });

  test('relu and its gradient give the same bits for any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.nat(), (length, seed) => {
        const [a, g] = [noise(length, seed), noise(length, seed + 1)];
        const k = new Kernels();
        const [pa, pg] = [k.place(a), k.place(g)];
        k.run.relu(pa, length);
        k.run.reluBackward(pa, pg, length);
        expect(k.view(pa, length)).toEqual(a.map((v) => Math.max(v, 0)));
        expect(k.view(pg, length)).toEqual(g.map((v, i) => ((a[i] ?? 0) > 0 ? v : 0)));
      }),
    );
  });

  test('Adam gives the same bits over many steps for any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 21 }), fc.nat(), (length, seed) => {
        const state = {
          w: noise(length, seed),
          m: new Float32Array(length),
          v: new Float32Array(length),
        };
        const options = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        const k = new Kernels();
        const [w, g, m, v] = [k.place(state.w), k.allocate(length), k.allocate(length), k.allocate(length)];
        let [power1, power2] = [1, 1];
        for (let step = 1; step <= 5; step++) {
          const grad = noise(length, seed + step);
          power1 *= options.beta1;
          power2 *= options.beta2;
          k.view(g, length).set(grad);
          k.run.adam(w, g, m, v, length, 0.01, 0.9, 0.999, 1e-8, 1 - power1, 1 - power2);
          reference.adam(state, grad, options, 1 - power1, 1 - power2);
        }
        expect(k.view(w, length)).toEqual(state.w);
      }),
    );
  });

  test('the software exp, log and sigmoid agree with the platform to 1e-15 relative', () => {
    const { run } = new Kernels();
    fc.assert(
      fc.property(fc.double({ min: -700, max: 0, noNaN: true }), (x) => {
        expect(Math.abs(run.expNegative(x) / Math.exp(x) - 1)).toBeLessThan(1e-15);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1, noNaN: true }), (u) => {
        expect(Math.abs(run.logOnePlus(u) / Math.log1p(u) - 1)).toBeLessThan(1e-15);
      }),
    );
    expect(run.expNegative(0)).toBe(1);
    expect(run.expNegative(-1000)).toBe(0);
    expect(run.logOnePlus(0)).toBe(0);
  });

  test('weighted cross-entropy with logits agrees and stays finite at extreme logits', () => {
    const z = Float32Array.from([-1e30, -90, -1, 0, 0.5, 80, 1e30]);
    const y = Float32Array.from([0, 1, 1, 0, 1, 0, 1]);
    const weight = Float32Array.from([1, 0.5, 2, 1, 0, 1, 3]);
    const k = new Kernels();
    const [pz, py, pw, grad, p] = [k.place(z), k.place(y), k.place(weight), k.allocate(7), k.allocate(7)];
    const loss = k.run.bceWithLogits(pz, py, pw, grad, 7);
    const want = reference.bceWithLogits(z, y, weight);
    expect(loss).toBeCloseTo(want.loss, 12);
    expect(worst(k.view(grad, 7), want.grad)).toBeLessThan(1e-7);
    k.run.sigmoid(pz, p, 7);
    expect(worst(k.view(p, 7), Array.from(z, reference.sigmoid))).toBeLessThan(1e-7);
  });

  test('no positive weight gives loss 0 and gradient 0, not NaN', () => {
    const k = new Kernels();
    const [z, y, w, grad] = [k.place(noise(3, 1)), k.allocate(3), k.allocate(3), k.allocate(3)];
    expect(k.run.bceWithLogits(z, y, w, grad, 3)).toBe(0);
    expect([...k.view(grad, 3)]).toEqual([0, 0, 0]);
  });
});

describe('kernels against PyTorch (float64)', () => {
  test('MLP: logits, loss and every gradient', () => {
    const { mlp } = torch;
    const [n, d, h] = [mlp.x.length, mlp.W1.length, mlp.b1.length];
    const k = new Kernels();
    const place = (values: number[]): number => k.place(Float32Array.from(values));
    const [x, y, one] = [place(mlp.x.flat()), place(mlp.y.flat()), place(Array<number>(n).fill(1))];
    const [w1, b1, w2, b2] = [place(mlp.W1.flat()), place(mlp.b1), place(mlp.W2.flat()), place(mlp.b2)];
    const [a, z, dz, da] = [k.allocate(n * h), k.allocate(n), k.allocate(n), k.allocate(n * h)];
    const [g1, gb1, g2, gb2] = [k.allocate(d * h), k.allocate(h), k.allocate(h), k.allocate(1)];
    k.run.denseForward(x, w1, b1, a, n, d, h);
    k.run.relu(a, n * h);
    k.run.denseForward(a, w2, b2, z, n, h, 1);
    const loss = k.run.bceWithLogits(z, y, one, dz, n);
    k.run.denseBackwardWeights(a, dz, g2, gb2, n, h, 1);
    k.run.denseBackwardInput(dz, w2, da, n, h, 1);
    k.run.reluBackward(a, da, n * h);
    k.run.denseBackwardWeights(x, da, g1, gb1, n, d, h);
    expect(worst(k.view(z, n), mlp.logits.flat())).toBeLessThan(2e-6);
    expect(loss).toBeCloseTo(mlp.loss, 6);
    expect(worst(k.view(g1, d * h), mlp.grad.W1.flat())).toBeLessThan(1e-6);
    expect(worst(k.view(gb1, h), mlp.grad.b1)).toBeLessThan(1e-6);
    expect(worst(k.view(g2, h), mlp.grad.W2.flat())).toBeLessThan(1e-6);
    expect(worst(k.view(gb2, 1), mlp.grad.b2)).toBeLessThan(1e-6);
  });

  test('Adam: five steps', () => {
    const { adam } = torch;
    const length = adam.start.length;
    const k = new Kernels();
    const w = k.place(Float32Array.from(adam.start));
    const [g, m, v] = [k.allocate(length), k.allocate(length), k.allocate(length)];
    let [power1, power2] = [1, 1];
    for (const step of adam.steps) {
      power1 *= adam.beta1;
      power2 *= adam.beta2;
      k.view(g, length).set(step.grad);
      k.run.adam(w, g, m, v, length, adam.lr, adam.beta1, adam.beta2, adam.eps, 1 - power1, 1 - power2);
      expect(worst(k.view(w, length), step.p)).toBeLessThan(1e-6);
    }
  });
});

test('too large a tensor is refused with its size', () => {
  expect(() => new Kernels().allocate(2 ** 31)).toThrow(/4 GiB/);
});

describe('an instance that was given back', () => {
  test('is had again, empty and overwritten', () => {
    const first = Kernels.take();
    const at = first.place(Float32Array.of(1, 2, 3));
    const view = first.view(at, 3);
    first.release();
    expect([...view]).toEqual([0, 0, 0]);
    const second = Kernels.take();
    expect(second).toBe(first);
    expect(second.allocate(4)).toBe(at);
    // Not by two at once.
    expect(Kernels.take()).not.toBe(second);
  });

  test('and once more by mistake, is not given to two at once', () => {
    const one = Kernels.take();
    one.release();
    one.release();
    expect(Kernels.take()).not.toBe(Kernels.take());
  });

  test('is not kept where its memory has grown large', () => {
    const large = Kernels.take();
    large.allocate(2_000_000);
    large.release();
    expect(Kernels.take()).not.toBe(large);
  });
});
