import type { Kernels } from '../kernels/kernels.ts';

/** What a dense layer does with its sums. */
export const ACTIVATIONS = ['linear', 'relu', 'sigmoid', 'tanh'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** Puts values through in place. @param at byte offset of `length` values */
export function activate({ run }: Kernels, activation: Activation, at: number, length: number): void {
  if (activation === 'relu') run.relu(at, length);
  else if (activation === 'sigmoid') run.sigmoid(at, at, length);
  else if (activation === 'tanh') run.tanh(at, at, length);
}

/**
 * From the gradient of what came out to that of what went in, in place.
 * @param out byte offset of what came out; the same for all four
 */
export function activateBackward(
  k: Kernels,
  activation: Activation,
  out: number,
  gradient: number,
  length: number,
): void {
  if (activation === 'relu') k.run.reluBackward(out, gradient, length);
  if (activation === 'linear' || activation === 'relu') return;
  const [a, g] = [k.view(out, length), k.view(gradient, length)];
  for (let i = 0; i < length; i++) {
    const y = a[i] ?? NaN;
    // One rounding from float64 to float32, the same everywhere.
    g[i] = (g[i] ?? NaN) * (activation === 'tanh' ? 1 - y * y : y * (1 - y));
  }
}
