import { readDataset } from '../../datasets/open.ts';
import { CordonError } from '../../protocol/errors.ts';
import { labelOf } from '../labels/from-detection.ts';
import { labelsOf } from '../labels/label-book.ts';
import type { Label } from '../labels/label.ts';
import { type Incident, IncidentIndex } from '../train/incidents.ts';

const FROM_FILE = { by: 'telemetry.incidents', at: 0 };

/** Where a site's incidents stand; either may be missing. */
export interface IncidentFiles {
  /** Detections by time, account, source and destination, in any format that a reader knows; null for none. */
  readonly incidents: string | null;
  /** The participant's state folder, whose labels count too. */
  readonly state?: string;
}

/**
 * Incidents that this organisation's analysts confirmed, as they are now: what is labelled later is not among them. A
 * detection that lacks a name means any; one without any name means nothing.
 * @throws CordonError as `readDataset`; ENCODING_INVALID for a damaged label file
 */
export async function openIncidents({ incidents, state }: IncidentFiles): Promise<IncidentIndex> {
  const rows: Incident[] = [];
  const labels: Label[] = state === undefined ? [] : [...(await labelsOf(state)).active.values()];
  if (incidents === null) return new IncidentIndex(rows, labels);
  for await (const batch of readDataset(incidents)) {
    for (const event of batch) {
      if (event.type !== 'detection') continue;
      const { time, account, srcHost, dstHost, technique } = event;
      const campaign = technique === '' ? 'incident' : technique;
      if (account !== '' && srcHost !== '' && dstHost !== '')
        rows.push({ time, account, srcHost, dstHost, campaign });
      else {
        const label = labelOf(event, campaign, FROM_FILE);
        if (!(label instanceof CordonError)) labels.push(label);
      }
    }
  }
  return new IncidentIndex(rows, labels);
}
