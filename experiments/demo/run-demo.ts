import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { writeDurably } from '../../crypto/identity/durable-file.ts';
import { modelOf } from '../../models/detection/models.ts';
import type { TrainTask } from '../../protocol/task.ts';
import type { State } from '../../protocol/messages/control.ts';
import { stringify } from 'yaml';
import { demoTask } from '../evaluate/demo-task.ts';
import { collectOrganisation, collectRound } from './collect.ts';
import { compareWithBaselines, plaintextModel, prepareAll } from './compare.ts';
import { DEMO_WORLD, type WorldSize, recordedData, simulatedData } from './data.ts';
import { Federation } from './federation.ts';
import { memberSeed } from './member-seed.ts';
import { inPlainWords } from './plain-words.ts';
import { type Child, OWN_CLI } from './processes.ts';
import type { DemoReport, DemoRound, OrganisationReport, Quality } from './report.ts';
import { Workspace, foundConsortium, settleConfigurations, writeConfigurations } from './workspace.ts';

export interface DemoOptions {
  readonly members: number;
  readonly rounds: number;
  readonly seed: number;
  /** Folder of recordings, or null for the simulator. */
  readonly data: string | null;
  /** Folder to keep, or null. */
  readonly out: string | null;
  readonly compare: boolean;
  /** Of the simulator; the demo's own unless a test wants a smaller one. */
  readonly world?: WorldSize;
  /** Changes to the task, for tests of deadlines. */
  readonly task?: Partial<TrainTask>;
  /** Command line that the coordinator is started from, for the test with a tree that has no secret code. */
  readonly coordinatorCli?: string;
}

export interface DemoHooks {
  readonly say: (text: string) => void;
  readonly onState: (state: State) => void;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
}

/**
 * A whole federation on this machine: data, consortium, processes, training, report.
 * A run that fails still gives a report, with the failure in it.
 * @throws CordonError for what comes before the first round: data, folders, processes
 */
export async function runDemo(options: DemoOptions, hooks: DemoHooks): Promise<DemoReport> {
  const workspace = await Workspace.create(options.out);
  const children: Child[] = [];
  const stopAll = () => Promise.all(children.map((child) => child.stop()));
  const onAbort = () => void stopAll();
  hooks.signal.addEventListener('abort', onAbort, { once: true });
  // A second interrupt ends this process at once; even then nothing may stay behind.
  const onExit = () => {
    for (const child of children) child.kill();
    if (!workspace.kept) rmSync(workspace.directory, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  const say = (text: string) => {
    hooks.signal.throwIfAborted();
    hooks.say(text);
  };
  try {
    const report = await demoIn(workspace, options, { ...hooks, say }, children);
    if (workspace.kept) await writeDurably(workspace.path('report.json'), JSON.stringify(report, null, 2));
    return report;
  } finally {
    hooks.signal.removeEventListener('abort', onAbort);
    await stopAll();
    await workspace.remove();
    process.removeListener('exit', onExit);
  }
}

async function demoIn(
  workspace: Workspace,
  options: DemoOptions,
  { say, onState }: DemoHooks,
  children: Child[],
): Promise<DemoReport> {
  const started = performance.now();
  const { seed, rounds } = options;
  const data =
    options.data === null
      ? await simulatedData(workspace, options.members, options.world ?? DEMO_WORLD, seed, say)
      : await recordedData(workspace, options.data, say);
  const dataMs = performance.now() - started;

  const members = [...data.sites.keys()];
  const seedOf = (member: string) => memberSeed(seed, member);
  const task: TrainTask = { ...demoTask(rounds, seed), ...options.task };
  await writeFile(workspace.path('task.yaml'), stringify(task));
  const chain = await foundConsortium(workspace, members);
  const federation = await Federation.start(
    workspace,
    chain,
    options.coordinatorCli ?? OWN_CLI,
    (address) => writeConfigurations(workspace, address, data.sites, seedOf),
    (child) => children.push(child),
  );
  const preparing = performance.now();
  await federation.prepared(say);
  const prepareMs = performance.now() - preparing;

  const training = performance.now();
  const { run, reports } = await federation.carryOut(task, onState);
  const trainingMs = performance.now() - training;

  say('Collecting the report');
  const demoRounds: DemoRound[] = [];
  for (const report of reports) demoRounds.push(await collectRound(workspace, report));
  const finished = run.status === 'finished';
  const organisations: OrganisationReport[] = [];
  for (const child of children.filter(({ name }) => members.includes(name))) {
    organisations.push(
      await collectOrganisation(workspace, child.name, run.run, finished && child.running, data.techniquesOf),
    );
  }
  const processes = children.map(({ name, pid, running }) => ({ name, pid, running }));
  await Promise.all(children.map((child) => child.stop()));
  if (workspace.kept) await settleConfigurations(workspace, federation.address);

  let quality: Quality = {
    available: false,
    ap: null,
    auc: null,
    reason: reasonWithout(data.kind, options, finished),
  };
  let modelEqualsPlaintext: boolean | null = null;
  // Which updates went into which sum follows from the reports; a disk that is full may have taken one.
  if (options.compare && finished && demoRounds.length === rounds) {
    say('Comparing with training alone, pooled and unencrypted');
    const sites = await prepareAll(data, seedOf);
    const plain = plaintextModel(sites, task, demoRounds, seedOf);
    modelEqualsPlaintext = plain.hash === run.modelHash;
    if (data.truth !== null) quality = await compareWithBaselines(sites, task, plain.weights, data.truth);
  }
  return {
    data: data.kind,
    members: members.length,
    seed,
    threshold: chain.last.threshold,
    source: data.source,
    organisations,
    run: { id: run.run, status: run.status, modelHash: finished ? run.modelHash : null },
    rounds: demoRounds,
    quality,
    modelEqualsPlaintext,
    failure: run.failure,
    processes,
    ms: { data: dataMs, prepare: prepareMs, training: trainingMs, total: performance.now() - started },
    kept: workspace.kept ? workspace.directory : null,
    inPlainWords: inPlainWords(chain.last, demoRounds, modelOf(task.model).length),
  };
}

function reasonWithout(kind: 'simulator' | 'mordor', { compare }: DemoOptions, finished: boolean): string {
  if (kind === 'mordor')
    return 'the recordings have no labels of single events, so nothing can be counted as right or wrong';
  if (!compare) return 'the comparison was left out (--no-compare)';
  return finished ? 'the report of a round is missing' : 'the run did not finish';
}
