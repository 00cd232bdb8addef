import { inspectDataset } from '../../datasets/inspect.ts';
import { renderInspection } from '../../datasets/inspect-text.ts';
import { PRESETS } from '../../datasets/simulator/options.ts';
import { simulate } from '../../datasets/simulator/simulate.ts';
import { type JsonOption, print } from '../output.ts';
import { Progress } from '../progress.ts';
import { table } from '../table.ts';
import { wholeNumber } from '../usage.ts';

export async function datasetsInspect(path: string, options: JsonOption): Promise<void> {
  const inspection = await inspectDataset(path);
  print(options.json === true, inspection, () => renderInspection(inspection));
}

export interface SimulateArguments {
  readonly out: string;
  readonly orgs: string;
  readonly hosts?: string;
  readonly accounts?: string;
  readonly days?: string;
  readonly seed: string;
  readonly json?: true;
}

/** Sizes that are not given scale with the number of organisations as in the demo. */
export async function datasetsSimulate(given: SimulateArguments): Promise<void> {
  const { demo } = PRESETS;
  const orgs = wholeNumber(given.orgs, '--orgs', 1, 100);
  const scaled = (text: string | undefined, name: string, all: number) =>
    text === undefined
      ? Math.round((all / demo.orgs) * orgs)
      : wholeNumber(text, name, 1, Number.MAX_SAFE_INTEGER);
  const days = wholeNumber(given.days ?? String(demo.days), '--days', 2, 1000);
  const progress = new Progress();
  const simulation = await simulate(
    {
      orgs,
      hosts: scaled(given.hosts, '--hosts', demo.hosts),
      accounts: scaled(given.accounts, '--accounts', demo.accounts),
      days,
      trainDays: Math.max(1, Math.min(days - 1, Math.round((days * demo.trainDays) / demo.days))),
      seed: wholeNumber(given.seed, '--seed', 0, 2 ** 32 - 1),
    },
    given.out,
    ({ day, days: all, events }) => progress.say(`Simulating day ${day}/${all}: ${events} events`),
  );
  progress.end();
  print(given.json === true, simulation, () =>
    [
      `${simulation.events} events, ${simulation.maliciousEvents} malicious, in ${given.out}`,
      table(
        ['organisation', 'hosts', 'accounts', 'events', 'labelled incidents'],
        simulation.organisations.map(({ name, hosts, accounts, events, incidents }) => [
          name,
          ...[hosts, accounts, events, incidents].map(String),
        ]),
      ),
    ].join('\n'),
  );
}
