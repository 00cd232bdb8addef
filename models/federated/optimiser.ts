/**
 * How a sum of updates becomes the next model. `fedavg`: McMahan et al. 2017, the mean of the updates is added. `fedprox`:
 * Li et al. 2020, the same with a proximal term in every local step. `momentum`: Hsu et al. 2019 (FedAvgM). `fedadagrad`,
 * `fedadam`, `fedyogi`: Reddi et al. 2021, algorithm 2, the second moment beginning at tau squared.
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
    };

/**
 * The next value of one weight, or of what is kept beside it, in float64.
 * @param d mean of the updates
 * @param w the weight
 * @param a,b what is kept beside it, in the order of `memory`
 */
type NextValue = (d: number, w: number, a: number, b: number) => number;

/** The arithmetic of an optimiser: + - * / and square root, which every machine rounds alike. */
export interface ServerRule {
  /** What is kept beside every weight from round to round, and what it begins with. */
  readonly memory: readonly { readonly name: string; readonly first: number }[];
  /** The weight first, then the memory. */
  readonly next: readonly NextValue[];
}

/** The rule of an optimiser. */
export function serverRule(optimiser: Optimiser): ServerRule {
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
