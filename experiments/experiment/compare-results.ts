import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { check } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { Hash } from '../../protocol/messages/fields.ts';
import { type PairedDifference, differences } from './metrics.ts';

const Row = Type.Object({
  seed: Type.Integer(),
  method: Type.String(),
  member: Type.String(),
  metric: Type.String(),
  value: Type.Union([Type.Null(), Type.Number()]),
});

/** What is read of a `metrics.json`; what else it has is left alone. */
const SavedMetrics = Type.Object({
  version: Type.Literal(1),
  experiment: Type.String(),
  hash: Hash,
  data: Hash,
  seeds: Type.Array(Type.Integer()),
  methods: Type.Array(Type.String()),
  rows: Type.Array(Row),
});
type SavedMetrics = Static<typeof SavedMetrics>;

/** Two results side by side. */
export interface Comparison {
  readonly a: string;
  readonly b: string;
  /** Whether data, methods and versions are the same. */
  readonly sameExperiment: boolean;
  /** Whether a seed means the same logs in both; where not, its figures are paired all the same and say less. */
  readonly sameData: boolean;
  /** Seeds that both have. */
  readonly seeds: readonly number[];
  readonly differences: readonly PairedDifference[];
}

/**
 * The figures over all members in one folder less those in another, by the seeds that both have.
 * @param pairs names of a method in either; null for those that both have
 * @throws CordonError DATA_NOT_FOUND, ENCODING_INVALID; USAGE where they have no seed or method in common
 */
export async function compareResults(
  folderA: string,
  folderB: string,
  pairs: readonly (readonly [string, string])[] | null,
): Promise<Comparison> {
  const [a, b] = [await readMetrics(folderA), await readMetrics(folderB)];
  const seeds = a.seeds.filter((seed) => b.seeds.includes(seed));
  if (seeds.length === 0) throw nothing('seeds', a.seeds.join(','), b.seeds.join(','));
  const methods =
    pairs ?? a.methods.filter((name) => b.methods.includes(name)).map((name) => [name, name] as const);
  const isThere = ([left, right]: readonly [string, string]) =>
    a.methods.includes(left) && b.methods.includes(right);
  if (methods.length === 0 || !methods.every(isThere)) {
    throw nothing(
      pairs === null ? 'methods' : 'the methods that are asked for',
      a.methods.join(','),
      b.methods.join(','),
    );
  }
  return {
    a: a.experiment,
    b: b.experiment,
    sameExperiment: a.hash === b.hash,
    sameData: a.data === b.data,
    seeds,
    differences: methods.flatMap(([left, right]) =>
      differences({ name: left, rows: a.rows }, { name: right, rows: b.rows }).map((one) => ({
        ...one,
        a: `${left} (A)`,
        b: `${right} (B)`,
      })),
    ),
  };
}

async function readMetrics(folder: string): Promise<SavedMetrics> {
  const path = join(folder, 'metrics.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const { code, got } = toCordonError(cause);
    const next = 'name the folder that cordon experiment run wrote, after it was done';
    throw new CordonError(
      code,
      { expected: `the results of an experiment at ${path}`, got, next },
      { cause },
    );
  });
  try {
    return check(SavedMetrics, JSON.parse(text), 'result of an experiment');
  } catch (cause) {
    const got = cause instanceof SyntaxError ? 'no JSON' : toCordonError(cause).got;
    throw new CordonError(
      'ENCODING_INVALID',
      { expected: `results of this version in ${path}`, got, next: 'run the experiment again with --resume' },
      { cause },
    );
  }
}

function nothing(what: string, a: string, b: string): CordonError {
  return new CordonError('USAGE', {
    expected: `two results with ${what} in common`,
    got: `${a} in the first and ${b} in the second`,
    next: 'run one of them with the seeds of the other, or pair methods with --methods A:B',
  });
}
