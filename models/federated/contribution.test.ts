import { describe, expect, test } from 'vitest';
import { quantiserOffset, quantiserScale } from '../detection/quantiser.ts';
import { meanWeights, weighedUpdate } from './contribution.ts';
import { FederatedModel } from './federated-model.ts';
import { sentUpdate } from './own-state.ts';

const task = {
  seed: 1,
  model: { kind: 'edge-scorer', features: 'edge-v1', hidden: 0 } as const,
  training: { steps: 5, learningRate: 0.01 },
  quantiser: { clipNorm: 4, bits: 22 },
  optimiser: { kind: 'entente', share: 0.2 } as const,
};
const federated = new FederatedModel(task, 3);
const { length } = federated.shape;
const [scale, offset] = [quantiserScale(task.quantiser), quantiserOffset(task.quantiser)];

const start = Float32Array.from({ length }, (_, i) => (i < 36 ? Math.sin(1 + i) : 0));
const trained = [0.05, 0.2, 0.6].map((size, m) => start.map((w, i) => w + size * Math.cos((m + 2) * i + m)));

function sumOf(mean: number, sizes = trained): Uint32Array {
  const sum = new Uint32Array(length + 1);
  for (const weights of sizes) {
    const delta = weights.map((w, i) => w - (start[i] ?? 0));
    const state = [start, Float32Array.of(mean)] as const;
    const sent = sentUpdate({ federated, state, own: null }, task, { weights, delta });
    expect(Math.hypot(...sent)).toBeLessThanOrEqual(4);
    sent.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + Math.round(value * scale + offset)));
  }
  return sum;
}

describe("Entente's contribution scaling", () => {
  test("with this round's mean it is the published rule", () => {
    // By numpy 2.4.6 in float64: M = 2.4, similarities equal, weights 0.8 / 3 + 0.2 softmax of cos(cosine) times norm.
    const mean = 2.526571486250621;
    const [weights, after] = federated.next([start, Float32Array.of(mean)], sumOf(mean), 3, false);
    const want = [0.798202682, 0.963172965, 1.019971065, -1.11795135, -0.03172355];
    [0, 7, 20, 35, 36].forEach((i, at) => {
      expect(weights[i]).toBeCloseTo(want[at] ?? NaN, 5);
    });
    expect(after?.[0]).toBeCloseTo(mean, 4);
  });

  test('with the mean of the round before it is near, and the next round has the right one', () => {
    // The first round, of which nothing is known, and one whose mean is a tenth off.
    for (const [mean, near] of [
      [1, 2],
      [2.75, 2.526571],
    ] as const) {
      const [, after] = federated.next([start, Float32Array.of(mean)], sumOf(mean), 3, false);
      expect(after?.[0]).toBeGreaterThan(near - 1e-3);
      expect(after?.[0]).toBeLessThan(2.5266);
    }
  });

  test('members that changed alike get the plain mean, whatever the round before was like', () => {
    const alike = [trained[1], trained[1], trained[1]].flatMap((one) => one ?? []);
    const [weights] = federated.next([start], sumOf(1, alike), 3, true);
    trained[1]?.forEach((w, i) => {
      expect(weights[i]).toBeCloseTo(w, 5);
    });
  });

  test('nobody claims more than four times the mean, and no sum moves the mean weight further than honest ones could', () => {
    const far = start.map((w) => w + 10);
    const sent = weighedUpdate(federated.shape, start, far, { share: 0.5, clipNorm: 4, mean: 1e-3 });
    expect(sent[length]).toBeCloseTo((0.5 + 0.5 * 4) / 2, 6);
    expect(Math.hypot(...sent.subarray(0, length))).toBeCloseTo(2.5 * 2.4, 5);
    expect(meanWeights(99, 0.2)).toEqual({ weight: 0.8 + 0.2 * 4, contribution: 4 });
    expect(meanWeights(-99, 0.2)).toEqual({ weight: 0.8 + 0.2 / 16, contribution: 1 / 16 });
    expect(meanWeights(1, 0.2).contribution).toBeCloseTo(1, 12);
  });
});
