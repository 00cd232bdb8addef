import { compareResults } from '../../experiments/experiment/compare-results.ts';
import { readExperiment } from '../../experiments/experiment/read-experiment.ts';
import { runExperiment } from '../../experiments/experiment/run-experiment.ts';
import { parseSeeds } from '../../experiments/experiment/seeds.ts';
import { comparisonText, metricsText } from '../experiment-text.ts';
import { type JsonOption, print } from '../output.ts';
import { Progress } from '../progress.ts';
import { onStopSignal } from '../stop-signal.ts';
import { usageError } from '../usage.ts';
import { version } from '../version.ts';

export interface ExperimentRunArguments extends JsonOption {
  readonly out?: string;
  readonly seeds?: string;
  readonly resume?: true;
}

export async function experimentRun(file: string, options: ExperimentRunArguments): Promise<void> {
  const json = options.json === true;
  const seeds = options.seeds === undefined ? null : parseSeeds(options.seeds, '--seeds', 'USAGE');
  if (options.out === '') throw usageError('--out names no folder');
  const { text, experiment } = await readExperiment(file);
  const out = options.out ?? experiment.name;
  const stop = new AbortController();
  void onStopSignal().then(() => stop.abort());
  const progress = new Progress();
  const work = runExperiment(
    { experiment, text, seeds, out, resume: options.resume === true, version: version() },
    {
      say: (what) => progress.say(what),
      signal: stop.signal,
    },
  );
  const metrics = await work.catch((error: unknown) => {
    progress.end();
    if (stop.signal.aborted) process.exit(130);
    throw error;
  });
  progress.end();
  const { rows: _, ...told } = metrics;
  print(
    json,
    { out, ...told },
    () => `${metricsText(metrics)}\n\nEverything is in ${out}; the report is report.md.`,
  );
}

export interface ExperimentCompareArguments extends JsonOption {
  readonly methods?: readonly string[];
}

export async function experimentCompare(
  a: string,
  b: string,
  options: ExperimentCompareArguments,
): Promise<void> {
  const pairs = options.methods?.map((text): [string, string] => {
    const [left, right, more] = text.split(':');
    if (left && right && more === undefined) return [left, right];
    throw usageError(`--methods takes two names like federated:local, not ${text}`);
  });
  const comparison = await compareResults(a, b, pairs ?? null);
  print(options.json === true, comparison, () => comparisonText(comparison));
}
