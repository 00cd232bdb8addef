import { isScored, usedAccount } from '../../participant/features/event-kind.ts';
import type { IncidentIndex } from '../../participant/train/incidents.ts';
import { seededStream } from '../../participant/train/seeded-stream.ts';
import type { AuthEvent, CanonicalEvent, DetectionEvent } from '../../protocol/events/canonical.ts';

export interface FalseIncidentsOptions {
  /** Milliseconds on the clock of the events; later ones teach nothing. */
  readonly until: number;
  /** Most rows of the list. */
  readonly count: number;
  /** Nothing of it is in the list. */
  readonly truth: IncidentIndex;
  readonly seed: number | string;
}

/**
 * A list of incidents that names benign remote logons, drawn evenly from the training time by the seed (Vitter 1985,
 * algorithm R), and none that is malicious: what a member with a poisoned label file has. Sorted by time.
 */
export async function falseIncidents(
  batches: AsyncIterable<readonly CanonicalEvent[]>,
  { until, count, truth, seed }: FalseIncidentsOptions,
): Promise<DetectionEvent[]> {
  const stream = seededStream('false incidents', seed);
  const drawn: AuthEvent[] = [];
  let seen = 0;
  for await (const batch of batches) {
    for (const event of batch) {
      if (event.type !== 'auth' || event.time >= until || !isScored(event)) continue;
      if (event.srcHost === event.dstHost || truth.campaignOf(event) !== null) continue;
      const place = drawn.length < count ? drawn.length : stream.nextBelow(seen + 1);
      seen++;
      if (place < count) drawn[place] = event;
    }
  }
  return drawn
    .map((event) => ({
      type: 'detection' as const,
      time: event.time,
      srcHost: event.srcHost,
      dstHost: event.dstHost,
      account: usedAccount(event),
      technique: '',
      label: '',
      source: event.source,
    }))
    .toSorted((a, b) => a.time - b.time);
}
