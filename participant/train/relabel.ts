import type { AuthEvent } from '../../protocol/events/canonical.ts';
import type { IncidentIndex } from './incidents.ts';
import { RowBag, RowList, type ScoredEvents, type ScoredRows } from './rows.ts';

/** Kept events that other labels make something else of. */
interface Relabelled {
  /** They were taken for benign, and are incidents. */
  readonly incidents: ScoredRows;
  /** They were incidents, and are none. */
  readonly benign: ScoredRows;
}

/**
 * What other labels make of events that are kept with their rows.
 * @param validation benign events; those that are incidents now are taken out of it
 * @param evaluation all of the last events
 * @param mayGoBack whether there were incidents, and `validation` has every one of the last events that was none
 */
export function relabelled(
  validation: ScoredEvents,
  evaluation: ScoredRows,
  labels: IncidentIndex,
  mayGoBack: boolean,
): Relabelled {
  const isIncident = (event: AuthEvent): boolean => labels.campaignOf(event) !== null;
  const incidents = validation.takeOut(isIncident);
  const benign = { list: new RowList(evaluation.list.width), events: [] as AuthEvent[] };
  if (!mayGoBack) return { incidents, benign };
  const known = new Set(validation.events.map(keyOf));
  evaluation.events.forEach((event, i) => {
    if (isIncident(event) || known.has(keyOf(event))) return;
    benign.list.add(evaluation.list.row(i));
    benign.events.push(event);
  });
  return { incidents, benign };
}

/** Their rows by value. */
export function bagOf({ list }: ScoredRows): RowBag {
  const bag = new RowBag();
  for (let i = 0; i < list.length; i++) bag.put(list.row(i));
  return bag;
}

/** All that labels go by: events that have it in common are incidents together, or not. */
function keyOf({ time, srcHost, dstHost, srcAccount, dstAccount, source }: AuthEvent): string {
  return `${time}\0${srcHost}\0${dstHost}\0${srcAccount}\0${dstAccount}\0${source.uid}`;
}
