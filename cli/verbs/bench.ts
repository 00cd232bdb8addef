import { BENCHES, findBench } from '../../experiments/bench/registry.ts';
import { figure, unitText } from '../../experiments/bench/render/figures.ts';
import { outputFolder, writeResult } from '../../experiments/bench/render/write.ts';
import type { BenchResult } from '../../experiments/bench/result.ts';
import { runBench } from '../../experiments/bench/run-bench.ts';
import { judge, type Verdict, verdictText } from '../../experiments/bench/targets.ts';
import { type JsonOption, print } from '../output.ts';
import { Progress } from '../progress.ts';
import { onStopSignal } from '../stop-signal.ts';
import { table } from '../table.ts';
import { usageError, wholeNumber } from '../usage.ts';
import { version } from '../version.ts';

export interface BenchArguments extends JsonOption {
  readonly runs?: string;
  readonly out?: string;
  readonly data?: string;
}

/** Without a name: the list of benches. A missed target is a finding, not a failure: the exit code stays 0. */
export async function bench(name: string | undefined, options: BenchArguments): Promise<void> {
  const json = options.json === true;
  if (name === undefined) {
    if ([options.runs, options.out, options.data].some((given) => given !== undefined)) {
      throw usageError('--runs, --out or --data without the name of a bench');
    }
    const list = BENCHES.map(({ name: one, title }) => ({ name: one, title }));
    print(json, { benches: list }, () =>
      table(
        ['bench', 'what it measures'],
        list.map((one) => [one.name, one.title]),
      ),
    );
    return;
  }
  const entry = findBench(name);
  const runs = options.runs === undefined ? null : wholeNumber(options.runs, '--runs', 1, 1000);
  if (options.out === '') throw usageError('--out names no folder');
  // Before minutes are spent on figures that cannot be written.
  if (options.out !== undefined) await outputFolder(options.out);
  const stop = new AbortController();
  void onStopSignal().then(() => stop.abort());
  // It takes minutes: a log shows how far it is, also beside --json, which has standard output for itself.
  const progress = new Progress(process.stderr.isTTY ? 'in place' : 'lines');
  const loaded = await entry.load();
  if (options.data !== undefined && loaded.takesData !== true) {
    throw usageError(`--data, where ${name} makes its own`);
  }
  const result = await runBench(loaded, {
    runs,
    data: options.data ?? null,
    version: version(),
    say: (text) => progress.say(text),
    signal: stop.signal,
  }).catch((error: unknown) => {
    progress.end();
    if (stop.signal.aborted) process.exit(130);
    throw error;
  });
  progress.end();
  if (options.out !== undefined) await writeResult(options.out, loaded, entry.title, result);
  print(json, result, () => benchText(result, judge(loaded.targets, result)));
}

function benchText(result: BenchResult, verdicts: readonly Verdict[]): string {
  const { commit, machine, rows, ratios, skipped } = result;
  const targetOf = (name: string) => verdicts.filter(({ of }) => of === name).map(verdictText);
  const notes = [...new Set(rows.flatMap(({ note }) => note ?? []))];
  return [
    `${result.bench}, commit ${commit}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}`,
    '',
    table(
      ['row', 'median', 'min', 'max', 'unit', 'runs', 'note', 'target'],
      rows.map((row) => [
        row.name,
        ...[row.median, row.min, row.max].map(figure),
        unitText(row.unit),
        String(row.runs),
        row.note === undefined ? '' : `[${notes.indexOf(row.note) + 1}]`,
        targetOf(row.name).join('; '),
      ]),
    ),
    ...(ratios.length > 0
      ? [
          '',
          table(
            ['ratio', 'value', 'target'],
            ratios.map(({ name, value }) => [name, figure(value), targetOf(name).join('; ')]),
          ),
        ]
      : []),
    ...(notes.length > 0 ? ['', ...notes.map((note, i) => `[${i + 1}] ${note}`)] : []),
    ...(skipped.length > 0 ? ['', 'Skipped:', ...skipped.map(({ name, why }) => `  ${name}: ${why}`)] : []),
  ].join('\n');
}
