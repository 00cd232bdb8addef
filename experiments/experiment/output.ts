import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../crypto/identity/durable-file.ts';
import { makeFolder } from '../../crypto/identity/make-folder.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { CordonError } from '../../protocol/errors.ts';
import { commit, machine } from '../bench/provenance.ts';
import { figuresChart, learningChart } from './charts/charts.ts';
import { type MethodResult, readResult } from './method-result.ts';
import { bestOf } from './best-of.ts';
import { type Experiment, runMethods } from './experiment.ts';
import { dataHash, hashOf, methodHash, softwareVersions } from './hash.ts';
import { type Metrics, differences, metricsCsv, rowsOf, summarise } from './metrics.ts';
import { reportText } from './report.ts';

/** @throws CordonError OUTPUT_EXISTS for a file, or a folder that is in use where nothing is to be resumed */
export async function openOutput(out: string, resume: boolean): Promise<void> {
  const there = await stat(out).catch(() => null);
  if (there?.isDirectory() === false) throw used(out, 'a file');
  await makeFolder(out);
  // A lock that a killed process left is nothing to be kept; whoever takes the folder clears it.
  const found = (await readdir(out)).filter((name) => name !== 'lock');
  if (found.length === 0 || (resume && found.includes('resolved.json'))) return;
  throw used(out, `a folder with ${found.length} entries${resume ? ', none of them resolved.json' : ''}`);
}

function used(out: string, got: string): CordonError {
  return new CordonError('OUTPUT_EXISTS', {
    expected: `${out} to be absent or an empty folder, or with --resume one of this experiment`,
    got,
    next: 'name another folder with --out, or add --resume to go on in this one',
  });
}

/** Of everything that decides figures, beside the seeds. */
export function experimentHash(experiment: Experiment): string {
  const hashes = experiment.methods.map((method) => [
    method.name,
    method.kind === 'best-of' ? hashOf(method) : methodHash(experiment, method),
  ]);
  return hashOf(Object.fromEntries(hashes));
}

/** The file as it was given, and all that it stands for. */
export async function writeSettings(
  out: string,
  {
    experiment,
    text,
    seeds,
    version,
  }: { experiment: Experiment; text: string; seeds: readonly number[]; version: string },
): Promise<void> {
  const settings = {
    hash: experimentHash(experiment),
    versions: { cordon: version, commit: commit(version), node: process.version, ...softwareVersions() },
    machine: machine(),
    experiment: { ...experiment, seeds },
  };
  await writeDurably(join(out, 'experiment.yaml'), text);
  await writeDurably(join(out, 'resolved.json'), `${JSON.stringify(settings, null, 2)}\n`);
}

/** The seeds of this run, and others that the folder has whole from earlier ones, in ascending order. */
export async function wholeSeeds(
  out: string,
  experiment: Experiment,
  asked: readonly number[],
): Promise<number[]> {
  const seeds = new Set(asked);
  for (const name of namesIn(join(out, 'seeds'))) {
    const seed = Number(name);
    if (!/^\d{1,10}$/.test(name) || seeds.has(seed)) continue;
    const results = await resultsOf(out, experiment, [seed]);
    if (results.length === runMethods(experiment).length) seeds.add(seed);
  }
  return [...seeds].sort((a, b) => a - b);
}

/** Results of this experiment, and no other, by seed and then in the order of the methods. */
async function resultsOf(
  out: string,
  experiment: Experiment,
  seeds: readonly number[],
): Promise<MethodResult[]> {
  const results: MethodResult[] = [];
  for (const seed of seeds) {
    for (const method of runMethods(experiment)) {
      const result = await readResult(out, seed, method.name);
      if (result?.hash === methodHash(experiment, method)) results.push(result);
    }
  }
  return results;
}

/** Tables and report over the results of these seeds. */
export async function writeResults(
  out: string,
  experiment: Experiment,
  seeds: readonly number[],
): Promise<Metrics> {
  const results = await resultsOf(out, experiment, seeds);
  const own = rowsOf(results);
  const best = experiment.methods.flatMap((method) =>
    method.kind === 'best-of' ? bestOf(method.name, method.of, own) : [],
  );
  const rows = [...own, ...best];
  const metrics: Metrics = {
    version: 1,
    experiment: experiment.name,
    hash: experimentHash(experiment),
    data: dataHash(experiment.data),
    seeds,
    methods: experiment.methods.map(({ name }) => name),
    summary: summarise(rows),
    differences: experiment.compare.flatMap(([a, b]) => differences({ name: a, rows }, { name: b, rows })),
    rows,
  };
  await writeDurably(join(out, 'metrics.json'), `${JSON.stringify(metrics, null, 1)}\n`);
  await writeDurably(join(out, 'metrics.csv'), metricsCsv(rows));
  const charts = {
    figures: figuresChart(metrics),
    learning: learningChart(metrics.methods, results),
  };
  for (const [name, svg] of Object.entries(charts)) {
    if (svg !== null) await writeDurably(join(out, `${name}.svg`), svg);
  }
  await writeDurably(join(out, 'report.md'), reportText(experiment, metrics, results, charts));
  return metrics;
}
