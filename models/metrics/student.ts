/** Student's t distribution for whole degrees of freedom, by its finite sums (Abramowitz and Stegun 1964, 26.7.3, 26.7.4). */
import { ModelError } from '../errors.ts';

/** P(|T| <= t) for t >= 0. */
function within(t: number, df: number): number {
  const angle = Math.atan(t / Math.sqrt(df));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = df % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = df === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < df; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}

/**
 * P(T <= t).
 * @param df degrees of freedom, 1 to 1,000,000
 * @throws ModelError VALUE_OUT_OF_RANGE
 */
export function studentCdf(t: number, df: number): number {
  check(df);
  const inside = within(Math.abs(t), df);
  return t < 0 ? (1 - inside) / 2 : (1 + inside) / 2;
}

/**
 * The t that half of `confidence` lies below on each side of zero: P(|T| <= t) = confidence, 0 < confidence < 1.
 * @param df degrees of freedom, 1 to 1,000,000
 * @throws ModelError VALUE_OUT_OF_RANGE
 */
export function studentQuantile(confidence: number, df: number): number {
  check(df);
  if (!(confidence > 0 && confidence < 1)) {
    throw new ModelError('VALUE_OUT_OF_RANGE', {
      expected: 'a confidence between 0 and 1',
      got: String(confidence),
      next: 'use .95',
    });
  }
  let [low, high] = [0, 1];
  while (within(high, df) < confidence) [low, high] = [high, 2 * high];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (within(middle, df) < confidence) low = middle;
    else high = middle;
  }
}

function check(df: number): void {
  if (Number.isInteger(df) && df >= 1 && df <= 1e6) return;
  throw new ModelError('VALUE_OUT_OF_RANGE', {
    expected: 'whole degrees of freedom from 1 to 1,000,000',
    got: String(df),
    next: 'give at least two values',
  });
}
