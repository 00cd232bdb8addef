import type { Kernels } from '../models/kernels/kernels.ts';
import { type DetectionModel, type Learner, shapeOf } from '../models/detection/model.ts';

/**
 * A model whose loss is known in full: 1/2 sum of curvature_i (w_i - optimum_i)^2, whatever the batch. With it what
 * training converges to can be worked out by hand.
 */
export function quadraticModel(curvature: readonly number[], optimum: readonly number[]): DetectionModel {
  const { length } = optimum;
  const shape = shapeOf([{ name: 'w', offset: 0, length }]);
  return {
    ...shape,
    architecture: { kind: 'edge-scorer', features: 'none', inputs: length - 1, hidden: 0 },
    body: shape,
    initialWeights: () => new Float32Array(length),
    scores: (weights) => weights,
    learner: (k: Kernels, start: Float32Array): Learner => {
      const [weights, gradient] = [k.place(start), k.allocate(length)];
      return {
        weights,
        gradient,
        step: () => {
          const [w, g] = [k.view(weights, length), k.view(gradient, length)];
          let loss = 0;
          for (let i = 0; i < length; i++) {
            const away = (w[i] ?? 0) - (optimum[i] ?? 0);
            g[i] = (curvature[i] ?? 0) * away;
            loss += 0.5 * (curvature[i] ?? 0) * away * away;
          }
          return loss;
        },
      };
    },
  };
}
