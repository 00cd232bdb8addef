import { IncidentIndex } from '../participant/train/incidents.ts';

/** The incidents of a live site that has none and gets none. */
export const noIncidents = {
  index: new IncidentIndex([]),
  changed: (): Promise<null> => Promise.resolve(null),
} as const;
