import { type SketchPrivacy, sketchPrivacy } from '../models/analytics/sketch-privacy.ts';
import { zcdpEpsilon, zcdpRho } from '../models/privacy/zcdp.ts';
import { type Debit, costliestYear } from '../participant/analytics/privacy-ledger.ts';
import type { CountSketchTask } from '../protocol/task.ts';
import { table } from './table.ts';

/** Delta where a task has no noise, and so names none. */
const DELTA = 1e-6;

/** What a sketch task costs, with infinite figures as null, so that it goes into JSON. */
export interface TaskPrivacy extends Omit<
  SketchPrivacy,
  'rho' | 'periodEpsilon' | 'runEpsilon' | 'yearEpsilon'
> {
  readonly task: string;
  readonly unit: string;
  readonly rho: number | null;
  readonly periodEpsilon: number | null;
  readonly runEpsilon: number | null;
  readonly yearEpsilon: number | null;
}

const UNIT = 'what one account does at one member';

/** What is often named as the most that still protects; set beside what a task has. */
const USUAL = 8;

/** Deviation that makes a year of periods cost the usual epsilon, its shares wide enough. */
function sigmaFor({ sensitivity, periodsAYear, delta }: TaskPrivacy): number {
  return sensitivity / Math.sqrt((2 * zcdpRho(USUAL, delta)) / periodsAYear);
}

const finite = (value: number): number | null => (value === Infinity ? null : value);

/** What a run of a sketch task costs a member: epsilon a period and a year, and what it protects. */
export function taskPrivacy(task: CountSketchTask): TaskPrivacy {
  const cost = sketchPrivacy(task, task.noise?.delta ?? DELTA);
  return {
    task: task.name,
    unit: UNIT,
    ...cost,
    rho: finite(cost.rho),
    periodEpsilon: finite(cost.periodEpsilon),
    runEpsilon: finite(cost.runEpsilon),
    yearEpsilon: finite(cost.yearEpsilon),
  };
}

/** The same in plain words. */
export function taskPrivacyText(task: CountSketchTask): string {
  const cost = taskPrivacy(task);
  const { noise, sketch, floor, period, rounds } = task;
  const lines = [
    `${task.name}: ${rounds} period${rounds === 1 ? '' : 's'} of ${lengthOf(period.seconds)}, ${sketch.statistics.length} statistics`,
    noise === null
      ? 'No noise: the exact sums are opened, and every one of them is seen by all members and by the coordinator.'
      : `Noise of deviation ${noise.sigma} in every cell of a sum, from any ${noise.shares} honest members alone.`,
    `Answers show nothing that fewer than ${floor} members could have caused; whoever reads the sums themselves sees more.`,
    '',
    table(
      [`epsilon of ${UNIT}`, 'epsilon', 'in words'],
      [
        ['in one period', cost.periodEpsilon],
        [`in all periods of this run (${rounds})`, cost.runEpsilon],
        [`in a year of periods (${cost.periodsAYear})`, cost.yearEpsilon],
      ].map(([what, epsilon]) => [
        String(what),
        figure(epsilon as number | null),
        inWords(epsilon as number | null),
      ]),
    ),
    '',
    `A year at epsilon ${USUAL} takes noise of deviation ${sigmaFor(cost).toFixed(0)}; a prevalence is at most the number of members.`,
    `Delta ${cost.delta}. One account moves a member's sketch of a period by at most ${cost.sensitivity.toFixed(2)} (L2), with at most ${sketch.sources} source${sketch.sources === 1 ? '' : 's'}.`,
    'A source host that several accounts use at a member in a period is protected less: by their number times.',
  ];
  return lines.join('\n');
}

/** What a site has given away so far. */
export interface LedgerPrivacy {
  readonly releases: number;
  readonly delta: number;
  readonly runs: readonly {
    readonly run: string;
    readonly releases: number;
    readonly epsilon: number | null;
  }[];
  /** Beginning of the first and last period that was released, milliseconds. */
  readonly from: number | null;
  readonly to: number | null;
  /** Greatest epsilon of any year of data; null where something had no noise. */
  readonly costliestYear: number | null;
}

/** What a site has released so far, by its ledger. @param delta what epsilon is stated at */
export function ledgerPrivacy(debits: readonly Debit[], delta = DELTA): LedgerPrivacy {
  const cost = (some: readonly Debit[]): number => some.reduce((sum, { rho }) => sum + (rho ?? Infinity), 0);
  const times = debits.map(({ from }) => from).sort((a, b) => a - b);
  return {
    releases: debits.length,
    delta,
    runs: [...new Set(debits.map(({ run }) => run))].map((run) => {
      const own = debits.filter((debit) => debit.run === run);
      return { run, releases: own.length, epsilon: finite(zcdpEpsilon(cost(own), delta)) };
    }),
    from: times.at(0) ?? null,
    to: times.at(-1) ?? null,
    costliestYear: finite(zcdpEpsilon(costliestYear(debits), delta)),
  };
}

/** The same in plain words. */
export function ledgerPrivacyText(ledger: LedgerPrivacy): string {
  if (ledger.releases === 0) return 'Nothing was released: no sketch of this site has left it.';
  return [
    `${ledger.releases} sketches of this site have left it, each in a sum.`,
    table(
      ['run', 'releases', 'epsilon'],
      ledger.runs.map(({ run, releases, epsilon }) => [run, String(releases), figure(epsilon)]),
    ),
    `The costliest year of data: epsilon ${figure(ledger.costliestYear)} at delta ${ledger.delta}, ${inWords(ledger.costliestYear)}.`,
    `The unit is ${UNIT}.`,
  ].join('\n');
}

function figure(epsilon: number | null): string {
  return epsilon === null ? 'unbounded' : epsilon.toPrecision(3);
}

/** What an epsilon lets somebody conclude who thinks it even odds beforehand whether the account was there. */
function inWords(epsilon: number | null): string {
  if (epsilon === null) return 'nothing is hidden from whoever sees the sums';
  const sure = 1 / (1 + Math.exp(-epsilon));
  if (sure > 0.999) return 'even odds may become more than 99.9 %';
  return `even odds become at most ${(100 * sure).toFixed(sure > 0.99 ? 1 : 0)} %`;
}

function lengthOf(seconds: number): string {
  return seconds === 600 ? '10 minutes' : seconds === 3600 ? 'an hour' : 'a day';
}
