import type { Operator } from '../../participant/api/operator.ts';
import type { RoundReport, RunSummary } from '../../protocol/messages/runs.ts';
import { plainText } from '../../protocol/messages/text.ts';
import { connectOperator, operatorRoster } from '../operator-file.ts';
import { failureOf, print } from '../output.ts';
import { Progress } from '../progress.ts';
import { table } from '../table.ts';
import { readTask } from '../task-file.ts';

export interface RoundArguments {
  readonly operator: string;
  readonly json?: true;
  readonly watch?: true;
  readonly dryRun?: true;
}

export async function roundStart(path: string, options: RoundArguments): Promise<void> {
  const task = await readTask(path);
  if (options.dryRun) {
    const roster = await operatorRoster(options.operator);
    return (await import('./privacy.ts')).showTask(task, options, roster);
  }
  const json = options.json === true;
  const progress = options.watch === true && !json ? new Progress() : new Progress('none');
  const operator = await connectOperator(options.operator, { onState: (state) => progress.state(state) });
  try {
    let run = await operator.start(task);
    if (options.watch) run = await untilOver(operator, run.run);
    progress.end();
    print(json, run, () => runLine(run));
    if (run.status === 'running' || run.status === 'finished') return;
    process.exitCode = run.failure ? failureOf(run.failure).exitCode : 1;
    if (!json && run.failure) throw failureOf(run.failure);
  } finally {
    progress.end();
    operator.close();
  }
}

export async function roundList(options: RoundArguments): Promise<void> {
  await withOperator(options, async (operator) => {
    const runs = await operator.list();
    print(options.json === true, { runs }, () =>
      runs.length === 0 ? 'no runs yet' : runs.map(runText).join('\n'),
    );
  });
}

export async function roundShow(id: string, options: RoundArguments): Promise<void> {
  await withOperator(options, async (operator) => {
    const run = await operator.show(id);
    print(options.json === true, run, () => `${runText(run)}\n${roundsTable(run.reports)}`);
  });
}

export async function roundCancel(id: string, options: RoundArguments): Promise<void> {
  await withOperator(options, async (operator) => {
    const run = await operator.cancel(id);
    print(options.json === true, run, () => runText(run));
  });
}

async function withOperator(
  options: RoundArguments,
  work: (operator: Operator) => Promise<void>,
): Promise<void> {
  const operator = await connectOperator(options.operator);
  try {
    await work(operator);
  } finally {
    operator.close();
  }
}

async function untilOver(operator: Operator, id: string): Promise<RunSummary> {
  for (;;) {
    const run = (await operator.list()).find((one) => one.run === id);
    if (run && run.status !== 'running') return run;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function runText(run: RunSummary): string {
  const { failure } = run;
  if (!failure) return runLine(run);
  return `${runLine(run)}\n  ${failure.code}: ${plainText(failure.got)}; ${plainText(failure.next)}`;
}

function runLine(run: RunSummary): string {
  const model = run.modelHash === null ? '' : `, model ${run.modelHash.slice(0, 16)}`;
  return `${run.run}  ${plainText(run.name)}  ${run.status}, ${run.published} of ${run.rounds} rounds${model}`;
}

function roundsTable(reports: readonly RoundReport[]): string {
  return table(
    [
      'round',
      'outcome',
      'contributors',
      'MB up',
      'MB down',
      'ms collect',
      'ms check',
      'ms answer',
      'ms sum',
      'ms open',
      'ms audit',
    ],
    reports.map(({ step, outcome, contributors, members, bytesUp, bytesDown, ms }) => [
      String(step),
      outcome,
      `${contributors.length} of ${members.length}`,
      (bytesUp / 1e6).toFixed(2),
      (bytesDown / 1e6).toFixed(2),
      ...[ms.collect, ms.check, ms.answer, ms.sum, ms.open, ms.audit].map((value) => value.toFixed(0)),
    ]),
  );
}
