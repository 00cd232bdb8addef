import { CryptoError } from './errors.ts';
import { combineField } from './kernels/ring.ts';
import { lagrangeFactors } from './lagrange.ts';
import { BINOMIAL_PAIRS, N, SHARE_PRIME } from './params.ts';

/** One committee member's answer, decoded: its point of the polynomial whose value at 0 is K. */
export interface ShareSum {
  /** Shamir x-coordinate, 1..m. */
  readonly committeeIndex: number;
  /** 4,096 elements of F_131071. */
  readonly shareSum: Uint32Array;
}

/**
 * Answers that do not lie on one polynomial of degree t - 1 with the others: none, or up to floor((answers - t) / 2),
 * as many as can be named with certainty (unique decoding of the Reed-Solomon code).
 *
 * Every coefficient is a codeword of its own. One in which the answers contradict each other is decoded by itself, which
 * names some of the wrong answers; without them the rest is looked at again. So whole vectors are compared at most once
 * an error, and subsets of the answers are tried on single numbers.
 * @returns committee indices of the wrong answers, ascending, or null when the answers contradict each other but cannot be
 *   told apart
 */
export function findWrongAnswers(threshold: number, answers: readonly ShareSum[]): number[] | null {
  checkAnswers(threshold, answers);
  const most = Math.floor((answers.length - threshold) / 2);
  const wrong: number[] = [];
  for (let rest = answers; ;) {
    const at = contradiction(threshold, rest);
    if (at === null) return wrong.sort((x, y) => x - y);
    const points = rest.map(({ committeeIndex, shareSum }) => [committeeIndex, shareSum[at] ?? 0] as const);
    const found = decode(threshold, points);
    if (found === null || wrong.length + found.length > most) return null;
    wrong.push(...found);
    rest = rest.filter(({ committeeIndex }) => !found.includes(committeeIndex));
  }
}

/** The least set of points that leaves the others on one polynomial, if it is small enough to be the only one. */
function decode(threshold: number, points: readonly Point[]): number[] | null {
  for (let errors = 1; errors <= Math.floor((points.length - threshold) / 2); errors++) {
    for (const left of subsets(points.length, errors)) {
      const rest = points.filter((_, i) => !left.includes(i));
      if (agree(threshold, rest)) return left.map((i) => points[i]?.[0] ?? 0);
    }
  }
  return null;
}

/** Index and value. */
type Point = readonly [x: number, y: number];

function agree(threshold: number, points: readonly Point[]): boolean {
  const base = points.slice(0, threshold);
  const at = base.map(([x]) => x);
  return points.slice(threshold).every(([x, y]) => {
    const factors = lagrangeFactors(at, x);
    // at most 15 products of 34 bits
    return base.reduce((sum, [, value], j) => sum + (factors[j] ?? 0) * value, 0) % SHARE_PRIME === y;
  });
}

/**
 * K, the sum of the contributors' keys, from the answers of t or more committee members: Lagrange interpolation at 0,
 * centred. Every answer beyond the t-th is compared with the polynomial.
 * @param members contributors in the sum; bounds |K| by 41 * members
 * @returns 4,096 coefficients
 * @throws CryptoError COMMITTEE_UNAVAILABLE for fewer than t answers; ANSWER_INVALID for a duplicate or impossible index,
 *   an element outside the field, or answers that contradict each other (it names the wrong ones where t + 2e answers
 *   allow it: leave them out and call again); NOISE_CHECK_FAILED when a coefficient cannot be the sum of that many keys
 */
export function interpolateKeySum(
  threshold: number,
  answers: readonly ShareSum[],
  members: number,
): Int32Array {
  checkAnswers(threshold, answers);
  if (contradiction(threshold, answers) !== null) {
    const wrong = findWrongAnswers(threshold, answers);
    throw new CryptoError('ANSWER_INVALID', {
      expected: `${answers.length} answers on one polynomial of degree ${threshold - 1}`,
      got:
        wrong === null ? 'contradicting answers' : `wrong answers from committee members ${wrong.join(', ')}`,
      next:
        wrong === null
          ? 'collect two more answers for each wrong one to name it'
          : 'leave them out and interpolate again',
    });
  }
  return interpolateConsistent(threshold, answers, members);
}

