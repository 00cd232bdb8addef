/** An LWE problem as an estimate sees it; ring structure is not used, as no attack on these rings uses it. */
export interface LweProblem {
  /** Dimension of the secret. */
  readonly n: number;
  /** log2 of the modulus. */
  readonly logQ: number;
  /** Standard deviation of a coefficient of the secret, independent and centred. */
  readonly secretDeviation: number;
  /** Standard deviation of an error. */
  readonly errorDeviation: number;
  /** Samples that the attacker has; as many as it likes when left out. */
  readonly samples?: number;
}

/** What one run of an attack takes, as log2 of operations: block size `beta`, lattice dimension `d`. */
export interface CostModel {
  readonly name: string;
  readonly log2: (beta: number, d: number) => number;
}

/** Core-SVP, classical sieve (Becker, Ducas, Gama, Laarhoven 2016): one call, no factors below the exponent. */
export const CORE_CLASSICAL: CostModel = { name: 'core-SVP classical', log2: (beta) => 0.292 * beta };
/** Core-SVP, quantum sieve (Laarhoven 2015). */
export const CORE_QUANTUM: CostModel = { name: 'core-SVP quantum', log2: (beta) => 0.265 * beta };
/** 8d calls of a sieve that takes 2^(0.292 beta + 16.4): the model of the homomorphic encryption standard (2018). */
export const SIEVE: CostModel = {
  name: 'BKZ with a sieve',
  log2: (beta, d) => 0.292 * beta + 16.4 + Math.log2(8 * d),
};

export interface Attack {
  readonly name: 'primal' | 'dual';
  readonly beta: number;
  /** LWE samples used. */
  readonly m: number;
  /** Dimension of the lattice. */
  readonly d: number;
  /** log2 of the operations. */
  readonly bits: number;
}

const LEAST_BETA = 50;
const NEVER = { beta: Infinity, m: 0, d: 0, bits: Infinity };

/** ln of the root-Hermite factor that BKZ reaches with blocks of `beta` >= 50 (Chen 2013, p. 95). */
export function logRootHermite(beta: number): number {
  return (Math.log(beta / (2 * Math.PI * Math.E)) + Math.log(Math.PI * beta) / beta) / (2 * (beta - 1));
}

/** Samples beyond these only lengthen what the reduction finds; the best dimension is near sqrt(n ln q / ln delta). */
function samplesToTry({ n, logQ, samples = Infinity }: LweProblem, logDelta: number): number {
  const best = Math.sqrt((n * logQ * Math.LN2) / logDelta);
  return Math.max(1, Math.min(samples, Math.ceil(best) - n));
}

/**
 * The primal attack: reduce the lattice of Bai and Galbraith (2014), in which (secret, error, 1) is unusually short, and
 * find it when its projection on the last block is shorter than what is there by the geometric series assumption
 * (Alkim, Ducas, Poeppelmann, Schwabe 2016, section 6.3): sigma sqrt(beta) <= delta^(2 beta - d - 1) Vol^(1/d).
 * @returns the cheapest over all block sizes and numbers of samples
 */
export function primalAttack(problem: LweProblem, model: CostModel): Attack {
  const { n, logQ, secretDeviation, errorDeviation } = problem;
  const scale = Math.log(errorDeviation / secretDeviation);
  let best: Attack = { name: 'primal', ...NEVER };
  for (let beta = LEAST_BETA; beta <= 4 * n && model.log2(beta, beta) < best.bits; beta++) {
    const logDelta = logRootHermite(beta);
    const room = (m: number): number => {
      const d = n + m + 1;
      const volume = m * logQ * Math.LN2 + n * scale;
      return (2 * beta - d - 1) * logDelta + volume / d - Math.log(errorDeviation) - Math.log(beta) / 2;
    };
    let most = samplesToTry(problem, logDelta);
    if (n + most + 1 < beta || room(most) < 0) continue;
    // Room grows with m up to there: the fewest samples that suffice make the smallest lattice.
    let least = 0;
    while (most - least > 1) {
      const middle = (most + least) >> 1;
      if (room(middle) >= 0 && n + middle + 1 >= beta) most = middle;
      else least = middle;
    }
    const attack: Attack = {
      name: 'primal',
      beta,
      m: most,
      d: n + most + 1,
      bits: model.log2(beta, n + most + 1),
    };
    if (attack.bits < best.bits) best = attack;
  }
  return best;
}

/**
 * The dual attack: short vectors of the dual lattice tell LWE samples from uniform ones with an advantage of
 * exp(-2 pi^2 tau^2), tau = length * sigma / q; a sieve gives 2^(0.2075 beta) of them, and it is run again until there
 * are advantage^-2 (Alkim, Ducas, Poeppelmann, Schwabe 2016, section 6.4). It guesses no coordinate of the secret.
 */
export function dualAttack(problem: LweProblem, model: CostModel): Attack {
  const { n, logQ, secretDeviation, errorDeviation } = problem;
  const logQn = logQ * Math.LN2;
  const scale = Math.log(secretDeviation / errorDeviation);
  let best: Attack = { name: 'dual', ...NEVER };
  for (let beta = LEAST_BETA; beta <= 4 * n && model.log2(beta, beta) < best.bits; beta++) {
    const logDelta = logRootHermite(beta);
    for (const m of around(samplesToTry(problem, logDelta), problem.samples)) {
      const d = n + m;
      if (d < beta) continue;
      const logLength = (d - 1) * logDelta + (n / d) * (logQn + scale);
      const tau = Math.exp(logLength + Math.log(errorDeviation) - logQn);
      const log2Vectors = (4 * Math.PI * Math.PI * tau * tau) / Math.LN2;
      const bits = model.log2(beta, d) + Math.max(0, log2Vectors - 0.2075 * beta);
      if (bits < best.bits) best = { name: 'dual', beta, m, d, bits };
    }
  }
  return best;
}

function around(m: number, most = Infinity): number[] {
  return [0.85, 0.9, 0.95, 1, 1.05].map((f) => Math.min(most, Math.max(1, Math.round(f * m))));
}
