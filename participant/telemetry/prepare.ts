import { join } from 'node:path';
import type { DatasetStats } from '../../datasets/stats.ts';
import { type PrepareOptions, SiteBuilder } from '../train/site-builder.ts';
import type { SiteData } from '../train/site-data.ts';
import { TwinGraph, type TwinSizes } from '../twin/twin-graph.ts';
import { type IncidentFiles, openIncidents } from './load-incidents.ts';
import { readLanes } from './read-lanes.ts';
import { type StreamCounts, SitePipeline } from './site-pipeline.ts';

/** What a participant found in its telemetry; it stays at the site. */
export interface SiteSummary {
  readonly records: number;
  readonly rejects: number;
  /** Authentications. */
  readonly events: number;
  /** Events that came too late to be given features, and records that were there twice. */
  readonly late: number;
  readonly duplicates: number;
  readonly twin: TwinSizes;
  readonly incidents: number;
  readonly scored: number;
  /** Milliseconds that all of it took. */
  readonly ms: number;
}

/** All of one reading of a site's files. */
export interface PreparedSite {
  readonly site: SiteData;
  readonly twin: TwinGraph;
  readonly counts: StreamCounts;
  readonly stats: DatasetStats;
}

/** What a site's files are read with. */
export interface SiteFiles extends PrepareOptions, IncidentFiles {
  /** File or folder. */
  readonly events: string;
  /** Whose wall clock times without a zone are read by, as an IANA name; UTC where left out. */
  readonly timeZone?: string;
  /** Where lines that could not be read are listed, or null. */
  readonly rejectFile: string | null;
  /** The clock, milliseconds of Unix time: what is more than five minutes ahead of it is rejected. */
  readonly now: number;
}

/**
 * A site's files in one pass, in the order of the merged stream, into its twin, features and samples.
 * @throws CordonError as `readDataset`, DATA_INSUFFICIENT
 */
export async function prepareFiles(files: SiteFiles): Promise<PreparedSite> {
  const twin = new TwinGraph();
  const learner = new SiteBuilder(await openIncidents(files), files);
  const pipeline = new SitePipeline({ twin, learner });
  const { now, rejectFile, timeZone } = files;
  const stats = await readLanes(files.events, (item, lane) => pipeline.take(item, lane), {
    now,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(rejectFile === null ? {} : { rejectFile }),
  });
  return { site: learner.site(), twin, counts: pipeline.counts, stats };
}

/** Which files, and the folder that labels are in and rejects are listed in. */
export interface TelemetryFiles extends Pick<SiteFiles, 'events' | 'incidents' | 'trainUntil' | 'timeZone'> {
  readonly state: string;
}

/**
 * From the site's files to its twin and its features. Rejected lines are written to `rejects.jsonl` in the state folder.
 * @param learning what the samples are drawn with, and what else the events are told to
 * @param elapsed milliseconds of a clock that never goes back
 * @param now the clock, milliseconds of Unix time
 * @throws CordonError as `prepareFiles`
 */
export async function prepareTelemetry(
  telemetry: TelemetryFiles,
  learning: Pick<PrepareOptions, 'seed' | 'onEvent'>,
  elapsed: () => number,
  now: number,
): Promise<{ site: SiteData; summary: SiteSummary }> {
  const started = elapsed();
  const rejectFile = join(telemetry.state, 'rejects.jsonl');
  const { site, twin, counts, stats } = await prepareFiles({
    ...telemetry,
    ...learning,
    rejectFile,
    now,
  });
  const summary: SiteSummary = {
    records: stats.records,
    rejects: stats.rejects,
    events: counts.events.auth,
    late: counts.late,
    duplicates: counts.duplicates,
    twin: twin.sizes(),
    incidents: site.incidents.length,
    scored: site.scored,
    ms: elapsed() - started,
  };
  return { site, summary };
}
