import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../errors.ts';
import { Kernels } from '../kernels/kernels.ts';
import { ACTIVATIONS } from '../layers/activations.ts';
import { SeededStream } from '../seeded-stream.ts';
import { edgeScorerModel } from './edge-scorer.ts';
import { edgeScorer } from './feature-sets.ts';
import { checkLayered, type LayeredArchitecture, type LayerChoice } from './layered-architecture.ts';
import { layeredModel } from './layered-model.ts';
import { trainSteps } from './local-training.ts';
import type { BatchSource, DetectionModel } from './model.ts';

interface Case {
  readonly inputs: number;
  readonly layers: readonly LayerChoice[];
  readonly weights: number[];
  readonly rows: number[];
  readonly labels: number[];
  readonly importance: number[];
  readonly logits: number[];
  readonly loss: number;
  readonly gradient: number[];
  readonly after: number[];
}

/** From TensorFlow.js 4.22.0; test/vectors/layered_tfjs.js is how. */
const tfjs = JSON.parse(readFileSync(new URL('./vectors/layered_tfjs.json', import.meta.url), 'utf8')) as {
  readonly learningRate: number;
  readonly cases: Readonly<Record<string, Case>>;
};

const modelFor = (inputs: number, layers: readonly LayerChoice[]): DetectionModel =>
  layeredModel({ kind: 'layers', features: 'test', inputs, layers });

const sourceOf =
  ({ rows, labels, importance }: Pick<Case, 'rows' | 'labels' | 'importance'>): BatchSource =>
  (x, y, weight) => {
    x.set(rows);
    y.set(labels);
    weight.set(importance);
  };

/** Loss and gradient at these weights. */
function gradientOf(model: DetectionModel, weights: Float32Array, batch: number, source: BatchSource) {
  const k = new Kernels();
  const learner = model.learner(k, weights, batch);
  const loss = learner.step(source);
  return { loss, gradient: k.view(learner.gradient, model.length).slice() };
}

/** Largest difference. */
function worst(got: ArrayLike<number>, want: ArrayLike<number>): number {
  expect(got).toHaveLength(want.length);
  return Math.max(...Array.from(want, (value, i) => Math.abs((got[i] ?? NaN) - value)));
}

describe.each(Object.entries(tfjs.cases))('dense layers as in TensorFlow.js: %s', (_name, one) => {
  const model = modelFor(one.inputs, one.layers);
  const weights = Float32Array.from(one.weights);
  const batch = one.labels.length;

  it('score the same', () => {
    expect(model.length).toBe(one.weights.length);
    expect(worst(model.scores(weights, Float32Array.from(one.rows)), one.logits)).toBeLessThan(1e-6);
  });

  it('have the same loss and gradient, and the same weights after a step of Adam', () => {
    const { loss, gradient } = gradientOf(model, weights, batch, sourceOf(one));
    expect(Math.abs(loss - one.loss)).toBeLessThan(1e-6);
    expect(worst(gradient, one.gradient)).toBeLessThan(1e-6);
    const options = { steps: 1, batch, learningRate: tfjs.learningRate };
    const trained = trainSteps(model, weights, sourceOf(one), options);
    expect(worst(trained.weights, one.after)).toBeLessThan(1e-5);
    expect(worst(trained.weights, weights)).toBeGreaterThan(tfjs.learningRate / 2);
  });
});

