/**
 * The kernels of models/kernels/assembly/index.ts again in plain TypeScript, same operations in the same order, each rounded to
 * float32: an oracle that must agree with the WebAssembly bit for bit.
 */
const f = Math.fround;

/** Matrix product with bias: x[n x d] . w[d x h] + b[h]. */
export function denseForward(
  x: Float32Array,
  w: Float32Array,
  b: Float32Array,
  n: number,
  d: number,
  h: number,
): Float32Array {
  const out = new Float32Array(n * h);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < h; j++) {
      let sum = b[j] ?? 0;
      for (let k = 0; k < d; k++) sum = f(sum + f((x[i * d + k] ?? 0) * (w[k * h + j] ?? 0)));
      out[i * h + j] = sum;
    }
  }
  return out;
}

/** Gradients of weights (d x h) and bias (h) for upstream dz (n x h). */
export function denseBackwardWeights(
  x: Float32Array,
  dz: Float32Array,
  n: number,
  d: number,
  h: number,
): { dw: Float32Array; db: Float32Array } {
  const dw = new Float32Array(d * h);
  const db = new Float32Array(h);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < h; j++) {
      const up = dz[i * h + j] ?? 0;
      for (let k = 0; k < d; k++) dw[k * h + j] = f((dw[k * h + j] ?? 0) + f((x[i * d + k] ?? 0) * up));
      db[j] = f((db[j] ?? 0) + up);
    }
  }
  return { dw, db };
}

/** Gradient of the input: dz[n x h] . wT, four partial sums and then the tail, as the SIMD lanes add. */
export function denseBackwardInput(
  dz: Float32Array,
  w: Float32Array,
  n: number,
  d: number,
  h: number,
): Float32Array {
  const dx = new Float32Array(n * d);
  const whole = h - (h % 4);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < d; k++) {
      const lanes = new Float32Array(4);
      const term = (j: number): number => f((dz[i * h + j] ?? 0) * (w[k * h + j] ?? 0));
      for (let j = 0; j < whole; j++) lanes[j % 4] = f((lanes[j % 4] ?? 0) + term(j));
      const [l0 = 0, l1 = 0, l2 = 0, l3 = 0] = lanes;
      let sum = f(f(l0 + l1) + f(l2 + l3));
      for (let j = whole; j < h; j++) sum = f(sum + term(j));
      dx[i * d + k] = sum;
    }
  }
  return dx;
}

export function sigmoid(z: number): number {
  const e = Math.exp(-Math.abs(z));
  return (z >= 0 ? 1 : e) / (1 + e);
}

/** Weighted mean binary cross-entropy and its gradient, float64. */
export function bceWithLogits(
  z: Float32Array,
  y: Float32Array,
  weight: Float32Array,
): { loss: number; grad: number[] } {
  let total = 0;
  for (const w of weight) total += w;
  const inverse = total > 0 ? 1 / total : 0;
  let loss = 0;
  const grad = Array.from(z, (value, i) => {
    const w = (weight[i] ?? 0) * inverse;
    const label = y[i] ?? 0;
    loss += w * (Math.max(value, 0) - value * label + Math.log1p(Math.exp(-Math.abs(value))));
    return w * (sigmoid(value) - label);
  });
  return { loss, grad };
}

/** One step of Adam in place, float32. */
export function adam(
  state: { w: Float32Array; m: Float32Array; v: Float32Array },
  g: Float32Array,
  options: { rate: number; beta1: number; beta2: number; epsilon: number },
  correction1: number,
  correction2: number,
): void {
  const [rate, b1, b2] = [f(options.rate), f(options.beta1), f(options.beta2)];
  const [epsilon, c1, c2] = [f(options.epsilon), f(correction1), f(correction2)];
  for (let i = 0; i < g.length; i++) {
    const gi = g[i] ?? 0;
    const m = f(f(b1 * (state.m[i] ?? 0)) + f(f(1 - b1) * gi));
    const v = f(f(b2 * (state.v[i] ?? 0)) + f(f(1 - b2) * f(gi * gi)));
    state.m[i] = m;
    state.v[i] = v;
    const root = f(f(Math.sqrt(f(v / c2))) + epsilon);
    state.w[i] = f((state.w[i] ?? 0) - f(f(rate * f(m / c1)) / root));
  }
}

/** Sum of squares in float64: four partial sums by place modulo 4, added as (0 + 1) + (2 + 3). */
export function sumOfSquares(x: Float32Array): number {
  const lanes = [0, 0, 0, 0];
  x.forEach((v, i) => {
    lanes[i % 4] = (lanes[i % 4] ?? 0) + v * v;
  });
  const [a = 0, b = 0, c = 0, d = 0] = lanes;
  return a + b + (c + d);
}

/** An update as whole numbers: value times factor, rounded up where bit / 2^32 is below the rest, cut and shifted. */
export function quantise(
  x: Float32Array,
  bits: Uint32Array,
  factor: number,
  offset: number,
): { values: number[]; squares: number; saturated: number } {
  let [squares, saturated] = [0, 0];
  const values = Array.from(x, (value, i) => {
    const scaled = value * factor;
    const floor = Math.floor(scaled);
    const rounded = floor + ((bits[i] ?? 0) / 2 ** 32 < scaled - floor ? 1 : 0);
    const kept = Math.min(Math.max(rounded, -offset), offset - 1);
    squares += rounded * rounded;
    if (kept !== rounded) saturated++;
    return kept + offset;
  });
  return { values, squares, saturated };
}
