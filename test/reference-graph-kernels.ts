/**
 * The kernels of models/kernels/assembly/{lanes,gru,sparse}.ts again in plain TypeScript, same operations in the same
 * order: an oracle that must agree with the WebAssembly bit for bit.
 */
const f = Math.fround;

const [LN2_HIGH, LN2_LOW] = [6.9314718036912381649e-1, 1.90821492927058770002e-10];
/** Of the Taylor series of e^r, highest degree first. */
const EXP = [39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2, 1, 1].map(
  (factorial) => 1 / factorial,
);
const TANH = [62 / 2835, -17 / 315, 2 / 15, -1 / 3, 1];
/** Adding and subtracting 1.5 * 2^52 rounds to the nearest whole number, halves to even. */
const SHIFT = 1.5 * 2 ** 52;

function expNegative(x: number): number {
  const least = Math.max(x, -708);
  const k = least * Math.LOG2E + SHIFT - SHIFT;
  const r = least - k * LN2_HIGH - k * LN2_LOW;
  return EXP.reduce((sum, term) => sum * r + term) * 2 ** k;
}

/** Of a float32, rounded to one. */
export function sigmoid(x: number): number {
  const e = expNegative(-Math.abs(x));
  return f((x >= 0 ? 1 : e) / (1 + e));
}

/** Of a float32, rounded to one. */
export function tanh(x: number): number {
  const size = Math.abs(x);
  const e = expNegative(size * -2);
  const square = size * size;
  const value = size < 0.0625 ? size * TANH.reduce((sum, term) => sum * square + term) : (1 - e) / (1 + e);
  return f(x < 0 || Object.is(x, -0) ? -value : value);
}

/** The mean of the rows of x (h columns) that each list names. */
export function meanRows(lists: number[][], x: Float32Array, h: number): Float32Array {
  const out = new Float32Array(lists.length * h);
  lists.forEach((list, i) => {
    const scale = f(1 / list.length);
    for (let j = 0; j < h; j++) {
      let sum = 0;
      for (const c of list) sum = f(sum + (x[c * h + j] ?? NaN));
      out[i * h + j] = list.length > 0 ? f(sum * scale) : 0;
    }
  });
  return out;
}

/** Gradient of the `columns` rows of x for dOut. */
export function meanRowsBackward(
  lists: number[][],
  dOut: Float32Array,
  columns: number,
  h: number,
): Float32Array {
  const dx = new Float32Array(columns * h);
  lists.forEach((list, i) => {
    const scale = f(1 / list.length);
    for (const c of list) {
      for (let j = 0; j < h; j++) {
        dx[c * h + j] = f((dx[c * h + j] ?? NaN) + f((dOut[i * h + j] ?? NaN) * scale));
      }
    }
  });
  return dx;
}

/** Gates r, z, n (rows x 3h) and the next state (rows x h) from a = x W + bx and u = state U + bh. */
export function gruForward(
  a: Float32Array,
  u: Float32Array,
  state: Float32Array,
  h: number,
): { gates: Float32Array; next: Float32Array } {
  const gates = new Float32Array(a.length);
  const next = state.map((before, at) => {
    const base = Math.floor(at / h) * 3 * h + (at % h);
    const [ar = NaN, az = NaN, an = NaN] = [a[base], a[base + h], a[base + 2 * h]];
    const [ur = NaN, uz = NaN, un = NaN] = [u[base], u[base + h], u[base + 2 * h]];
    const [r, z] = [sigmoid(f(ar + ur)), sigmoid(f(az + uz))];
    const n = tanh(f(an + f(r * un)));
    gates[base] = r;
    gates[base + h] = z;
    gates[base + 2 * h] = n;
    return f(f(f(1 - z) * n) + f(z * before));
  });
  return { gates, next };
}

/** Gradients of a, of u, and of the state as far as it does not go through u. */
export function gruBackward(
  gates: Float32Array,
  u: Float32Array,
  state: Float32Array,
  dNext: Float32Array,
  h: number,
): { da: Float32Array; du: Float32Array; dState: Float32Array } {
  const [da, du] = [new Float32Array(u.length), new Float32Array(u.length)];
  const dState = state.map((before, at) => {
    const base = Math.floor(at / h) * 3 * h + (at % h);
    const [r = NaN, z = NaN, n = NaN] = [gates[base], gates[base + h], gates[base + 2 * h]];
    const up = dNext[at] ?? NaN;
    const dn = f(f(up * f(1 - z)) * f(1 - f(n * n)));
    const dz = f(f(up * f(before - n)) * f(z * f(1 - z)));
    const dr = f(f(dn * (u[base + 2 * h] ?? NaN)) * f(r * f(1 - r)));
    da.set([dr], base);
    da.set([dz], base + h);
    da.set([dn], base + 2 * h);
    du.set([dr], base);
    du.set([dz], base + h);
    du.set([f(dn * r)], base + 2 * h);
    return f(up * z);
  });
  return { da, du, dState };
}
