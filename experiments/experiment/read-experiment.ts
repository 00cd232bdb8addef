import { dirname, resolve } from 'node:path';
import { builtIn } from '../../datasets/simulator/scenario/builtin/index.ts';
import { readScenario } from '../../datasets/simulator/scenario/read-scenario.ts';
import { parseConfig } from '../../protocol/codec/config-text.ts';
import { type Experiment, type Method, type Track, trainDaysOf } from './experiment.ts';
import { readExperimentFile } from './experiment-file.ts';
import { invalid } from './invalid.ts';
import { programOf } from './program/program-method.ts';
import { dataOf, recordingsOf } from './read-data.ts';
import type { RecordedData } from './recorded/recorded-data.ts';
import { resolveMethod, tracksNamed } from './resolve-method.ts';
import { ExperimentFile } from './schema.ts';
import { parseSeeds } from './seeds.ts';

/**
 * An experiment file as it is given, and with its defaults and scenarios filled in.
 * @param given a path, or the name of a configuration that comes with Cordon
 * @throws CordonError DATA_NOT_FOUND, CONFIG_INVALID naming the first field that is wrong
 */
export async function readExperiment(given: string): Promise<{ text: string; experiment: Experiment }> {
  const { path, text, base } = await readExperimentFile(given);
  const what = `experiment ${given}`;
  const file = parseConfig(ExperimentFile, text, what);
  const scenariosOf = (names: readonly string[]) =>
    Promise.all(
      names.map((name) => readScenario(builtIn(name) === null ? resolve(dirname(path), name) : name)),
    );
  const methods: Method[] = [];
  for (const method of file.methods) {
    const attacks = method.publicAttacks === undefined ? null : await scenariosOf(method.publicAttacks);
    const place = `method ${method.name} of the ${what}`;
    const program = method.program === undefined ? null : await programOf(method.program, base, place);
    methods.push(resolveMethod(file, method, { publicAttacks: attacks, program }, what));
  }
  const experiment: Experiment = {
    name: file.name,
    title: file.title,
    data: await dataOf(file.data, { what, base, scenariosOf }),
    tracks: tracksOf(file, what),
    recordings: await recordingsOf(file.recordings, { what, base }),
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

/** What no field says by itself. */
function checkExperiment({ data, tracks, methods, compare }: Experiment, what: string): void {
  const names = methods.map(({ name }) => name);
  const trackNames = tracks.map(({ name }) => name);
  for (const [kind, those] of [
    ['methods', names],
    ['tracks', trackNames],
  ] as const) {
    const twice = those.find((name, i) => those.indexOf(name) !== i);
    if (twice !== undefined) throw invalid(`${kind} of different names in the ${what}`, `${twice} twice`);
  }
  for (const method of methods) {
    const unknown = tracksNamed(method).find((name) => !trackNames.includes(name));
    if (unknown !== undefined) {
      throw invalid(
        `members of ${method.name} in the ${what} to be one of its tracks: ${trackNames.join(', ') || 'none'}`,
        unknown,
      );
    }
    const days = method.kind === 'best-of' ? undefined : method.coldStart?.days;
    const trainDays = trainDaysOf(data);
    if (days !== undefined && trainDays !== null && days >= trainDays) {
      throw invalid(
        `coldStart.days of ${method.name} in the ${what} to be less than the ${trainDays} training days`,
        String(days),
      );
    }
  }
  if (data.kind !== 'simulator') checkRecorded(data, methods, what);
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
  if (encrypted !== undefined && data.kind === 'simulator' && data.orgs < 3) {
    const expected = `data.simulator.orgs of at least 3 in the ${what}, because ${encrypted.name} is encrypted`;
    throw invalid(expected, String(data.orgs));
  }
}

/** What recordings do not have. */
function checkRecorded({ kind }: RecordedData, methods: Experiment['methods'], what: string): void {
  for (const method of methods) {
    if (method.kind === 'trained' && method.publicAttacks !== null) {
      throw invalid(`publicAttacks beside simulated data alone, in ${method.name} of the ${what}`, kind);
    }
    if (kind === 'optc' && method.kind !== 'best-of' && method.counting !== null) {
      // Periods are counted from the beginning of the clock, which here is 1970.
      throw invalid(`own features with data.optc, in ${method.name} of the ${what}`, 'cross-organisation');
    }
  }
}

function tracksOf({ tracks = [] }: ExperimentFile, what: string): Track[] {
  return tracks.map(({ name, members, ...numbers }) => {
    const takes = (['largest', 'smallest', 'random'] as const).flatMap((take) => {
      const count = numbers[take];
      return count === undefined ? [] : [{ take, count }];
    });
    const [of, more] = [...(members === undefined ? [] : [{ members }]), ...takes];
    if (of !== undefined && more === undefined) return { name, of };
    throw invalid(
      `one of members, largest, smallest and random in track ${name} of the ${what}`,
      of === undefined ? 'none' : 'several',
    );
  });
}
