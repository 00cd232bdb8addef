import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeEvents } from '../../datasets/cordon-jsonl/write.ts';
import { readDataset } from '../../datasets/open.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { IncidentIndex } from '../../participant/train/incidents.ts';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { falseIncidents } from '../attacks/false-incidents.ts';
import { incidentsOf } from '../demo/compare.ts';
import { memberSeed } from '../demo/member-seed.ts';
import type { SiteFiles } from '../demo/workspace.ts';
import type { Variant } from './experiment.ts';
import { hashOf } from './hash.ts';
import type { TrackMembers } from './tracks.ts';
import type { World } from './world.ts';

/** What tells one member from the others. */
type Special = Pick<Variant, 'labels' | 'coldStart' | 'unlabelled' | 'falseIncidents'>;

/**
 * Every member's files in a variant. Those of special members are written anew, so that processes read them like any
 * other: nothing in a participant knows that its member is special.
 * @throws CordonError as `readDataset`
 */
export async function variantFiles(
  world: World,
  { labels, coldStart, unlabelled, falseIncidents: poisoned }: Special,
  tracks: ReadonlyMap<string, TrackMembers>,
  seed: number,
): Promise<ReadonlyMap<string, SiteFiles>> {
  const isOf = (track: string | null | undefined, member: string) =>
    track !== null && track !== undefined && tracks.get(track)?.members.includes(member) === true;
  const files = new Map<string, SiteFiles>();
  for (const member of world.members) {
    let site = world.filesOf(member, labels);
    if (isOf(unlabelled, member)) site = { ...site, incidents: null };
    if (coldStart !== null && isOf(coldStart.members, member)) {
      site = await joinedLate(world, member, site, coldStart.days);
    }
    if (poisoned !== null && isOf(poisoned.members, member)) {
      site = await poisonedList(world, member, site, poisoned.count, seed);
    }
    files.set(member, site);
  }
  return files;
}

/** Only what happened since so many days before the end of the training time, and no labels. */
async function joinedLate(world: World, member: string, site: SiteFiles, days: number): Promise<SiteFiles> {
  const from = (site.trainUntil ?? 0) - days * DAY_MS;
  const events = await fileFor(world, member, { joined: from });
  await writeEvents(events, since(readDataset(site.events), from));
  return { ...site, events, incidents: null };
}

async function* since(
  batches: AsyncIterable<readonly CanonicalEvent[]>,
  from: number,
): AsyncGenerator<readonly CanonicalEvent[]> {
  for await (const batch of batches) yield batch.filter(({ time }) => time >= from);
}

async function poisonedList(
  world: World,
  member: string,
  site: SiteFiles,
  count: number,
  seed: number,
): Promise<SiteFiles> {
  const rows = await falseIncidents(readDataset(site.events), {
    until: site.trainUntil ?? 0,
    count,
    truth: new IncidentIndex(incidentsOf(world.campaigns, member)),
    seed: memberSeed(seed, member),
  });
  const incidents = await fileFor(world, member, { count, events: site.events });
  await writeEvents(incidents, [rows]);
  return { ...site, incidents };
}

/** A place beside the world's logs; other content has another name. */
async function fileFor({ folder }: World, member: string, content: unknown): Promise<string> {
  const special = join(folder, 'special');
  await mkdir(special, { recursive: true });
  return join(special, `${member}-${hashOf(content).slice(0, 16)}.jsonl`);
}
