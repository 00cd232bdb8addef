import { chmod, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CordonError } from '../../protocol/errors.ts';
import { benignDay, dayQuota, EVENTS_PER_LOGON } from './benign.ts';
import { playCampaigns, type Campaign } from './campaigns.ts';
import { DayBuffer } from './day-buffer.ts';
import { Facts, type FactRow } from './facts.ts';
import { buildHabits } from './habits.ts';
import { hardNegatives } from './hard-negatives.ts';
import { LogWriter } from './log-writer.ts';
import { checkOptions, type SimulateOptions } from './options.ts';
import { Random } from './random.ts';
import { DAY_SECONDS } from './rhythm.ts';
import { describeCampaigns, redteamRows } from './truth.ts';
import { buildWorld, type World } from './world.ts';

/** Changes whenever the same options give other bytes. */
export const SIMULATOR_VERSION = 1;

/** One organisation as `simulation.json` names it. */
export interface SimulatedOrganisation {
  readonly name: string;
  readonly domain: string;
  readonly hosts: number;
  readonly accounts: number;
  readonly events: number;
  /** Rows of its `incidents.txt`. */
  readonly incidents: number;
  /** Tactics that it has labelled incidents of. */
  readonly knownTactics: readonly string[];
  /** Organisations whose networks trust it. */
  readonly trusts: readonly string[];
  /** Names of its hosts: events with another destination never stand in its log. */
  readonly hostNames: readonly string[];
}

/** The content of `simulation.json`. */
export interface Simulation {
  readonly version: number;
  readonly options: Required<SimulateOptions>;
  /** Events before this second are for training, the others for testing. */
  readonly splitSeconds: number;
  readonly organisations: readonly SimulatedOrganisation[];
  readonly events: number;
  readonly maliciousEvents: number;
  readonly campaigns: { readonly train: number; readonly test: number };
  readonly facts: readonly FactRow[];
}

/** Told after each day: days done, days in all, events written. */
export interface SimulateProgress {
  readonly day: number;
  readonly days: number;
  readonly events: number;
}

/**
 * Writes the authentication logs of a chain of organisations with attacks that cross them. For each organisation
 * `<name>/auth.txt.gz` (LANL 2015 format, every event whose destination host is its own) and `<name>/incidents.txt`
 * (LANL red-team format, what it has labelled itself, training period only); besides `truth/redteam.txt`,
 * `truth/campaigns.json` and `simulation.json`. The same options give the same bytes.
 * Everything is written beside `outDir` and moved there at the end.
 * @throws CordonError USAGE, OUTPUT_EXISTS when `outDir` is there and not empty
 */
