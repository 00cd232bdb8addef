import { seededStream } from '../../participant/train/seeded-stream.ts';

/** How the means of the groups become one update. */
export const ROBUST = ['median', 'trimmed-mean', 'geometric-median'] as const;
export type Robust = (typeof ROBUST)[number];

/** Group-robust aggregation: each group is opened as a sum of its own. */
export interface Aggregation {
  readonly kind: Robust;
  readonly groups: number;
}

/**
 * Contributors in groups as even as they can be, drawn for the round: by the seed here, by the randomness of the round's
 * transcript in a deployment.
 */
export function groupsOf<T>(members: readonly T[], groups: number, seed: number, round: number): T[][] {
  const stream = seededStream('groups', seed, round);
  const order = [...members];
  for (let i = order.length - 1; i > 0; i--) {
    const other = stream.nextBelow(i + 1);
    [order[i], order[other]] = [order[other] as T, order[i] as T];
  }
  const parts: T[][] = Array.from({ length: groups }, () => []);
  order.forEach((member, i) => parts[i % groups]?.push(member));
  return parts;
}

/**
 * One update out of those of the groups, each as long as the model. Median and trimmed mean are taken coordinate by
 * coordinate (Yin et al. 2018; the trimmed mean leaves the lowest and the highest out), the geometric median by Weiszfeld's
 * steps (Pillutla et al. 2022).
 */
export function combine(kind: Robust, updates: readonly Float64Array[]): Float64Array {
  const [first] = updates;
  if (first === undefined) return new Float64Array();
  if (kind === 'geometric-median') return geometricMedian(updates);
  const n = updates.length;
  return first.map((_, i) => {
    const values = updates.map((update) => update[i] ?? 0).toSorted((a, b) => a - b);
    const middle = (from: number, to: number) =>
      values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
    if (kind === 'trimmed-mean' && n > 2) return middle(1, n - 1);
    return middle(Math.floor((n - 1) / 2), Math.floor(n / 2) + 1);
  });
}

const STEPS = 50;
/** Keeps a step finite where it stands on one of the updates. */
const LEAST = 1e-9;

function geometricMedian(updates: readonly Float64Array[]): Float64Array {
  const mean = (weights: readonly number[]) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return Float64Array.from({ length: updates[0]?.length ?? 0 }, (_, i) =>
      updates.reduce((sum, update, j) => sum + ((weights[j] ?? 0) * (update[i] ?? 0)) / total, 0),
    );
  };
  let point = mean(updates.map(() => 1));
  for (let step = 0; step < STEPS; step++) {
    const from = point;
    const distance = (update: Float64Array) =>
      Math.sqrt(update.reduce((sum, value, i) => sum + (value - (from[i] ?? 0)) ** 2, 0));
    point = mean(updates.map((update) => 1 / Math.max(LEAST, distance(update))));
  }
  return point;
}
