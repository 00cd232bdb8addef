import { runDemo } from '../../experiments/demo/run-demo.ts';
import { demoText } from '../demo-text.ts';
import { failureOf, print } from '../output.ts';
import { Progress } from '../progress.ts';
import { onStopSignal } from '../stop-signal.ts';
import { usageError, wholeNumber } from '../usage.ts';

export interface DemoArguments {
  readonly members?: string;
  readonly rounds: string;
  readonly seed: string;
  readonly data?: string;
  readonly out?: string;
  readonly compare: boolean;
  readonly json?: true;
}

export async function demo(options: DemoArguments): Promise<void> {
  const json = options.json === true;
  const members = wholeNumber(options.members ?? '4', '--members', 3, 100);
  if (options.data === '') throw usageError('--data names no folder');
  if (options.data !== undefined && options.members !== undefined) {
    throw usageError('--members goes with the simulator; with --data every domain is a member');
  }
  const stop = new AbortController();
  const progress = new Progress();
  void onStopSignal().then(() => stop.abort());
  const work = runDemo(
    {
      members,
      rounds: wholeNumber(options.rounds, '--rounds', 1, 10_000),
      seed: wholeNumber(options.seed, '--seed', 0, 2 ** 32 - 1),
      data: options.data ?? null,
      out: options.out ?? null,
      compare: options.compare,
    },
    { say: (text) => progress.say(text), onState: (state) => progress.state(state), signal: stop.signal },
  );
  const report = await work.catch((error: unknown) => {
    progress.end();
    if (stop.signal.aborted) process.exit(130);
    throw error;
  });
  progress.end();
  print(json, report, () => demoText(report));
  if (report.failure) {
    process.exitCode = failureOf(report.failure).exitCode;
    if (!json) throw failureOf(report.failure);
  }
}
