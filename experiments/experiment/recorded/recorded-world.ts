import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeEvents } from '../../../datasets/cordon-jsonl/write.ts';
import { readDataset } from '../../../datasets/open.ts';
import type { CampaignTruth } from '../../../datasets/simulator/truth.ts';
import type { DetectionEvent } from '../../../protocol/events/canonical.ts';
import { CordonError } from '../../../protocol/errors.ts';
import type { World } from '../world.ts';
import { type Division, divideHosts } from './divide-hosts.ts';
import type { RecordedData } from './recorded-data.ts';
import { LabelledFlows, type MaliciousLogon, campaignsOf, detectionsIn } from './redteam.ts';
import { SplitEvents } from './split-events.ts';

interface RecordedHooks {
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The members of one recorded network: each has the authentications whose destination is one of its hosts. A member of
 * which no event is before the split is left out.
 * @param folder to be made; the members' logs are written there, compressed
 * @throws CordonError as `readDataset`, `divideHosts`; DATA_INSUFFICIENT where no member is left
 */
export async function recordedWorld(
  data: RecordedData,
  seed: number,
  folder: string,
  hooks: RecordedHooks,
): Promise<World> {
  await mkdir(folder, { recursive: true });
  const division = await divideHosts(data.partition, seed);
  const labels = await detectionsIn(data.redteam.path);
  const flows = new LabelledFlows(labels);
  const { files, hosts } = await split(data, division, flows, folder, hooks);
  const members = division.members.filter((member) => (files.get(member)?.training ?? 0) > 0);
  if (members.length === 0) {
    throw new CordonError('DATA_INSUFFICIENT', {
      expected: `authentications before the split in ${data.events.path}`,
      got: 'none',
      next: 'check the files and the time of the split in the experiment file',
    });
  }
  const paths = new Map([...files].map(([member, { path }]) => [member, path]));
  const logons = data.kind === 'lanl2015' ? listed(labels, data) : await overFlows(flows.index(hosts), paths);
  const campaigns = campaignsOf(logons, division.memberOf, data.trainUntil).filter(({ organisations }) =>
    organisations.some((member) => members.includes(member)),
  );
  const incidents = await writeIncidents(campaigns, members, data.trainUntil, folder);
  return {
    folder,
    members,
    sizes: new Map(members.map((member) => [member, files.get(member)?.events ?? 0])),
    campaigns,
    filesOf: (member, known) => ({
      events: paths.get(member) ?? '',
      incidents: known === 'none' ? null : (incidents.get(member) ?? null),
      trainUntil: data.trainUntil,
    }),
  };
}

async function split(
  { kind, events, trainUntil, until }: RecordedData,
  { memberOf }: Division,
  flows: LabelledFlows,
  folder: string,
  { say, signal }: RecordedHooks,
) {
  const lanes = new SplitEvents(folder, trainUntil);
  let count = 0;
  const reading = readDataset(events.path);
  for await (const batch of reading) {
    signal.throwIfAborted();
    for (const event of batch) {
      if (event.time >= until) continue;
      if (event.type === 'flow') flows.add(event);
      if (event.type !== 'auth') continue;
      count++;
      await lanes.add(memberOf(event.dstHost), event);
    }
    say(`dividing recorded events: ${count}`);
    // The one file is in the order of time; a folder may not be.
    if (kind === 'lanl2015' && events.isFile && (batch.at(-1)?.time ?? 0) >= until) break;
  }
  return { files: await lanes.finish(), hosts: reading.hosts };
}

/** LANL's list: a row is an authentication, by its time, account and hosts. */
function listed(labels: readonly DetectionEvent[], { until }: RecordedData): MaliciousLogon[] {
  return labels.filter(({ time }) => time < until);
}

async function overFlows(
  malicious: ReturnType<LabelledFlows['index']>,
  paths: ReadonlyMap<string, string>,
): Promise<MaliciousLogon[]> {
  const found: MaliciousLogon[] = [];
  for (const path of paths.values()) {
    for await (const batch of readDataset(path)) {
      found.push(...batch.flatMap((event) => (event.type === 'auth' ? (malicious(event) ?? []) : [])));
    }
  }
  return found;
}

/** What each member knows before the test time: its own rows. */
async function writeIncidents(
  campaigns: readonly CampaignTruth[],
  members: readonly string[],
  trainUntil: number,
  folder: string,
): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const member of members) {
    const rows: DetectionEvent[] = campaigns
      .filter(({ phase }) => phase === 'train')
      .flatMap(({ events }) => events)
      .filter(({ organisation, time }) => organisation === member && 1000 * time < trainUntil)
      .map(({ time, src, dst, account }, i) => ({
        type: 'detection',
        time: 1000 * time,
        srcHost: src,
        dstHost: dst,
        account,
        technique: '',
        label: 'red-team',
        source: { dataset: 'redteam', record: i + 1, uid: '' },
      }));
    if (rows.length === 0) continue;
    const path = join(folder, `${member}-incidents.jsonl`);
    await writeEvents(path, [rows]);
    paths.set(member, path);
  }
  return paths;
}