/**
 * As `interpolateKeySum`, for answers of which `findWrongAnswers` found none wrong.
 * @throws CryptoError NOISE_CHECK_FAILED
 */
export function interpolateConsistent(
  threshold: number,
  answers: readonly ShareSum[],
  members: number,
): Int32Array {
  const field = evaluateAt(answers.slice(0, threshold), 0);
  const keySum = new Int32Array(N);
  const bound = BINOMIAL_PAIRS * members;
  let beyond = 0;
  field.forEach((v, i) => {
    const centred = v > SHARE_PRIME >> 1 ? v - SHARE_PRIME : v;
    keySum[i] = centred;
    if (Math.abs(centred) > bound) beyond++;
  });
  if (beyond > 0) {
    throw new CryptoError('NOISE_CHECK_FAILED', {
      expected: `coefficients of the key sum within ${bound} for ${members} members`,
      got: `${beyond} beyond it`,
      next: 'an answer is wrong or belongs to another set: collect more answers, so that it can be named',
    });
  }
  return keySum;
}

function evaluateAt(points: readonly ShareSum[], at: number): Uint32Array {
  const factors = lagrangeFactors(
    points.map((a) => a.committeeIndex),
    at,
  );
  return combineField(points.map((a, j) => [factors[j] ?? 0, a.shareSum] as const));
}

/** A coefficient in which the answers do not lie on one polynomial, or null where they do in all. */
function contradiction(threshold: number, answers: readonly ShareSum[]): number | null {
  const base = answers.slice(0, threshold);
  for (const { committeeIndex, shareSum } of answers.slice(threshold)) {
    const expected = evaluateAt(base, committeeIndex);
    for (let at = 0; at < expected.length; at++) if (expected[at] !== shareSum[at]) return at;
  }
  return null;
}

/** Whether the answers lie on one polynomial of degree t - 1. */
export function areConsistent(threshold: number, answers: readonly ShareSum[]): boolean {
  return contradiction(threshold, answers) === null;
}

/** All ways to choose `size` of the numbers below `count`. */
export function* subsets(count: number, size: number, from = 0): Generator<number[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let first = from; first <= count - size; first++) {
    for (const rest of subsets(count, size - 1, first + 1)) yield [first, ...rest];
  }
}

function checkAnswers(threshold: number, answers: readonly ShareSum[]): void {
  if (!Number.isInteger(threshold) || threshold < 1) {
    throw new CryptoError('VALUE_OUT_OF_RANGE', {
      expected: 'a threshold of at least 1',
      got: String(threshold),
      next: 'take the threshold from the roster',
    });
  }
  const seen = new Set<number>();
  for (const { committeeIndex, shareSum } of answers) {
    if (!Number.isInteger(committeeIndex) || committeeIndex < 1 || committeeIndex >= SHARE_PRIME) {
      throw answerInvalid('a committee index from 1', String(committeeIndex));
    }
    if (seen.has(committeeIndex)) {
      throw answerInvalid('one answer a committee member', `two of member ${committeeIndex}`);
    }
    seen.add(committeeIndex);
    if (shareSum.length !== N || greatest(shareSum) >= SHARE_PRIME) {
      throw answerInvalid(`${N} elements below ${SHARE_PRIME}`, `another vector of member ${committeeIndex}`);
    }
  }
  if (answers.length < threshold) {
    throw new CryptoError('COMMITTEE_UNAVAILABLE', {
      expected: `${threshold} answers`,
      got: String(answers.length),
      next: 'wait for more committee members, or let the round fail',
    });
  }
}

function greatest(values: Uint32Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}

function answerInvalid(expected: string, got: string): CryptoError {
  return new CryptoError('ANSWER_INVALID', { expected, got, next: 'refuse this answer' });
}
