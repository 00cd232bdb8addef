import type { SeededStream } from '../../models/seeded-stream.ts';

/** A standard normal number (Box and Muller 1958). */
function normal(stream: SeededStream): number {
  const radius = Math.sqrt(-2 * Math.log(1 - stream.nextUnit()));
  return radius * Math.cos(2 * Math.PI * stream.nextUnit());
}

/** A gamma number of scale 1 (Marsaglia and Tsang 2000), as its logarithm: a small shape gives numbers below the least float. */
function logGamma(shape: number, stream: SeededStream): number {
  if (shape < 1) return logGamma(shape + 1, stream) + Math.log(1 - stream.nextUnit()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(stream);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - stream.nextUnit();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

/** Shares that add up to 1, from a symmetric Dirichlet distribution. @param alpha above 0 */
export function dirichlet(count: number, alpha: number, stream: SeededStream): number[] {
  const logs = Array.from({ length: count }, () => logGamma(alpha, stream));
  const greatest = Math.max(...logs);
  const parts = logs.map((log) => Math.exp(log - greatest));
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
}
