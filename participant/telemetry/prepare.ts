import { join } from 'node:path';
import type { ParticipantConfig } from '../config.ts';
import { type SiteData, prepareSite } from '../train/prepare-site.ts';
import { TwinGraph, type TwinSizes } from '../twin/twin-graph.ts';
import { loadIncidents, loadTelemetry } from './load-telemetry.ts';

/** What a participant found in its telemetry; it stays at the site. */
export interface SiteSummary {
  readonly records: number;
  readonly rejects: number;
  readonly events: number;
  readonly twin: TwinSizes;
  readonly incidents: number;
  readonly scored: number;
  /** Milliseconds that all of it took. */
  readonly ms: number;
}

/**
 * From the site's files to its twin and its features. Rejected lines are written to `rejects.jsonl` in the state folder.
 * @param seed of this site's samples
 * @param elapsed milliseconds of a clock that never goes back
 * @throws CordonError as `loadTelemetry`, DATA_INSUFFICIENT
 */
export async function prepareTelemetry(
  config: ParticipantConfig,
  seed: number | string,
  elapsed: () => number,
): Promise<{ site: SiteData; summary: SiteSummary }> {
  const started = elapsed();
  const { telemetry, state } = config;
  const { events, stats } = await loadTelemetry(telemetry.events, join(state, 'rejects.jsonl'));
  const incidents = await loadIncidents(telemetry.incidents);
  const twin = new TwinGraph();
  for (const event of events) twin.apply(event);
  const site = await prepareSite(events, incidents, { trainUntil: telemetry.trainUntil, seed });
  const summary: SiteSummary = {
    records: stats.records,
    rejects: stats.rejects,
    events: events.length,
    twin: twin.sizes(),
    incidents: site.incidents.length,
    scored: site.scored,
    ms: elapsed() - started,
  };
  return { site, summary };
}
