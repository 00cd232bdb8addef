import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simulate } from '../../datasets/simulator/simulate.ts';
import type { SimulateProgress } from '../../datasets/simulator/simulation.ts';
import type { CampaignTruth } from '../../datasets/simulator/truth.ts';
import type { SiteFiles } from '../demo/workspace.ts';
import type { ExperimentData, Variant } from './experiment.ts';
import { recordedWorld } from './recorded/recorded-world.ts';

/** The logs of one seed, and the truth about them. */
export interface World {
  /** Where all of it is; removed with it. */
  readonly folder: string;
  /** Members by name, in the simulator's order. */
  readonly members: readonly string[];
  /** Events in each one's logs. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly campaigns: readonly CampaignTruth[];
  readonly filesOf: (member: string, labels: Variant['labels']) => SiteFiles;
}

interface WorldHooks {
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * @param folder to be made
 * @throws CordonError as `simulate` or `recordedWorld`; what `signal` was aborted with
 */
export async function makeWorld(
  data: ExperimentData,
  seed: number,
  folder: string,
  { say, signal }: WorldHooks,
): Promise<World> {
  if (data.kind !== 'simulator') return recordedWorld(data, seed, folder, { say, signal });
  const { kind: _, ...options } = data;
  const onProgress = ({ organisation, day, days }: SimulateProgress) =>
    say(`simulating ${organisation}, day ${day}/${days}`);
  const simulation = await simulate({ ...options, seed, compression: 'none' }, folder, {
    onProgress,
    signal,
  });
  const campaigns = JSON.parse(
    await readFile(join(folder, 'truth', 'campaigns.json'), 'utf8'),
  ) as CampaignTruth[];
  const logs = new Map(simulation.organisations.map(({ name, log }) => [name, log]));
  const members = [...logs.keys()];
  const labelled = join(folder, 'labelled');
  await mkdir(labelled);
  for (const member of members) {
    const rows = allLabels(campaigns, member, simulation.splitSeconds);
    await writeFile(join(labelled, `${member}.txt`), rows.map((row) => `${row}\n`).join(''));
  }
  const incidents = (member: string, labels: Variant['labels']) => {
    if (labels === 'none') return null;
    return labels === 'own' ? join(folder, member, 'incidents.txt') : join(labelled, `${member}.txt`);
  };
  return {
    folder,
    members,
    sizes: new Map(simulation.organisations.map(({ name, events }) => [name, events])),
    campaigns,
    filesOf: (member, labels) => ({
      events: join(folder, member, logs.get(member) ?? ''),
      incidents: incidents(member, labels),
      trainUntil: 1000 * simulation.splitSeconds,
    }),
  };
}

/** Everything malicious that befell a member before the test time, as lines of LANL's red-team log. */
function allLabels(campaigns: readonly CampaignTruth[], member: string, splitSeconds: number): string[] {
  const rows = new Map<string, number>();
  for (const { events } of campaigns) {
    for (const { time, account, src, dst, organisation } of events) {
      if (organisation === member && time < splitSeconds) rows.set(`${time},${account},${src},${dst}`, time);
    }
  }
  return [...rows].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([row]) => row);
}
