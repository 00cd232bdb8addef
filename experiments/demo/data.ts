import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeEvents } from '../../datasets/cordon-jsonl/write.ts';
import { prepareMordor } from '../../datasets/mordor/prepare.ts';
import { PRESETS } from '../../datasets/simulator/options.ts';
import { simulate } from '../../datasets/simulator/simulate.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { SiteFiles, Workspace } from './workspace.ts';

/** Telemetry on disk, a folder an organisation, and what only the one who made the demo knows. */
export interface DemoData {
  readonly kind: 'simulator' | 'mordor';
  readonly sites: ReadonlyMap<string, SiteFiles>;
  /** Folder of the truth files, where there is a truth. */
  readonly truth: string | null;
  /** Techniques of the recording that an event came from. */
  readonly techniquesOf: (dataset: string) => readonly string[];
  readonly source: DataSummary;
}

export interface DataSummary {
  readonly files: number;
  readonly records: number;
  readonly events: number;
  readonly rejects: number;
  /** Files that no reader takes. */
  readonly skipped: number;
  readonly remainder: { readonly events: number; readonly hosts: readonly string[] } | null;
}

type Say = (text: string) => void;

/** Size of the simulator's world, an organisation and in days. */
export interface WorldSize {
  readonly hosts: number;
  readonly accounts: number;
  readonly days: number;
  readonly trainDays: number;
}
export const DEMO_WORLD: WorldSize = {
  hosts: PRESETS.demo.hosts / PRESETS.demo.orgs,
  accounts: PRESETS.demo.accounts / PRESETS.demo.orgs,
  days: PRESETS.demo.days,
  trainDays: PRESETS.demo.trainDays,
};

/** Simulated organisations with attacks that cross them. */
export async function simulatedData(
  workspace: Workspace,
  members: number,
  size: WorldSize,
  seed: number,
  say: Say,
): Promise<DemoData> {
  const { days, trainDays } = size;
  const directory = workspace.path('data');
  const simulation = await simulate(
    { orgs: members, hosts: members * size.hosts, accounts: members * size.accounts, days, trainDays, seed },
    directory,
    {
      onProgress: ({ organisation, day, days: all, events }) =>
        say(`Simulating ${organisation}, day ${day}/${all}: ${events} events`),
    },
  );
  const sites = new Map<string, SiteFiles>();
  for (const { name, log } of simulation.organisations) {
    sites.set(name, {
      events: join(directory, name, log),
      incidents: join(directory, name, 'incidents.txt'),
      trainUntil: 1000 * simulation.splitSeconds,
    });
  }
  return {
    kind: 'simulator',
    sites,
    truth: join(directory, 'truth'),
    techniquesOf: () => [],
    source: {
      files: simulation.organisations.length,
      records: simulation.events,
      events: simulation.events,
      rejects: 0,
      skipped: 0,
      remainder: null,
    },
  };
}

/**
 * Real recordings, one organisation an Active Directory domain.
 * @throws CordonError DATA_NOT_FOUND, FORMAT_UNKNOWN, DATA_INSUFFICIENT for fewer than three domains
 */
export async function recordedData(workspace: Workspace, path: string, say: Say): Promise<DemoData> {
  const directory = resolve(path);
  await stat(directory).catch(() => {
    throw new CordonError('DATA_NOT_FOUND', {
      expected: `a folder of recordings at ${directory}`,
      got: 'nothing there, or no permission to read it',
      next: 'check the path; without --data the demo uses its simulator',
    });
  });
  const prepared = await prepareMordor(directory, ({ files, records }) =>
    say(`Reading file ${files}: ${records} records so far`),
  );
  const { organisations, remainder, techniques, stats } = prepared;
  if (organisations.length < 3) {
    throw new CordonError('DATA_INSUFFICIENT', {
      expected: 'recordings of at least three Active Directory domains',
      got: organisations.map(({ domain }) => domain).join(', ') || 'none',
      next: 'a sum over fewer than three organisations would tell each of them the others: add recordings',
    });
  }
  const sites = new Map<string, SiteFiles>();
  for (const { name, events } of organisations) {
    await mkdir(workspace.path('data', name), { recursive: true, mode: 0o700 });
    const file = workspace.path('data', name, 'events.jsonl.gz');
    await writeEvents(file, [events]);
    sites.set(name, { events: file, incidents: null, trainUntil: null });
  }
  return {
    kind: 'mordor',
    sites,
    truth: null,
    techniquesOf: (dataset) => techniques.get(dataset)?.techniques ?? [],
    source: {
      files: stats.files.length,
      records: stats.records,
      events: organisations.reduce((sum, { events }) => sum + events.length, 0),
      rejects: stats.rejects,
      skipped: stats.skipped.length,
      remainder,
    },
  };
}
