import type { Dealing } from '../partition/deal.ts';
import type { Attack, TrainedMethod } from './experiment.ts';
import { invalid } from './invalid.ts';
import type { ExperimentFile } from './schema.ts';
import type { TrainingPrivacy } from './training-noise.ts';

type GivenMethod = ExperimentFile['methods'][number];

const FACTOR = 10;
const DELTA = 1e-5;

/** Kinds whose update is multiplied. */
const SCALED = ['sign-flip', 'scaling', 'backdoor-edge'];

/** An attack by rows or updates, or null. @throws CordonError CONFIG_INVALID for numbers of another kind */
export function attackOf({ attack }: GivenMethod, place: string): Attack | null {
  if (attack === undefined) return null;
  const { kind, members, factor, count } = attack;
  const isFile = kind === 'false-incidents';
  if (count !== undefined && !isFile)
    throw invalid(`attack.count in ${place} with false-incidents alone`, kind);
  if (factor !== undefined && !SCALED.includes(kind)) {
    throw invalid(`attack.factor in ${place} with ${SCALED.join(', ')} alone`, kind);
  }
  return isFile ? null : { kind, members, factor: SCALED.includes(kind) ? (factor ?? FACTOR) : 1 };
}

/** Which number each kind of dealing takes. */
const NUMBER_OF = { dirichlet: 'alpha', pathological: 'labels', shards: 'shards' } as const;

/** Training rows dealt out anew, or null. @throws CordonError CONFIG_INVALID for numbers of another kind */
export function partitionOf({ partition }: GivenMethod, place: string): TrainedMethod['partition'] {
  if (partition === undefined) return null;
  const { kind, by = 'organisation', least, ...numbers } = partition;
  const wanted = kind === 'iid' ? null : NUMBER_OF[kind];
  const useless = Object.entries(numbers).find(([name, value]) => value !== undefined && name !== wanted);
  if (useless !== undefined || (least !== undefined && kind !== 'dirichlet')) {
    throw invalid(
      `${wanted ?? 'nothing'} beside ${kind} in the partition in ${place}`,
      useless?.[0] ?? 'least',
    );
  }
  const number = wanted === null ? 0 : numbers[wanted];
  if (number === undefined)
    throw invalid(`${wanted ?? ''} beside ${kind} in the partition in ${place}`, 'none');
  const dealings: Record<typeof kind, Dealing> = {
    iid: { kind: 'iid' },
    dirichlet: { kind: 'dirichlet', alpha: number, least: least ?? 0 },
    pathological: { kind: 'pathological', labels: number },
    shards: { kind: 'shards', shards: number },
  };
  return { dealing: dealings[kind], by };
}

/** Differential privacy with its defaults, or null. @throws CordonError CONFIG_INVALID */
export function privacyOf({ privacy }: GivenMethod, place: string): TrainingPrivacy | null {
  if (privacy === undefined) return null;
  const { epsilon, delta = DELTA, atLeast = 3, colluding = 1 } = privacy;
  if (colluding >= atLeast) {
    throw invalid(
      `fewer than ${atLeast} colluding members in ${place}, atLeast being ${atLeast}`,
      String(colluding),
    );
  }
  return { epsilon, delta, unit: 'organisation', atLeast, colluding };
}
