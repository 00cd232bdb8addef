import { labelsOf } from '../labels/label-book.ts';
import type { Meant } from '../labels/span-index.ts';
import { IncidentIndex } from '../train/incidents.ts';
import type { Alert } from './alert.ts';
import { readAlerts } from './alert-file.ts';
import { type RunAlert, readRunAlerts, runsWithAlerts } from './run-alerts.ts';
import { suppressionIndex, suppressionsOf } from './suppression-book.ts';

/** What has become of an alert: nothing yet, or what the label or rule says that means its highest event. */
export type AlertState = 'new' | 'attack' | 'benign' | 'suppressed';

/** An alert as it is listed. */
export interface ListedAlert {
  /** The number of an alert in live use, or `RUN:NUMBER`. */
  readonly reference: string;
  readonly state: AlertState;
  /** Id of the label, or of the suppression. */
  readonly by: string | null;
  /** Of its highest event. */
  readonly time: number;
  readonly srcHost: string;
  readonly dstHosts: readonly string[];
  readonly destinations: number;
  readonly account: string;
  readonly score: number | null;
  readonly events: number | null;
  readonly reasons: readonly string[];
  /** All that is known of an alert in live use. */
  readonly alert: Alert | null;
}

/**
 * The alerts of a state folder, those in live use and those of finished runs, the newest first.
 * @throws CordonError ENCODING_INVALID where a file is damaged
 */
export async function listAlerts(state: string): Promise<ListedAlert[]> {
  const labels = new IncidentIndex([], (await labelsOf(state)).active.values());
  const rules = suppressionIndex((await suppressionsOf(state)).values());
  const stateOf = (event: Meant): Pick<ListedAlert, 'state' | 'by'> => {
    const said = labels.verdictOf(event);
    if (said !== null) return { state: said.verdict === 'benign' ? 'benign' : 'attack', by: said.id };
    const rule = rules.find(event);
    return rule === null ? { state: 'new', by: null } : { state: 'suppressed', by: rule.id };
  };
  const live = readAlerts(state).map((alert): ListedAlert => {
    const { number, event, srcHost, dstHosts, destinations, account, score, events, reasons } = alert;
    const names = { srcHost, dstHosts, destinations, account };
    const words = reasons.map((reason) => reason.words);
    const place = { reference: String(number), ...stateOf(event), time: event.time };
    return { ...place, ...names, score, events, reasons: words, alert };
  });
  const ofRuns: ListedAlert[] = [];
  for (const run of await runsWithAlerts(state)) {
    for (const [i, alert] of (await readRunAlerts(state, run)).entries()) {
      const { time, srcHost, account, dstHosts = [], score = null, events = null, reasons = [] } = alert;
      const names = { srcHost, dstHosts, destinations: dstHosts.length, account };
      const place = { reference: `${run}:${i + 1}`, ...stateOf(meantBy(alert)), time };
      ofRuns.push({ ...place, ...names, score, events, reasons, alert: null });
    }
  }
  return [...live, ...ofRuns].sort((a, b) => b.time - a.time);
}

function meantBy({ time, srcHost, account, dstHosts = [] }: RunAlert): Meant {
  const [dstHost = ''] = dstHosts;
  return { time, srcHost, dstHost, srcAccount: account, dstAccount: account, source: { uid: '' } };
}
