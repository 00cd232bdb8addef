import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { HostBook } from '../host-book.ts';
import { readDataset, type ReadOptions } from '../open.ts';
import type { DatasetStats, FileStats } from '../stats.ts';
import { windowsJson } from '../windows-json/format.ts';
import { organisationIds } from './organisation-ids.ts';
import { groupByDomain, hostsOf } from './organisations.ts';
import { recordingTechniques, type RecordingInfo } from './techniques.ts';
import { compressTimeline } from './timeline.ts';

/** One Active Directory domain of the recordings. */
export interface MordorOrganisation {
  /** Fit to name a member of a consortium: the first label of the domain, more where two begin alike (`theshire`). */
  readonly name: string;
  readonly domain: string;
  /** Hosts of the domain, sorted. */
  readonly hosts: readonly string[];
  /** Recordings that contribute events, in order of time. */
  readonly recordings: readonly string[];
  /** In order of time; milliseconds since the organisation's first event, gaps compressed (see `timeline.ts`). */
  readonly events: readonly CanonicalEvent[];
}

/** The recordings of a folder, shared out to organisations. */
export interface MordorData {
  /** Largest first. */
  readonly organisations: readonly MordorOrganisation[];
  /** Events of hosts that belong to no known domain, and these hosts. */
  readonly remainder: { readonly events: number; readonly hosts: readonly string[] };
  /** Events that were left out because the same recording lies in two folders. */
  readonly duplicateEvents: number;
  /** Techniques by recording; `event.source.dataset` is the recording. */
  readonly techniques: ReadonlyMap<string, RecordingInfo>;
  readonly stats: DatasetStats;
}

/** The file that is begun, how many have been, and records so far. */
export interface MordorProgress {
  readonly file: string;
  readonly files: number;
  readonly records: number;
}

/**
 * Reads a folder of OTRF Security-Datasets (Mordor) recordings and shares the events out to the Active Directory
 * domains as organisations. Of the recordings the hosts' own logs are taken; what Zeek saw of the same networks, and
 * names by address alone, is left out. Only canonical events are held in memory, about 1.5 % of the records.
 * @throws CordonError as `readDataset`
 */
export async function prepareMordor(
  dir: string,
  onProgress?: (progress: MordorProgress) => void,
  options: Omit<ReadOptions, 'hosts' | 'onFile'> = {},
): Promise<MordorData> {
  const hosts = new HostBook();
  const onFile = (file: FileStats): void =>
    onProgress?.({ file: file.file, files: reading.stats.files.length, records: reading.stats.records });
  const reading = readDataset(dir, { formats: [windowsJson], ...options, hosts, onFile });

  const events: CanonicalEvent[] = [];
  const seen = new Set<string>();
  let duplicateEvents = 0;
  for await (const batch of reading) {
    for (const event of batch) {
      const key = `${event.source.dataset} ${event.source.record} ${event.type} ${event.time}`;
      if (seen.has(key)) duplicateEvents++;
      else {
        seen.add(key);
        events.push(event);
      }
    }
  }

  const { byDomain, remainder } = groupByDomain(events, hosts);
  const ids = organisationIds(byDomain.keys());
  const organisations = [...byDomain]
    .map(([domain, list]) => organisation(ids.get(domain) ?? domain, domain, list))
    .toSorted((a, b) => b.events.length - a.events.length || (a.name < b.name ? -1 : 1));
  return {
    organisations,
    remainder: { events: remainder.length, hosts: [...new Set(remainder.flatMap(hostsOf))].toSorted() },
    duplicateEvents,
    techniques: (await recordingTechniques(dir)).recordings,
    stats: reading.stats,
  };
}

function organisation(name: string, domain: string, list: readonly CanonicalEvent[]): MordorOrganisation {
  const events = compressTimeline(list);
  const hosts = new Set<string>();
  for (const event of events) {
    for (const host of hostsOf(event)) if (host.endsWith(`.${domain}`)) hosts.add(host);
  }
  return {
    name,
    domain,
    hosts: [...hosts].toSorted(),
    recordings: [...new Set(events.map((event) => event.source.dataset))],
    events,
  };
}