export async function simulate(
  options: SimulateOptions,
  outDir: string,
  onProgress?: (progress: SimulateProgress) => void,
): Promise<Simulation> {
  const checked = checkOptions(options);
  const target = resolve(outDir);
  await refuseUsed(target);
  await mkdir(dirname(target), { recursive: true });
  const temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  try {
    const simulation = await writeAll(checked, temporary, onProgress);
    await chmod(temporary, 0o755);
    await rmdir(target).catch(() => undefined);
    await rename(temporary, target);
    return simulation;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function refuseUsed(target: string): Promise<void> {
  const names = await readdir(target).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return;
  throw new CordonError('OUTPUT_EXISTS', {
    expected: `${target} to be absent or empty`,
    got: `a folder with ${names.length} entries`,
    next: 'name another folder, or remove this one',
  });
}

async function writeAll(
  options: Required<SimulateOptions>,
  dir: string,
  onProgress?: (progress: SimulateProgress) => void,
): Promise<Simulation> {
  const world = buildWorld(options);
  const campaigns = playCampaigns(world, options);
  const facts = new Facts(world.hostNames.length, options.days);
  const log = await LogWriter.open(world, dir);
  try {
    const parts = world.organisations.map((org) => ({
      org,
      habits: buildHabits(world, org, options.seed),
      random: new Random(options.seed, `benign/${org.index}`),
      logons: (options.eventsTarget * org.hosts.length) / options.hosts / EVENTS_PER_LOGON,
    }));
    const day = new DayBuffer();
    for (let number = 0; number < options.days; number++) {
      day.clear();
      for (const { org, habits, random, logons } of parts) {
        benignDay(world, org, habits, random, number, dayQuota(logons, number, options.days), day);
        hardNegatives(world, org, random, number, day);
      }
      addAttacks(campaigns, number, day);
      await log.writeDay(day, (i) => facts.count(number, day, i));
      onProgress?.({ day: number + 1, days: options.days, events: log.events });
    }
  } finally {
    await log.close();
  }
  return writeTruth(world, options, campaigns, facts.rows(), log, dir);
}

/**
 * Adds the campaigns' events of one day. An ordinary event with exactly the time, account, source and destination of
 * a malicious one would be labelled with it; it happens a second later instead.
 */
function addAttacks(campaigns: readonly Campaign[], number: number, day: DayBuffer): void {
  const today = campaigns
    .flatMap(({ events }) => events)
    .filter(({ time }) => Math.floor(time / DAY_SECONDS) === number);
  if (today.length === 0) return;
  const keys = new Set(today.map(({ time, account, src, dst }) => `${time} ${account} ${src} ${dst}`));
  const times = new Set(today.map(({ time }) => time));
  for (let i = 0; i < day.length; i++) {
    for (;;) {
      const time = Math.floor(day.time[i] ?? 0);
      if (!times.has(time)) break;
      if (!keys.has(`${time} ${day.srcAccount[i]} ${day.srcHost[i]} ${day.dstHost[i]}`)) break;
      day.time[i] = time + 1;
    }
  }
  for (const { time, account, src, dst, kind, success } of today) {
    day.add(time, account, account, src, dst, kind, success, true);
  }
}

async function writeTruth(
  world: World,
  options: Required<SimulateOptions>,
  campaigns: readonly Campaign[],
  facts: readonly FactRow[],
  log: LogWriter,
  dir: string,
): Promise<Simulation> {
  const organisations: SimulatedOrganisation[] = [];
  for (const org of world.organisations) {
    const known = campaigns.filter(({ knownTo }) => knownTo.includes(org.index));
    const rows = redteamRows(world, known, org.index);
    await writeFile(join(dir, org.name, 'incidents.txt'), rows.map((row) => `${row}\n`).join(''));
    organisations.push({
      name: org.name,
      domain: org.domain,
      hosts: org.hosts.length,
      accounts: org.users.length,
      events: log.eventsOf(org.index),
      incidents: rows.length,
      knownTactics: [...new Set(known.map(({ tactic }) => tactic))].toSorted(),
      trusts: world.trust
        .flatMap(([a, b]) => (a === org.index ? [b] : b === org.index ? [a] : []))
        .map((index) => world.organisations[index]?.name ?? ''),
      hostNames: org.hosts.map((host) => world.hostNames[host] ?? ''),
    });
  }
  const truth = redteamRows(world, campaigns, null);
  await mkdir(join(dir, 'truth'));
  await writeFile(join(dir, 'truth', 'redteam.txt'), truth.map((row) => `${row}\n`).join(''));
  await writeFile(join(dir, 'truth', 'campaigns.json'), json(describeCampaigns(world, campaigns)));
  const simulation: Simulation = {
    version: SIMULATOR_VERSION,
    options,
    splitSeconds: options.trainDays * DAY_SECONDS,
    organisations,
    events: log.events,
    maliciousEvents: truth.length,
    campaigns: {
      train: campaigns.filter(({ phase }) => phase === 'train').length,
      test: campaigns.filter(({ phase }) => phase === 'test').length,
    },
    facts,
  };
  await writeFile(join(dir, 'simulation.json'), json(simulation));
  return simulation;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}
