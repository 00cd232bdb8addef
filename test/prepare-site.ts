/** One pass over an organisation's events that are all at hand. */
import type { AuthEvent } from '../protocol/events/canonical.ts';
import { IncidentIndex, type Incident } from '../participant/train/incidents.ts';
import { type PrepareOptions, SiteBuilder } from '../participant/train/site-builder.ts';
import type { SiteData } from '../participant/train/site-data.ts';

/**
 * Events must come in the order of their time. `incidents` are the organisation's own.
 * Throws CordonError DATA_INSUFFICIENT where no event before `trainUntil` asks for access.
 */
export async function prepareSite(
  events: AsyncIterable<AuthEvent> | Iterable<AuthEvent>,
  incidents: Iterable<Incident>,
  options: PrepareOptions,
): Promise<SiteData> {
  const builder = new SiteBuilder(new IncidentIndex(incidents), options);
  if (Symbol.asyncIterator in events) for await (const event of events) builder.add(event);
  else for (const event of events) builder.add(event);
  return builder.site();
}
