import type { StreamItem } from '../../datasets/host-facts.ts';
import { timeOf } from '../../datasets/item-sink.ts';
import { openParts, type Part, stem } from '../../datasets/input/parts.ts';
import { nothingRecognised, type ReadOptions } from '../../datasets/open.ts';
import { partSettings, type PartSettings } from '../../datasets/read-part.ts';
import { type DatasetStats, emptyStats } from '../../datasets/stats.ts';
import { countReject } from '../../datasets/tally.ts';
import { LaneMerge, type MergeLane } from './lane-merge.ts';
import { PartLane } from './part-lane.ts';
import { bySeries, seriesOf } from './series.ts';
import { AHEAD_MS } from './site-pipeline.ts';

/** More lanes than this are not all opened at once: first of each is read only when its first item happened. */
const OPEN_LANES = 64;
/** Memory for what is read and not yet handed on, over all lanes; bytes of input. */
const READ_AHEAD_BYTES = 64 * 1024 * 1024;
const MOST_CHUNK = 256 * 1024;
const LEAST_CHUNK = 8 * 1024;

/** How to read, and the newest time that can be true. */
export interface LaneOptions extends Pick<
  ReadOptions,
  'timeZone' | 'maxRejectShare' | 'rejectFile' | 'formats'
> {
  /** The clock when reading begins, milliseconds of Unix time; what is further ahead of it than five minutes is rejected. */
  readonly now: number;
}

/**
 * All logs of a file or folder as one stream: files that are pieces of one log are a lane, and the lanes are merged by
 * event time. At no time is more in memory than a piece of each log that is open.
 * @param take gets the items in the order of the stream, each with the name of its lane
 * @throws CordonError as `readDataset`
 */
export async function readLanes(
  path: string,
  take: (item: StreamItem, lane: string) => void,
  options: LaneOptions,
): Promise<DatasetStats> {
  const stats = emptyStats();
  const settings = partSettings(options);
  let failed = true;
  try {
    settings.rejectFile?.open();
    const parts: Part[] = [];
    for await (const part of openParts(path)) parts.push({ ...part, dataset: datasetOf(part) });
    const series = bySeries(parts, ({ label }) => label.replaceAll('\\', '/'));
    const merge = new LaneMerge<StreamItem>({ timeOf, holdMs: Infinity });
    const lanes = new Map<MergeLane<StreamItem>, PartLane>();
    const share = Math.floor(READ_AHEAD_BYTES / Math.max(1, series.size));
    const chunkBytes = Math.min(MOST_CHUNK, Math.max(LEAST_CHUNK, share));
    for (const [name, pieces] of series) {
      const lane = new PartLane(pieces, stats, { ...settings, chunkBytes });
      const bound = series.size > OPEN_LANES ? await lane.firstTime(timeOf) : -Infinity;
      // A first item that is rejected says nothing of what follows.
      lanes.set(merge.add(name, bound > options.now + AHEAD_MS ? -Infinity : bound), lane);
    }
    try {
      await drain(merge, lanes, take, plausible(stats, settings, options.now + AHEAD_MS));
    } finally {
      for (const lane of lanes.values()) await lane.close();
    }
    if (stats.files.length === 0) throw nothingRecognised(path, stats);
    failed = false;
    return stats;
  } finally {
    settings.rejectFile?.finish(failed);
  }
}

/** The pieces of a log are one data set. */
function datasetOf({ label, dataset }: Part): string {
  const { series, date, number } = seriesOf(label);
  return date === '' && number < 0 ? dataset : stem(series);
}

async function drain(
  merge: LaneMerge<StreamItem>,
  lanes: Map<MergeLane<StreamItem>, PartLane>,
  take: (item: StreamItem, lane: string) => void,
  accept: (items: StreamItem[], lane: string) => StreamItem[],
): Promise<void> {
  for (;;) {
    const released = merge.release((item, { name }) => take(item, name), 0, Infinity);
    if (released.stop !== 'empty') return;
    const { lane } = released;
    const items = (await lanes.get(lane)?.next()) ?? null;
    if (items === null) {
      merge.end(lane);
      lanes.delete(lane);
    } else merge.fill(lane, accept(items, lane.name), 0);
  }
}

/** Leaves out, and counts as rejects, what has not happened yet: a wrong clock or a wrong zone. */
function plausible(
  stats: DatasetStats,
  settings: PartSettings,
  until: number,
): (items: StreamItem[], lane: string) => StreamItem[] {
  return (items, lane) => {
    if (!items.some((item) => timeOf(item) > until)) return items;
    return items.filter((item) => {
      if (timeOf(item) <= until) return true;
      rejectAhead(stats, settings, item, lane);
      return false;
    });
  };
}

function rejectAhead(stats: DatasetStats, settings: PartSettings, item: StreamItem, lane: string): void {
  if (item.type === 'recorder' || item.type === 'address') return;
  const event = item.type === 'unresolved' ? item.event : item;
  countReject(stats, settings, {
    file: lane,
    line: event.source.record,
    reason: 'more than five minutes ahead of the clock: a wrong clock or time zone',
    text: `${event.type} at ${event.time}`,
  });
}
