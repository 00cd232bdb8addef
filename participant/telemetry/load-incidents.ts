import { readDataset } from '../../datasets/open.ts';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import type { Incident } from '../train/incidents.ts';

/**
 * Incidents that this organisation's analysts confirmed: detections by time, account, source and destination.
 * @throws CordonError as `readDataset`
 */
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
