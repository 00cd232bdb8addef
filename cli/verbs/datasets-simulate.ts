import { COMPRESSIONS } from '../../datasets/simulator/log/log-file.ts';
import { PRESETS } from '../../datasets/simulator/options.ts';
import { builtIn, BUILT_IN } from '../../datasets/simulator/scenario/builtin/index.ts';
import { readScenario } from '../../datasets/simulator/scenario/read-scenario.ts';
import { simulate } from '../../datasets/simulator/simulate.ts';
import type { SimulateProgress } from '../../datasets/simulator/simulation.ts';
import { type JsonOption, print } from '../output.ts';
import { Progress } from '../progress.ts';
import { simulationText } from '../simulation-text.ts';
import { onStopSignal } from '../stop-signal.ts';
import { table } from '../table.ts';
import { usageError, wholeNumber } from '../usage.ts';

export interface SimulateArguments extends JsonOption {
  readonly out?: string;
  readonly orgs: string;
  readonly hosts?: string;
  readonly accounts?: string;
  readonly days?: string;
  readonly trainDays?: string;
  readonly events?: string;
  readonly seed: string;
  readonly scenario?: readonly string[];
  readonly compress: string;
  readonly listScenarios?: true;
  readonly showScenario?: string;
}

export async function datasetsSimulate(given: SimulateArguments): Promise<void> {
  const json = given.json === true;
  if (given.listScenarios) return listScenarios(json);
  if (given.showScenario !== undefined) return showScenario(given.showScenario, json);
  if (given.out === undefined || given.out === '') throw usageError('--out names no folder');
  const options = await optionsOf(given);
  const stop = new AbortController();
  void onStopSignal().then(() => stop.abort());
  const progress = new Progress();
  const before = process.cpuUsage();
  const work = simulate(options, given.out, {
    onProgress: (done) => progress.say(progressText(done)),
    signal: stop.signal,
  });
  const simulation = await work.catch((error: unknown) => {
    progress.end();
    if (stop.signal.aborted) process.exit(130);
    throw error;
  });
  progress.end();
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  print(json, { ...simulation, cpuSeconds }, () => simulationText(simulation, given.out ?? '', cpuSeconds));
}

export function progressText({ organisation, day, days, events }: SimulateProgress): string {
  return `Simulating ${organisation}, day ${day}/${days}: ${events.toLocaleString('en-US')} events`;
}

/** Sizes that are not given scale with the number of organisations as in the demo. */
async function optionsOf(given: SimulateArguments): Promise<Parameters<typeof simulate>[0]> {
  const { demo } = PRESETS;
  const orgs = wholeNumber(given.orgs, '--orgs', 1, 100);
  const whole = (text: string | undefined, name: string, otherwise: number): number =>
    text === undefined ? otherwise : wholeNumber(text, name, 1, Number.MAX_SAFE_INTEGER);
  const days = wholeNumber(given.days ?? String(demo.days), '--days', 2, 1000);
  const usual = Math.max(1, Math.min(days - 1, Math.round((days * demo.trainDays) / demo.days)));
  const compression = COMPRESSIONS.find((name) => name === given.compress);
  if (!compression)
    throw usageError(`--compress must be one of ${COMPRESSIONS.join(', ')}, not ${given.compress}`);
  return {
    orgs,
    hosts: whole(given.hosts, '--hosts', Math.round((demo.hosts / demo.orgs) * orgs)),
    accounts: whole(given.accounts, '--accounts', Math.round((demo.accounts / demo.orgs) * orgs)),
    days,
    trainDays: whole(given.trainDays, '--train-days', usual),
    seed: wholeNumber(given.seed, '--seed', 0, 2 ** 32 - 1),
    compression,
    ...(given.events === undefined ? {} : { eventsTarget: whole(given.events, '--events', 1) }),
    ...(given.scenario === undefined
      ? {}
      : { scenarios: await Promise.all(given.scenario.map((scenario) => readScenario(scenario))) }),
  };
}

async function listScenarios(json: boolean): Promise<void> {
  const scenarios = await Promise.all(BUILT_IN.map((name) => readScenario(name)));
  const rows = scenarios.map(({ scenario, title, attacks }) => ({
    scenario,
    title,
    tactics: attacks.map(({ tactic }) => tactic),
  }));
  print(json, { scenarios: rows }, () =>
    table(
      ['scenario', 'what it is', 'tactics'],
      rows.map(({ scenario, title, tactics }) => [scenario, title, String(tactics.length)]),
    ),
  );
}

/** Its text, to begin a file of one's own with. */
function showScenario(name: string, json: boolean): void {
  const text = builtIn(name);
  if (text === null)
    throw usageError(`there is no built-in scenario ${name}; --list-scenarios shows which there are`);
  print(json, { scenario: name, text }, () => text.trimEnd());
}
