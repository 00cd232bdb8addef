import { expect, test } from 'vitest';
import { quadraticModel } from '../../test/quadratic-model.ts';
import { atOnce } from '../in-steps.ts';
import { SeededStream } from '../seeded-stream.ts';
import { edgeScorerModel } from './edge-scorer.ts';
import { localTraining } from './local-training.ts';

const source = (seed: number) => {
  const draw = SeededStream.fromNumber(seed);
  return (x: Float32Array, y: Float32Array, weight: Float32Array): void => {
    for (let i = 0; i < x.length; i++) x[i] = draw.nextUnit() * 2 - 1;
    for (let i = 0; i < y.length; i++) y[i] = (x[i * 5] ?? 0) > 0.2 ? 1 : 0;
    weight.fill(1);
  };
};
const model = edgeScorerModel({ kind: 'edge-scorer', features: 'none', inputs: 5, hidden: 6 });
const start = model.initialWeights(4);
const options = { steps: 20, batch: 16, learningRate: 0.01 };
const norm = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, i) => value - (b[i] ?? 0)));

test('with mu 0 the proximal term changes no bit; the greater mu, the nearer training stays to its start', () => {
  const trained = (mu: number) =>
    atOnce(
      localTraining(model, start, source(1), options, {
        solver: 'adam',
        proximal: { mu, over: model.length },
      }),
    );
  expect(trained(0)).toEqual(atOnce(localTraining(model, start, source(1), options, { solver: 'adam' })));
  const away = [0, 0.1, 1, 10].map((mu) => norm(trained(mu).weights, start));
  expect(away).toEqual(away.toSorted((a, b) => b - a));
  expect(away[3]).toBeLessThan(0.3 * (away[0] ?? 0));
});

test('with a proximal term training ends where loss and term together are least', () => {
  const [curvature, optimum] = [
    [2, 1, 0.5],
    [1, -2, 3],
  ];
  const from = Float32Array.of(0.5, 0.5, 0.5);
  const quadratic = quadraticModel(curvature, optimum);
  const slow = { steps: 6000, batch: 1, learningRate: 0.003 };
  const { weights } = atOnce(
    localTraining(quadratic, from, () => undefined, slow, { solver: 'adam', proximal: { mu: 1.5, over: 3 } }),
  );
  curvature.forEach((c, i) => {
    expect(weights[i]).toBeCloseTo((c * (optimum[i] ?? 0) + 1.5 * 0.5) / (c + 1.5), 2);
  });
});

test('a plain step goes down the gradient and its correction, each rounded once', () => {
  const quadratic = quadraticModel([2, 0.5], [1, -2]);
  const correction = Float32Array.of(0.25, -0.125);
  const from = Float32Array.of(0.3, 0.7);
  const once = { steps: 1, batch: 1, learningRate: 0.1 };
  const { weights } = atOnce(
    localTraining(quadratic, from, () => undefined, once, { solver: 'sgd', correction }),
  );
  const [a = 0, b = 0] = from;
  const gradient = Float32Array.of(2 * (a - 1), 0.5 * (b + 2));
  const corrected = gradient.map((value, i) => value + (correction[i] ?? 0));
  expect(weights).toEqual(Float32Array.of(a - 0.1 * (corrected[0] ?? 0), b - 0.1 * (corrected[1] ?? 0)));
  const short = localTraining(quadratic, from, () => undefined, once, {
    solver: 'sgd',
    correction: new Float32Array(1),
  });
  expect(() => atOnce(short)).toThrow(/SHAPE_MISMATCH/);
});

test('plain steps with the proximal term end where its optimum is, too', () => {
  const curvature = [2, 0.5, 1];
  const optimum = [1, -2, 0.5];
  const quadratic = quadraticModel(curvature, optimum);
  const slow = { steps: 400, batch: 1, learningRate: 0.05 };
  const { weights } = atOnce(
    localTraining(quadratic, new Float32Array(3).fill(0.5), () => undefined, slow, {
      solver: 'sgd',
      proximal: { mu: 1.5, over: 3 },
    }),
  );
  curvature.forEach((c, i) => {
    expect(weights[i]).toBeCloseTo((c * (optimum[i] ?? 0) + 1.5 * 0.5) / (c + 1.5), 5);
  });
});
