import { BINOMIAL_PAIRS, MAX_MEMBERS, N, PRIMES, chunksFor } from '../../crypto/public/params.ts';
import { CORE_CLASSICAL, CORE_QUANTUM, SIEVE, dualAttack, primalAttack } from './lwe.ts';
import type { Attack } from './lwe.ts';
import { NOISE_ROOM, type NoiseFailure, noiseFailure, worstNoiseFailure } from './noise.ts';
import { narrowestDeviation, secretDeviation } from './pair-sums.ts';

const LOG_Q = PRIMES.reduce((sum, p) => sum + Math.log2(p), 0);
/** Standard deviation of a coefficient of a key or an error: the sum of 41 pairs of bits. */
const FRESH = Math.sqrt(BINOMIAL_PAIRS / 2);
const LENGTH = 100_000_000;

interface Row {
  readonly what: string;
  /** Of a secret's coefficient. */
  readonly deviation: number;
  /** Of an error's. */
  readonly errorDeviation: number;
  readonly attacks: Record<string, Attack>;
}

function row(what: string, deviation: number, errorDeviation: number = deviation): Row {
  const problem = { n: N, logQ: LOG_Q, secretDeviation: deviation, errorDeviation };
  const models = { coreClassical: CORE_CLASSICAL, coreQuantum: CORE_QUANTUM, sieve: SIEVE };
  const attacks: Record<string, Attack> = {};
  for (const [name, model] of Object.entries(models)) {
    const [primal, dual] = [primalAttack(problem, model), dualAttack(problem, model)];
    attacks[name] = primal.bits <= dual.bits ? primal : dual;
  }
  return { what, deviation, errorDeviation, attacks };
}

/** Of `honest` contributors with a public sum of keys, what stays unknown of one key: variance times (h - 1) / h. */
const residual = (honest: number): Row =>
  row(
    `${honest} honest contributors, sums of their keys and errors known`,
    FRESH * Math.sqrt((honest - 1) / honest),
  );

/** More samples than any of the attacks takes; fewer would find narrower ones. */
const TAKEN = 1.1 * N;

/** Two honest contributors, where the attacker has more than the sums, and picks the narrowest errors. */
function pairSums(): Row {
  const all = chunksFor(LENGTH, '3x26') * N;
  const what = '2 honest contributors, sums of their pairs of bits known, the narrowest errors';
  return row(what, secretDeviation(), narrowestDeviation(TAKEN, all));
}

/** The security estimate and the failure probability of the secure sum's parameters. */
export interface SecurityEstimate {
  readonly n: number;
  readonly logQ: number;
  readonly samples: 'unlimited';
  readonly rows: readonly Row[];
  /** Values of the sum whose noise is looked at. */
  readonly values: number;
  readonly noise: {
    /** Greatest |E| that q leaves room for. */
    readonly room: number;
    readonly worst: NoiseFailure;
    readonly members: readonly NoiseFailure[];
  };
}

export function securityEstimate(): SecurityEstimate {
  const rows = [
    row('one ciphertext, before the key sum is public', FRESH),
    ...[1000, 10, 3, 2].map(residual),
    pairSums(),
    row('2 honest contributors, as Hint-RLWE bounds it for discrete Gaussians', FRESH / 2),
  ];
  const noise = {
    room: NOISE_ROOM,
    worst: worstNoiseFailure(LENGTH, '3x26'),
    members: [3, 10, 50, 1000, MAX_MEMBERS].map((members) => noiseFailure(members, LENGTH, '3x26')),
  };
  return { n: N, logQ: LOG_Q, samples: 'unlimited', rows, values: LENGTH, noise };
}

/** For people: two tables. */
export function estimateText({ rows, noise }: SecurityEstimate): string {
  const cell = (attack: Attack | undefined): string =>
    attack ? `${attack.bits.toFixed(1)} (${attack.name}, ${attack.beta})`.padEnd(20) : '';
  const power = (log2: number): string => (log2 === -Infinity ? 'never' : `2^${log2.toFixed(1)}`);
  const lines = [
    `Ring-LWE as LWE: n = ${N}, q of ${LOG_Q.toFixed(2)} bits, as many samples as the attacker likes.`,
    'log2 of operations of the cheaper of the primal (uSVP) and the dual attack, cost models side by side:',
    '',
    `${'deviation'.padEnd(11)}${'core-SVP classical'.padEnd(20)}${'core-SVP quantum'.padEnd(20)}${'8d sieves'.padEnd(20)}what is known`,
    ...rows.map(
      ({ what, deviation, attacks }) =>
        `${deviation.toFixed(3).padEnd(11)}${cell(attacks['coreClassical'])}${cell(attacks['coreQuantum'])}${cell(attacks['sieve'])}${what}`,
    ),
    '',
    `Noise of a sum of ${LENGTH.toLocaleString('en')} values in layout 3x26; q leaves room for |E| <= ${NOISE_ROOM}:`,
    '',
    `${'members'.padEnd(11)}${'bound'.padEnd(11)}${'honest sum rejected'.padEnd(24)}some coefficient wraps`,
    ...[...noise.members, noise.worst].map(
      (one, i, all) =>
        `${String(one.members).padEnd(11)}${String(one.bound).padEnd(11)}${power(one.log2Rejected).padEnd(24)}${power(one.log2Wrapped)}${i === all.length - 1 ? '   (the worst of all)' : ''}`,
    ),
  ];
  return lines.join('\n');
}
