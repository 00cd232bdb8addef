import { STATISTICS } from '../models/analytics/count-sketch.ts';
import type { AuthEvent } from '../protocol/events/canonical.ts';
import type { AnalyticsPolicy, SitePolicy } from '../participant/federation/site-policy.ts';
import type { CountSketchTask } from '../protocol/task.ts';
import { logon as successful } from './auth-event.ts';

export const HOUR_MS = 3_600_000;

/** Two hourly periods of a small sketch, without noise. */
export const SKETCH_TASK: CountSketchTask = {
  kind: 'count-sketch',
  name: 'prevalence',
  rounds: 2,
  pace: 'replay',
  period: { seconds: 3600, first: 0, delaySeconds: 120 },
  sketch: { width: 256, depth: 3, statistics: [...STATISTICS], cap: 4, sources: 8 },
  noise: null,
  floor: 1,
  encoding: { bits: 10, layout: '3x26' },
  kMin: 3,
  deadlines: { advertiseSeconds: 20, collectSeconds: 20, graceSeconds: 20, openSeconds: 20 },
};

/** A site that allows everything of the kind. */
export const OPEN_ANALYTICS: AnalyticsPolicy = {
  statistics: [...STATISTICS],
  shortestPeriod: 600,
  mostEpsilon: null,
  delta: 1e-6,
  leastFloor: 1,
};
export const OPEN_POLICY: Partial<SitePolicy> = {
  tasks: ['train-edge-scorer', 'count-sketch'],
  analytics: OPEN_ANALYTICS,
};

/** A logon over the network. */
export function logon(
  time: number,
  account: string,
  srcHost: string,
  dstHost = 'server',
  success = true,
): AuthEvent {
  return successful(0, srcHost, dstHost, account, { time, success });
}
