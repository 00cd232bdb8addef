import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../crypto/public/canonical.ts';
import * as reference from '../../test/reference-kernels.ts';
import { ModelError } from '../errors.ts';
import { atOnce } from '../in-steps.ts';
import { SeededStream } from '../seeded-stream.ts';
import { applyUpdate } from './apply-update.ts';
import { tensorPlaces, weightCount, type EdgeScorerArchitecture } from './architecture.ts';
import { edgeScorerModel, forwardScores, initialWeights } from './edge-scorer.ts';
import { trainSteps } from './local-training.ts';
import { edgeScorer } from './feature-sets.ts';
import { localTraining } from './local-training.ts';
import { modelHash } from './model-hash.ts';
import { quantiserOffset, quantiserScale } from './quantiser.ts';

const small: EdgeScorerArchitecture = { kind: 'edge-scorer', features: 'edge-v1', inputs: 5, hidden: 7 };
const sha256 = (...parts: Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

function caught(run: () => unknown): ModelError {
  try {
    run();
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Loss of the whole network in float64, written without the kernels. */
function plainLoss(weights: number[], x: number[][], y: number[]): number {
  const { inputs: d, hidden: h } = small;
  const z = x.map((row) => {
    let logit = weights[d * h + 2 * h] ?? 0;
    for (let j = 0; j < h; j++) {
      let unit = weights[d * h + j] ?? 0;
      for (let k = 0; k < d; k++) unit += (row[k] ?? 0) * (weights[k * h + j] ?? 0);
      logit += Math.max(unit, 0) * (weights[d * h + h + j] ?? 0);
    }
    return logit;
  });
  return (
    z.reduce((sum, v, i) => sum - Math.log(y[i] === 1 ? reference.sigmoid(v) : reference.sigmoid(-v)), 0) /
    x.length
  );
}

describe('training', () => {
  const stream = SeededStream.fromNumber(7);
  const x = Array.from({ length: 9 }, () => Array.from({ length: 5 }, () => stream.nextUnit() * 4 - 2));
  const y = x.map((row) => ((row[0] ?? 0) * (row[1] ?? 0) > 0 ? 1 : 0));
  const source = (bx: Float32Array, by: Float32Array, weight: Float32Array): void => {
    bx.set(x.flat());
    by.set(y);
    weight.fill(1);
  };

  test('the first Adam step moves every weight against the sign of the finite-difference gradient', () => {
    const start = initialWeights(small, 3);
    const { weights, loss } = trainSteps(edgeScorerModel(small), start, source, {
      steps: 1,
      batch: 9,
      learningRate: 1e-3,
    });
    const base = Array.from(start);
    expect(loss).toBeCloseTo(plainLoss(base, x, y), 5);
    let checked = 0;
    for (let i = 0; i < base.length; i++) {
      const bump = (by: number): number => plainLoss(base.with(i, (base[i] ?? 0) + by), x, y);
      const slope = (bump(1e-6) - bump(-1e-6)) / 2e-6;
      if (Math.abs(slope) < 1e-4) continue;
      expect(((weights[i] ?? 0) - (base[i] ?? 0)) / -1e-3).toBeCloseTo(Math.sign(slope), 2);
      checked++;
    }
    expect(checked).toBeGreaterThan(20);
  });

  test('it learns a product of two inputs, which no linear scorer can', () => {
    const wide = { ...small, hidden: 24 };
    const draw = SeededStream.fromNumber(11);
    const fill = (bx: Float32Array, by: Float32Array, weight: Float32Array): void => {
      for (let i = 0; i < by.length; i++) {
        for (let k = 0; k < 5; k++) bx[i * 5 + k] = draw.nextUnit() * 2 - 1;
        by[i] = (bx[i * 5] ?? 0) * (bx[i * 5 + 1] ?? 0) > 0 ? 1 : 0;
      }
      weight.fill(1);
    };
    const { weights } = trainSteps(edgeScorerModel(wide), initialWeights(wide, 1), fill, {
      steps: 1500,
      batch: 64,
      learningRate: 0.01,
    });
    const [rows, labels] = [new Float32Array(2000 * 5), new Float32Array(2000)];
    fill(rows, labels, new Float32Array(2000));
    const right = forwardScores(wide, weights, rows).filter((v, i) => v > 0 === (labels[i] === 1)).length;
    expect(right / 2000).toBeGreaterThan(0.93);
  });

  test('another process gets the same bits', () => {
    const script = `
      const { edgeScorerModel, initialWeights, forwardScores } = await import('./models/detection/edge-scorer.ts');
      const { trainSteps } = await import('./models/detection/local-training.ts');
      const { SeededStream } = await import('./models/seeded-stream.ts');
      const a = ${JSON.stringify(small)};
      const draw = SeededStream.fromNumber(5);
      const fill = (x, y, w) => { x.forEach((_, i) => { x[i] = draw.nextUnit() * 4 - 2; }); y.forEach((_, i) => { y[i] = draw.nextBelow(2); }); w.fill(1); };
      const { weights } = trainSteps(edgeScorerModel(a), initialWeights(a, 9), fill, { steps: 40, batch: 33, learningRate: 0.01 });
      process.stdout.write(Buffer.from(weights.buffer).toString('hex'));`;
    const run = (): string =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const draw = SeededStream.fromNumber(5);
    const fill = (bx: Float32Array, by: Float32Array, weight: Float32Array): void => {
      for (let i = 0; i < bx.length; i++) bx[i] = draw.nextUnit() * 4 - 2;
      for (let i = 0; i < by.length; i++) by[i] = draw.nextBelow(2);
      weight.fill(1);
    };
    const here = trainSteps(edgeScorerModel(small), initialWeights(small, 9), fill, {
      steps: 40,
      batch: 33,
      learningRate: 0.01,
    });
    expect(run()).toBe(Buffer.from(here.weights.buffer).toString('hex'));
  });

  test('NaN in the weights is refused with tensor and index, before and after training', () => {
    const weights = initialWeights(small, 1);
    weights[5 * 7 + 2] = NaN;
    expect(caught(() => forwardScores(small, weights, new Float32Array(5)))).toMatchObject({
      code: 'NOT_FINITE',
      got: 'NaN at b1[2]',
    });
    const broken = caught(() =>
      trainSteps(edgeScorerModel(small), initialWeights(small, 1), (bx) => bx.fill(Infinity), {
        steps: 1,
        batch: 2,
        learningRate: 1,
      }),
    );
    expect(broken.code).toBe('NOT_FINITE');
  });

  test('rows of another width and weights of another length are refused', () => {
    const weights = initialWeights(small, 1);
    expect(caught(() => forwardScores(small, weights, new Float32Array(7))).code).toBe('SHAPE_MISMATCH');
    expect(caught(() => forwardScores(small, weights.subarray(1), new Float32Array(5))).code).toBe(
      'SHAPE_MISMATCH',
    );
    expect(caught(() => initialWeights({ ...small, hidden: -1 }, 1)).code).toBe('VALUE_OUT_OF_RANGE');
    expect(caught(() => edgeScorer({ features: 'edge-v9', hidden: 4 })).code).toBe('VALUE_OUT_OF_RANGE');
  });

  test('scores do not depend on how rows are grouped', () => {
    const weights = initialWeights(small, 2);
    const rows = Float32Array.from({ length: 5 * 2500 }, (_, i) => ((i * 37) % 101) / 50 - 1);
    const whole = forwardScores(small, weights, rows);
    expect(whole).toHaveLength(2500);
    expect(forwardScores(small, weights, rows.subarray(5 * 1500))).toEqual(whole.subarray(1500));
  });
});

describe('without a hidden layer', () => {
  const logistic: EdgeScorerArchitecture = { ...small, hidden: 0 };
  const stream = SeededStream.fromNumber(3);
  const [x, y] = [new Float32Array(12 * 5), new Float32Array(12)];
  x.forEach((_, i) => (x[i] = stream.nextUnit() * 2 - 1));
  y.forEach((_, i) => (y[i] = stream.nextBelow(2)));
  const logits = (weights: ArrayLike<number>) =>
    Array.from(y, (_, i) => {
      let z = weights[5] ?? NaN;
      for (let k = 0; k < 5; k++) z += (x[i * 5 + k] ?? 0) * (weights[k] ?? 0);
      return z;
    });

  test('it is a logistic model: inputs + 1 weights, a linear logit, and all of it is the output layer', () => {
    const model = edgeScorerModel(logistic);
    const weights = model.initialWeights(7);
    expect([model.length, weightCount(logistic), model.body.length]).toEqual([6, 6, 0]);
    expect(model.tensors.map(({ name }) => name)).toEqual(['W2', 'b2']);
    expect(weights[5]).toBe(0);
    expect(weights.subarray(0, 5).every((w) => w !== 0 && Math.abs(w) <= 1)).toBe(true);
    const scores = model.scores(weights, x);
    logits(weights).forEach((z, i) => {
      expect(scores[i]).toBeCloseTo(z, 5);
    });
  });

  test('a step of training goes down its gradient', () => {
    const model = edgeScorerModel(logistic);
    const weights = model.initialWeights(7);
    const source = (bx: Float32Array, by: Float32Array, weight: Float32Array): void => {
      bx.set(x);
      by.set(y);
      weight.fill(1);
    };
    const method = { solver: 'sgd', correction: new Float32Array(6) } as const;
    const once = { steps: 1, batch: 12, learningRate: 0.5 };
    const { weights: after, loss } = atOnce(localTraining(model, weights, source, once, method));
    const z = logits(weights);
    const off = z.map((value, i) => (reference.sigmoid(value) - (y[i] ?? 0)) / 12);
    const want = Array.from({ length: 6 }, (_, k) =>
      off.reduce((sum, value, i) => sum + value * (k < 5 ? (x[i * 5 + k] ?? 0) : 1), 0),
    );
    want.forEach((g, k) => {
      expect(after[k]).toBeCloseTo((weights[k] ?? 0) - 0.5 * g, 5);
    });
    const mean = z.reduce((sum, v, i) => sum - Math.log(reference.sigmoid(y[i] === 1 ? v : -v)), 0) / 12;
    expect(loss).toBeCloseTo(mean, 5);
  });
});

describe('weights', () => {
  test('the tensors cover the vector without gap', () => {
    const places = tensorPlaces(small);
    expect(places.map((p) => p.name)).toEqual(['W1', 'b1', 'W2', 'b2']);
    expect(places.at(-1)).toMatchObject({ offset: weightCount(small) - 1, length: 1 });
  });

  test('the same seed gives the same first weights, another seed others', () => {
    expect(initialWeights(small, 4)).toEqual(initialWeights(small, 4));
    expect(initialWeights(small, 4)).not.toEqual(initialWeights(small, 5));
  });

  test('the hash is SHA-256 over domain, RFC 8785 architecture and little-endian weights', () => {
    const weights = initialWeights(small, 4);
    const want = createHash('sha256')
      .update(`cordon/v1/model\0${canonicalJson({ ...small })}\0`)
      .update(Buffer.from(weights.buffer))
      .digest('hex');
    expect(modelHash(sha256, small, weights)).toBe(want);
  });
});

describe('applying an opened sum', () => {
  const quantiser = { clipNorm: 2, bits: 16 };
  const length = weightCount(small);
  const shape = edgeScorerModel(small);

  test('the mean of the updates is added', () => {
    const weights = initialWeights(small, 1);
    const [scale, offset] = [quantiserScale(quantiser), quantiserOffset(quantiser)];
    const sum = Uint32Array.from({ length }, (_, i) => 3 * offset + i - 20);
    const next = applyUpdate(shape, weights, sum, 3, quantiser);
    for (let i = 0; i < length; i++) {
      expect(next[i]).toBe(Math.fround((weights[i] ?? 0) + (i - 20) / (scale * 3)));
    }
  });

  test('an impossible sum, another length, no members and broken weights are refused', () => {
    const weights = initialWeights(small, 1);
    const sum = new Uint32Array(length).fill(3 * 65535);
    expect(applyUpdate(shape, weights, sum, 3, quantiser)).toHaveLength(length);
    expect(caught(() => applyUpdate(shape, weights, sum, 2, quantiser)).code).toBe('VALUE_OUT_OF_RANGE');
    expect(caught(() => applyUpdate(shape, weights, sum, 0, quantiser)).code).toBe('VALUE_OUT_OF_RANGE');
    expect(caught(() => applyUpdate(shape, weights, sum.subarray(1), 3, quantiser)).code).toBe(
      'SHAPE_MISMATCH',
    );
    expect(caught(() => applyUpdate(shape, weights, sum, 3, { clipNorm: 0, bits: 16 })).code).toBe(
      'VALUE_OUT_OF_RANGE',
    );
    weights[length - 1] = Infinity;
    expect(caught(() => applyUpdate(shape, weights, sum, 3, quantiser))).toMatchObject({
      code: 'NOT_FINITE',
      got: 'Infinity at b2[0]',
    });
  });
});
