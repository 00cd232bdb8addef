/**
 * The aggregator that Entente's authors call Momentum (Xu et al. 2026, "Entente: Cross-silo Intrusion Detection on Network
 * Log Graphs with Federated Learning"), by the code that they publish (uci-dsp-lab/ENTENTE, `fl_utils.py`), as a baseline:
 * updates are cut to a norm M and averaged with the weights 0.8 s_i / sum s + 0.2 exp(p_i) / sum exp(p), where p_i is the
 * sum over tensors of the cosine of the cosine similarity between the member's weights and the global ones, times the norm
 * of its update.
 *
 * Three things are not theirs. s_i, the similarity of the member's graph to a random reference graph, is taken as equal for
 * all: the edge scorer has no such graph. Their average counts the first client twice; this one does not. And nobody sees
 * single weights here, so a member weighs its own update: it sends g_i d_i and, behind it, g_i = 1 - share +
 * share exp(p_i) / R, R being the mean of exp(p) in the round before, and the sum of the one is divided by the sum of the
 * other. With R of the same round that is their rule; R moves little from one round to the next.
 */
import { Kernels } from '../kernels/kernels.ts';
import type { ModelShape } from '../detection/model.ts';

/** exp(p_i) / R is cut here: what one member can claim for itself. */
const MOST = 4;
/** M, of the clipping norm: at a share of 0.2 what is sent stays within that norm, whatever a member claims. */
const BOUND = 0.6;
/** Clipping norm by the value that stands for a weight of 1. */
const UNIT = 8;

/**
 * What a member sends: its update, cut and weighed, and the weight.
 * @param before,after shared weights before and after its steps, `shape.length` values
 * @param mean R
 */
export function weighedUpdate(
  shape: ModelShape,
  before: Float32Array,
  after: Float32Array,
  { share, clipNorm, mean }: { readonly share: number; readonly clipNorm: number; readonly mean: number },
): Float32Array {
  const norm = Math.sqrt(dot(before, after, (w, v) => (v - w) * (v - w)));
  const bound = BOUND * clipNorm;
  const cut = norm > bound ? bound / norm : 1;
  const claim = Math.min(MOST, exponential(alignment(shape, before, after) * norm * cut) / mean);
  const weight = 1 - share + share * claim;
  const sent = new Float32Array(shape.length + 1);
  for (let i = 0; i < shape.length; i++) sent[i] = weight * cut * ((after[i] ?? 0) - (before[i] ?? 0));
  sent[shape.length] = (weight * clipNorm) / UNIT;
  return sent;
}

/** Mean of the weights, from the mean of what stands for them; not further than honest members could move it. */
export function meanWeights(
  behind: number,
  share: number,
): { readonly weight: number; readonly contribution: number } {
  const least = 1 / MOST ** 2;
  const contribution = Math.min(MOST, Math.max(least, (behind - (1 - share)) / share));
  return { weight: 1 - share + share * contribution, contribution };
}

/** What stands for a mean weight, as a number of weights. @param mean in units of the update */
export function weightOf(mean: number, clipNorm: number): number {
  return (mean * UNIT) / clipNorm;
}

/** Sum over tensors of cos(cosine similarity); a tensor of zeros counts nothing. */
function alignment({ tensors }: ModelShape, before: Float32Array, after: Float32Array): number {
  let sum = 0;
  for (const { offset, length } of tensors) {
    const [a, b] = [before.subarray(offset, offset + length), after.subarray(offset, offset + length)];
    const norms = Math.sqrt(dot(a, a, product)) * Math.sqrt(dot(b, b, product));
    if (norms > 0) sum += cosine(dot(a, b, product) / norms);
  }
  return sum;
}

const product = (a: number, b: number): number => a * b;

function dot(a: Float32Array, b: Float32Array, of: (a: number, b: number) => number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += of(a[i] ?? 0, b[i] ?? 0);
  return sum;
}

/** cos x for -1 <= x <= 1 by its Taylor series, which every machine rounds alike; the error is below 1e-15. */
function cosine(x: number): number {
  let sum = 1;
  for (let term = 18; term > 0; term -= 2) sum = 1 - ((x * x) / (term * (term - 1))) * sum;
  return sum;
}

let kernels: Kernels | undefined;

/** e^x for x >= 0, by the kernel that every machine rounds alike. */
function exponential(x: number): number {
  return 1 / (kernels ??= new Kernels()).run.expNegative(-x);
}
