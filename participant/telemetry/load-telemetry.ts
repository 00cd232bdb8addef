import { readDataset } from '../../datasets/open.ts';
import type { DatasetStats } from '../../datasets/stats.ts';
import type { AuthEvent, CanonicalEvent } from '../../protocol/events/canonical.ts';
import type { Incident } from '../train/incidents.ts';

/** What was read of an organisation's logs: its authentications, and counts of all that was seen. */
export interface Telemetry {
  /** In the order of their time. */
  readonly events: readonly AuthEvent[];
  readonly stats: DatasetStats;
}

/**
 * Authentication events of this organisation from all its files and folders.
 * @param rejectFile where lines that could not be read are listed, or null
 * @throws CordonError DATA_NOT_FOUND, FORMAT_UNKNOWN, FILE_TRUNCATED, TOO_MANY_REJECTS
 */
export async function loadTelemetry(path: string, rejectFile: string | null): Promise<Telemetry> {
  const reading = readDataset(path, rejectFile === null ? {} : { rejectFile });
  const events: AuthEvent[] = [];
  for await (const batch of reading) {
    for (const event of batch) if (event.type === 'auth') events.push(event);
  }
  // Stable, so events of one instant keep the order of their file.
  events.sort((a, b) => a.time - b.time);
  return { events, stats: reading.stats };
}

/** Incidents that this organisation's analysts confirmed: detections by time, account, source and destination. */
export async function loadIncidents(path: string | null): Promise<Incident[]> {
  if (path === null) return [];
  const incidents: Incident[] = [];
  for await (const batch of readDataset(path))
    for (const event of batch) incidents.push(...asIncident(event));
  return incidents;
}

function asIncident(event: CanonicalEvent): Incident[] {
  if (event.type !== 'detection') return [];
  const { time, account, srcHost, dstHost, technique } = event;
  return [{ time, account, srcHost, dstHost, campaign: technique === '' ? 'incident' : technique }];
}
