import { dirname, resolve } from 'node:path';
import type { Scenario } from '../../datasets/simulator/scenario/schema.ts';
import { builtIn } from '../../datasets/simulator/scenario/builtin/index.ts';
import { readScenario } from '../../datasets/simulator/scenario/read-scenario.ts';
import { checkOptions } from '../../datasets/simulator/options.ts';
import { parseConfig } from '../../protocol/codec/config-text.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import type { Counting, Experiment, Method } from './experiment.ts';
import { readExperimentFile } from './experiment-file.ts';
import { ExperimentFile } from './schema.ts';
import { parseSeeds } from './seeds.ts';

const NEXT = 'correct the file; docs/configuration.md describes every field';

const TRAINING = { steps: 5, batch: 128, learningRate: 0.01, corrupted: 0.1 };
const ROUNDS = 200;
const HIDDEN = 16;
const COUNTING: Counting = { interval: 3600, floor: 2, noise: 0 };

/**
 * An experiment file as it is given, and with its defaults and scenarios filled in.
 * @param given a path, or the name of a configuration that comes with Cordon
 * @throws CordonError DATA_NOT_FOUND, CONFIG_INVALID naming the first field that is wrong
 */
export async function readExperiment(given: string): Promise<{ text: string; experiment: Experiment }> {
  const { path, text } = await readExperimentFile(given);
  const what = `experiment ${given}`;
  const file = parseConfig(ExperimentFile, text, what, NEXT);
  const { scenarios = ['six-tactics'], ...size } = file.data.simulator;
  const scenariosOf = (names: readonly string[]) =>
    Promise.all(
      names.map((name) => readScenario(builtIn(name) === null ? resolve(dirname(path), name) : name)),
    );
  const methods: Method[] = [];
  for (const method of file.methods) {
    const attacks = method.publicAttacks === undefined ? null : await scenariosOf(method.publicAttacks);
    methods.push(resolveMethod(file, method, attacks, what));
  }
  const experiment: Experiment = {
    name: file.name,
    title: file.title,
    data: {
      ...size,
      scenarios: await scenariosOf(scenarios),
    },
    seeds: seedsOf(file.seeds, what),
    methods,
    compare: (file.compare ?? []).map(([a = '', b = '']) => [a, b]),
  };
  checkExperiment(experiment, what);
  return { text, experiment };
}

function seedsOf(seeds: ExperimentFile['seeds'], what: string): number[] {
  if (typeof seeds === 'string') return parseSeeds(seeds, `seeds in ${what}`, 'CONFIG_INVALID');
  return typeof seeds === 'number' ? [seeds] : [...new Set(seeds)].sort((a, b) => a - b);
}

type GivenMethod = ExperimentFile['methods'][number];

/** What a method may not have beside a rule, or beside the best of others. */
const OF_TRAINING = ['model', 'training', 'optimiser', 'personal', 'publicAttacks', 'encryption'] as const;
const OF_ROWS = ['features', 'labels', 'counting'] as const;

function resolveMethod(
  file: ExperimentFile,
  method: GivenMethod,
  publicAttacks: readonly Scenario[] | null,
  what: string,
): Method {
  const { name, weights, rule, bestOf } = method;
  const kinds = (['weights', 'rule', 'bestOf'] as const).filter((field) => method[field] !== undefined);
  if (kinds.length !== 1) {
    throw invalid(
      `one of weights, rule and bestOf in method ${name} of the ${what}`,
      kinds.join(' and ') || 'none',
    );
  }
  const useless = [
    ...(weights === undefined ? OF_TRAINING : []),
    ...(bestOf === undefined ? [] : OF_ROWS),
  ].find((field) => method[field] !== undefined);
  if (useless !== undefined) {
    throw invalid(
      `nothing in method ${name} of the ${what} that means nothing beside ${kinds.join()}`,
      useless,
    );
  }
  if (bestOf !== undefined) return { kind: 'best-of', name, of: bestOf };
  const counting =
    method.features === 'cross-organisation' ? { ...COUNTING, ...file.counting, ...method.counting } : null;
  const variant = { labels: method.labels ?? 'own', counting };
  if (rule !== undefined) return { kind: 'rule', name, rule, ...variant };
  if (publicAttacks !== null && counting !== null) {
    // Nobody outside the federation has its columns.
    throw invalid(`own features with publicAttacks in method ${name} of the ${what}`, 'cross-organisation');
  }
  const { rounds, ...training } = { rounds: ROUNDS, ...TRAINING, ...file.training, ...method.training };
  const encryption = weights === 'federated' && (method.encryption ?? publicAttacks === null);
  if (encryption && publicAttacks !== null) {
    throw invalid(`encryption: false with publicAttacks in method ${name} of the ${what}`, 'true');
  }
  const { optimiser, personal } = method;
  const together = optimiser === undefined ? personal && 'personal' : 'optimiser';
  if (together !== undefined && weights !== 'federated') {
    throw invalid(`${together} of federated weights alone in method ${name} of the ${what}`, weights ?? '');
  }
  const hidden = method.model?.hidden ?? file.model?.hidden ?? HIDDEN;
  if (personal !== undefined && hidden === 0) {
    throw invalid(`hidden units beside a personal head in method ${name} of the ${what}`, '0');
  }
  return {
    kind: 'trained',
    name,
    weights: weights ?? 'local',
    ...variant,
    publicAttacks,
    encryption,
    hidden,
    rounds,
    training,
    ...(optimiser && { optimiser }),
    ...(personal && { personal }),
  };
}

/** What no field says by itself. */
function checkExperiment({ data, methods, compare }: Experiment, what: string): void {
  const names = methods.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw invalid(`methods of different names in the ${what}`, `${twice} twice`);
  for (const { name, of } of methods.filter((method) => method.kind === 'best-of')) {
    const unfit = of.find(
      (one) => !methods.some((method) => method.name === one && method.kind !== 'best-of'),
    );
    if (unfit !== undefined)
      throw invalid(`bestOf of ${name} in the ${what} to name methods that are run`, unfit);
  }
  for (const name of compare.flat()) {
    if (!names.includes(name)) throw invalid(`compare in the ${what} to name its methods`, name);
  }
  const encrypted = methods.find((method) => method.kind === 'trained' && method.encryption);
  if (encrypted !== undefined && data.orgs < 3) {
    const expected = `data.simulator.orgs of at least 3 in the ${what}, because ${encrypted.name} is encrypted`;
    throw invalid(expected, String(data.orgs));
  }
  try {
    checkOptions({ ...data, seed: 0 });
  } catch (cause) {
    const { expected, got } = toCordonError(cause);
    throw invalid(`data.simulator in the ${what}: ${expected}`, got);
  }
}

function invalid(expected: string, got: string): CordonError {
  return new CordonError('CONFIG_INVALID', { expected, got, next: NEXT });
}