describe('dense layers', () => {
  it('have the gradient that finite differences have, of any depth and width', () => {
    const hidden = fc.record({
      units: fc.integer({ min: 1, max: 9 }),
      activation: fc.constantFrom(...ACTIVATIONS),
    });
    const networks = fc.record({
      inputs: fc.integer({ min: 1, max: 7 }),
      hidden: fc.array(hidden, { maxLength: 4 }),
      seed: fc.integer({ min: 0, max: 1e6 }),
    });
    fc.assert(
      fc.property(networks, ({ inputs, hidden: before, seed }) => {
        const model = modelFor(inputs, [...before, { units: 1, activation: 'linear' }]);
        const stream = SeededStream.fromNumber(seed);
        const [n, weights] = [6, model.initialWeights(seed)];
        const rows = Array.from({ length: n * inputs }, () => 2 * stream.nextUnit() - 1);
        const data = { rows, labels: [0, 1, 0, 1, 1, 0], importance: [1, 2, 0, 1, 0.5, 1] };
        const { gradient } = gradientOf(model, weights, n, sourceOf(data));
        // Along a random direction; float32 leaves four digits, and relu may bend between the two points.
        const direction = weights.map(() => 2 * stream.nextUnit() - 1);
        const size = Math.hypot(...direction);
        const at = (step: number) =>
          gradientOf(
            model,
            weights.map((w, i) => w + (step * (direction[i] ?? 0)) / size),
            n,
            sourceOf(data),
          ).loss;
        const slope = gradient.reduce((sum, g, i) => sum + (g * (direction[i] ?? 0)) / size, 0);
        const bends = before.some(({ activation }) => activation === 'relu') ? 2e-2 : 2e-3;
        expect(Math.abs((at(5e-3) - at(-5e-3)) / 1e-2 - slope)).toBeLessThan(bends);
      }),
      { numRuns: 60 },
    );
  });

  it('of relu and one unit are the edge scorer, bit for bit: first weights, training, scores', () => {
    for (const hidden of [0, 5, 16]) {
      const edge = edgeScorerModel(edgeScorer({ features: 'edge-v1', hidden }));
      const first: LayerChoice[] = hidden === 0 ? [] : [{ units: hidden, activation: 'relu' }];
      const layers = modelFor(36, [...first, { units: 1, activation: 'linear' }]);
      const weights = layers.initialWeights(7);
      expect(weights).toEqual(edge.initialWeights(7));
      const stream = SeededStream.fromNumber(hidden);
      const x = Float32Array.from({ length: 36 * 20 }, () => stream.nextUnit());
      const source = sourceOf({
        rows: [...x],
        labels: Array.from({ length: 20 }, (_, i) => i % 2),
        importance: new Array<number>(20).fill(1),
      });
      const options = { steps: 5, batch: 20, learningRate: 0.01 };
      const [a, b] = [layers, edge].map((model) => trainSteps(model, weights, source, options));
      expect(a).toEqual(b);
      expect(layers.scores(weights, x)).toEqual(edge.scores(weights, x));
      expect(layers.body.length).toBe(edge.body.length);
    }
  });

  it('score more rows than fit at once as they score each alone', () => {
    const model = modelFor(3, [
      { units: 4, activation: 'tanh' },
      { units: 1, activation: 'linear' },
    ]);
    const weights = model.initialWeights(1);
    const stream = SeededStream.fromNumber(2);
    const rows = Float32Array.from({ length: 3 * 2500 }, () => stream.nextUnit());
    const all = model.scores(weights, rows);
    for (const i of [0, 1023, 1024, 2047, 2499]) {
      expect(model.scores(weights, rows.subarray(3 * i, 3 * i + 3))[0]).toBe(all[i]);
    }
    expect(model.scores(weights, new Float32Array())).toHaveLength(0);
  });

  it('of sizes that cannot be meant, or without one linear unit at the end, are refused', () => {
    const last: LayerChoice = { units: 1, activation: 'linear' };
    const bad: Partial<LayeredArchitecture>[] = [
      { layers: [] },
      { layers: [{ units: 2, activation: 'linear' }] },
      { layers: [{ units: 1, activation: 'sigmoid' }] },
      { layers: [{ units: 0, activation: 'relu' }, last] },
      { layers: [{ units: 1.5, activation: 'relu' }, last] },
      { layers: [{ units: 3, activation: 'elu' as never }, last] },
      { layers: Array.from({ length: 17 }, () => last) },
      { layers: [{ units: 65_536, activation: 'relu' }, { units: 65_536, activation: 'relu' }, last] },
      { inputs: 0 },
    ];
    const good = { kind: 'layers', features: 'test', inputs: 3, layers: [last] } as const;
    checkLayered(good);
    for (const part of bad) {
      expect(() => {
        checkLayered({ ...good, ...part });
      }).toThrow(ModelError);
    }
    expect(() => layeredModel(good).scores(new Float32Array(4), new Float32Array(4))).toThrow(ModelError);
    expect(() => layeredModel(good).scores(new Float32Array(5), new Float32Array(3))).toThrow(ModelError);
    expect(() => layeredModel(good).scores(Float32Array.of(1, NaN, 1, 1), new Float32Array(3))).toThrow(
      ModelError,
    );
  });
});
