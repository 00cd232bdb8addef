import { CordonError } from '../../protocol/errors.ts';
import { sixTactics } from './scenario/builtin/six-tactics.ts';
import { parseScenario } from './scenario/read-scenario.ts';
import type { Scenario } from './scenario/schema.ts';
import { combine, type Setting } from './scenario/setting.ts';
import type { Compression } from './log/log-file.ts';

/** Size, length and seed of a simulation; `checkOptions` holds the ranges. */
export interface SimulateOptions {
  /** Number of organisations, 1 to 100. */
  readonly orgs: number;
  /** Hosts of all organisations together, at least 20 for each, at most 300,000. */
  readonly hosts: number;
  /** User accounts of all organisations together, 20 for each to 1,000,000; machine and service accounts come on top. */
  readonly accounts: number;
  /** Whole days, at least 2. Day 0 is a Monday. */
  readonly days: number;
  /** Days of the training period, 1 to days - 1; the test period follows. */
  readonly trainDays: number;
  /** Any whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** About how many benign events to write, at most 12 million a day; default 35 a host and day. */
  readonly eventsTarget?: number;
  /** How the logs are compressed; default gz. */
  readonly compression?: Compression;
  /** What happens beside ordinary life; default the six tactics of the benchmark. */
  readonly scenarios?: readonly Scenario[];
}

export interface CheckedOptions extends Required<SimulateOptions> {
  /** All scenarios together. */
  readonly setting: Setting;
}

/** Known sizes. `demo` is what `npm run demo` uses. */
export const PRESETS = {
  demo: { orgs: 4, hosts: 500, accounts: 700, days: 12, trainDays: 7, seed: 1 },
  small: { orgs: 3, hosts: 90, accounts: 120, days: 6, trainDays: 3, seed: 1 },
  large: { orgs: 10, hosts: 6000, accounts: 9000, days: 21, trainDays: 12, seed: 1 },
} as const satisfies Record<string, SimulateOptions>;

/**
 * Events a day and no more: a busy weekday has a tenth more than the mean, and all of it must stay below `MOST_EVENTS`
 * of the day's buffer, even where one organisation has nearly everything.
 */
const MOST_A_DAY = 12_000_000;
/** A world of either size takes one to two gigabytes. */
const MOST_HOSTS = 300_000;
const MOST_ACCOUNTS = 1_000_000;

/** @throws CordonError USAGE when a value is outside its range, CONFIG_INVALID for scenarios that do not go together */
export function checkOptions(options: SimulateOptions): CheckedOptions {
  const { orgs, hosts, accounts, days, trainDays, seed, compression = 'gz' } = options;
  const eventsTarget = options.eventsTarget ?? hosts * days * 35;
  whole('orgs', orgs, 1, 100);
  const least = `, at least 20 for each of ${orgs} organisation${orgs === 1 ? '' : 's'}`;
  whole('hosts', hosts, 20 * orgs, MOST_HOSTS, least);
  whole('accounts', accounts, 20 * orgs, MOST_ACCOUNTS, least);
  whole('days', days, 2, 1000);
  whole('trainDays', trainDays, 1, days - 1);
  whole('seed', seed, 0, 2 ** 32 - 1);
  whole('eventsTarget', eventsTarget, hosts * days, 100_000_000_000);
  if (eventsTarget > MOST_A_DAY * days) {
    throw new CordonError('USAGE', {
      expected: `at most ${MOST_A_DAY} events a day`,
      got: `${eventsTarget} events in ${days} days, ${Math.round(eventsTarget / days)} a day`,
      next: 'choose fewer hosts (35 events a host and day unless eventsTarget says otherwise) or a smaller eventsTarget',
    });
  }
  const scenarios = options.scenarios ?? [parseScenario(sixTactics, 'built-in scenario six-tactics')];
  const setting = combine(scenarios);
  return {
    orgs,
    hosts,
    accounts,
    days,
    trainDays,
    seed,
    eventsTarget,
    compression,
    scenarios,
    setting,
  };
}

function whole(name: string, value: number, low: number, high: number, why = ''): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new CordonError('USAGE', {
    expected: `${name} to be a whole number from ${low} to ${high}${why}`,
    got: String(value),
    next: `choose another value for ${name}`,
  });
}
