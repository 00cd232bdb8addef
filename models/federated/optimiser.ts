import { meanWeights } from './contribution.ts';

/**
 * How a sum of updates becomes the next model. `fedavg`: McMahan et al. 2017, the mean of the updates is added. `fedprox`:
 * Li et al. 2020, the same with a proximal term in every local step. `momentum`: Hsu et al. 2019 (FedAvgM). `fedadagrad`,
 * `fedadam`, `fedyogi`: Reddi et al. 2021, algorithm 2, the second moment beginning at tau squared. `scaffold`: Karimireddy
 * et al. 2020, algorithm 1 with option II: plain steps corrected by control variates, one of the server and one of each
 * member. A member's variate becomes c_i - c - d_i / (steps * rate), d_i being its update as it stands in the sum, so the
 * server's follows from the mean of the updates and nothing more need be summed. `entente`: the weighted mean that
 * `contribution.ts` describes.
 */
export type Optimiser =
  | { readonly kind: 'fedavg' }
  | { readonly kind: 'fedprox'; readonly mu: number }
  | { readonly kind: 'momentum'; readonly momentum: number; readonly learningRate: number }
  | {
      readonly kind: 'fedadagrad';
      readonly learningRate: number;
      readonly beta1: number;
      readonly tau: number;
    }
  | {
      readonly kind: 'fedadam' | 'fedyogi';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly tau: number;
    }
  | { readonly kind: 'scaffold'; readonly learningRate: number }
  | { readonly kind: 'entente'; readonly share: number };

/**
 * The next value of one weight, or of what is kept beside it, in float64.
 * @param d mean of the updates
 * @param w the weight
 * @param a,b what is kept beside it, in the order of `memory`
 */
type NextValue = (d: number, w: number, a: number, b: number) => number;

/** The arithmetic of an optimiser: + - * / and square root, which every machine rounds alike. */
export interface ServerRule {
  /** What is kept from round to round, and what it begins with: beside every weight, or `single` for all of them. */
  readonly memory: readonly { readonly name: string; readonly first: number; readonly single?: true }[];
  /** The weight first, then the memory. */
  readonly next: readonly NextValue[];
}

/** What a rule has to know of a round. */
export interface RoundFacts {
  /** Local steps and their size. */
  readonly steps: number;
  readonly learningRate: number;
  /** Of all members, those in the sum: 0 to 1. */
  readonly share: number;
  /** Mean of what members sent behind their updates; 0 where they send nothing there. */
  readonly behind: number;
}

/** Values that members send behind their updates. */
export function valuesBehind({ kind }: Optimiser): 0 | 1 {
  return kind === 'entente' ? 1 : 0;
}

/** The rule of an optimiser in a round. */
export function serverRule(optimiser: Optimiser, round: RoundFacts): ServerRule {
  switch (optimiser.kind) {
    case 'fedavg':
    case 'fedprox':
      return { memory: [], next: [(d, w) => w + d] };
    case 'momentum': {
      const { momentum, learningRate } = optimiser;
      const velocity: NextValue = (d, _w, a) => momentum * a + d;
      return {
        memory: [{ name: 'velocity', first: 0 }],
        next: [(d, w, a, b) => w + learningRate * velocity(d, w, a, b), velocity],
      };
    }
    case 'scaffold': {
      const { learningRate } = optimiser;
      const path = round.steps * round.learningRate;
      return {
        memory: [{ name: 'control variate', first: 0 }],
        next: [(d, w) => w + learningRate * d, (d, _w, c) => c - round.share * (c + d / path)],
      };
    }
    case 'entente': {
      const { weight, contribution } = meanWeights(round.behind, optimiser.share);
      return {
        memory: [{ name: 'mean contribution', first: 1, single: true }],
        next: [(d, w) => w + d / weight, (_d, _w, a) => a * contribution],
      };
    }
    case 'fedadagrad':
    case 'fedadam':
    case 'fedyogi': {
      const { learningRate, beta1, tau } = optimiser;
      const first: NextValue = (d, _w, a) => beta1 * a + (1 - beta1) * d;
      const second = secondMoment(optimiser);
      return {
        memory: [
          { name: 'first moment', first: 0 },
          { name: 'second moment', first: tau * tau },
        ],
        next: [
          (d, w, a, b) => w + (learningRate * first(d, w, a, b)) / (Math.sqrt(second(d, w, a, b)) + tau),
          first,
          second,
        ],
      };
    }
  }
}

function secondMoment(optimiser: Extract<Optimiser, { readonly tau: number }>): NextValue {
  if (optimiser.kind === 'fedadagrad') return (d, _w, _a, b) => b + d * d;
  const { beta2 } = optimiser;
  if (optimiser.kind === 'fedadam') return (d, _w, _a, b) => beta2 * b + (1 - beta2) * (d * d);
  return (d, _w, _a, b) => b - (1 - beta2) * (d * d) * Math.sign(b - d * d);
}
