import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { playCampaigns } from './attacks/campaigns.ts';
import { addAttacks, attacksByDay, dayKey } from './attacks/label-collisions.ts';
import { Counts } from './fit/counts.ts';
import { fitReport } from './fit/report.ts';
import { hardNegatives } from './hard-negatives/index.ts';
import { buildHabits } from './life/habits.ts';
import { OrdinaryLife } from './life/ordinary-life.ts';
import { Plan } from './life/plan.ts';
import { Trace } from './life/trace.ts';
import { DayBuffer } from './log/day-buffer.ts';
import { LogFile, logName } from './log/log-file.ts';
import { RowWriter } from './log/row-writer.ts';
import { type CheckedOptions, checkOptions, type SimulateOptions } from './options.ts';
import { inNewFolder } from './new-folder.ts';
import { Random } from './random.ts';
import { DAY_SECONDS } from './rhythm.ts';
import { type SimulateProgress, type Simulation, SIMULATOR_VERSION } from './simulation.ts';
import { buildWorld } from './world/build-world.ts';
import type { Organisation, World } from './world/world.ts';
import { json, writeIncidents, writeTruth } from './write-truth.ts';

interface Surroundings {
  readonly onProgress?: (progress: SimulateProgress) => void;
  /** Stops between two days; nothing is left behind. */
  readonly signal?: AbortSignal;
}

/**
 * Writes the authentication logs of a chain of organisations with attacks that cross them. For each organisation
 * `<name>/auth.txt.gz` (LANL 2015 format, every event whose destination host is its own) and `<name>/incidents.txt`
 * (LANL red-team format, what it has labelled itself, training period only); besides `truth/redteam.txt`,
 * `truth/campaigns.json` and `simulation.json`. The same options give the same bytes.
 * Everything is written beside `outDir` and moved there at the end. Memory holds one day of one organisation.
 * @throws CordonError USAGE, CONFIG_INVALID, OUTPUT_EXISTS when `outDir` is there and not empty
 */
export async function simulate(
  options: SimulateOptions,
  outDir: string,
  { onProgress, signal }: Surroundings = {},
): Promise<Simulation> {
  const checked = checkOptions(options);
  return inNewFolder(outDir, (dir) => new Run(checked, dir, onProgress, signal).write());
}

/** One simulation while it is being written. */
class Run {
  private readonly options: CheckedOptions;
  private readonly dir: string;
  private readonly onProgress: Surroundings['onProgress'];
  private readonly signal: AbortSignal | undefined;
  private readonly world: World;
  private readonly counts: Counts;
  private readonly buffer = new DayBuffer();
  private events = 0;

  constructor(
    options: CheckedOptions,
    dir: string,
    onProgress: Surroundings['onProgress'],
    signal: AbortSignal | undefined,
  ) {
    this.options = options;
    this.dir = dir;
    this.onProgress = onProgress;
    this.signal = signal;
    this.world = buildWorld(options);
    this.counts = new Counts(this.world, options.days);
  }

  async write(): Promise<Simulation> {
    const { world, options, dir } = this;
    const campaigns = playCampaigns(world, options);
    const attacks = attacksByDay(world, campaigns);
    const plan = new Plan(world, options);
    const rows = new RowWriter(world.accountNames, world.hostNames);
    const logs: { file: string; events: number }[] = [];
    for (const org of world.organisations) {
      const before = this.events;
      await this.writeLog(org, plan, rows, (day) => attacks.get(dayKey(org.index, day)) ?? []);
      logs.push({ file: logName(options.compression), events: this.events - before });
    }
    const organisations = await writeIncidents(world, campaigns, options, logs, dir);
    const maliciousEvents = await writeTruth(world, campaigns, dir);
    const { setting: _, ...given } = options;
    const simulation: Simulation = {
      version: SIMULATOR_VERSION,
      options: given,
      splitSeconds: options.trainDays * DAY_SECONDS,
      organisations,
      events: this.events,
      maliciousEvents,
      campaigns: {
        train: campaigns.filter(({ phase }) => phase === 'train').length,
        test: campaigns.filter(({ phase }) => phase === 'test').length,
      },
      fit: fitReport(world, options, this.counts),
    };
    await writeFile(join(dir, 'simulation.json'), json(simulation));
    return simulation;
  }

  private async writeLog(
    org: Organisation,
    plan: Plan,
    rows: RowWriter,
    attacksOf: (day: number) => Parameters<typeof addAttacks>[0],
  ): Promise<void> {
    const { world, options, buffer } = this;
    const { seed, days, compression, setting } = options;
    const trace = new Trace(buffer);
    const random = new Random(seed, `benign/${org.index}`);
    const life = new OrdinaryLife(world, org, buildHabits(world, org, options), plan, random, trace);
    await mkdir(join(this.dir, org.name));
    const file = new LogFile(join(this.dir, org.name, logName(compression)), compression);
    buffer.reset();
    try {
      for (let day = 0; day < days; day++) {
        buffer.nextDay();
        trace.nextDay();
        hardNegatives({ world, org, random, trace }, day, setting.hardNegatives);
        life.day(day);
        addAttacks(attacksOf(day), day, buffer);
        this.counts.add(day, buffer);
        for (const chunk of rows.rows(buffer, day * DAY_SECONDS)) await file.write(chunk);
        this.events += buffer.length;
        this.onProgress?.({ organisation: org.name, day: day + 1, days, events: this.events });
        // Lets a signal of the terminal through.
        await setImmediate();
        this.signal?.throwIfAborted();
      }
    } catch (error) {
      file.abandon();
      throw error;
    }
    await file.close();
  }
}
