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
 * @param allKept whether `validation` has every one of them that was taken for benign: another one was then an incident
 */
export function relabelled(
  validation: ScoredEvents,
  evaluation: ScoredRows,
  labels: IncidentIndex,
  allKept: boolean,
): Relabelled {
  const isIncident = (event: AuthEvent): boolean => labels.campaignOf(event) !== null;
  const incidents = validation.takeOut(isIncident);
  const benign = { list: new RowList(evaluation.list.width), events: [] as AuthEvent[] };
  if (!allKept) return { incidents, benign };
  const known = new Map<string, number>();
  for (const event of validation.events) known.set(keyOf(event), (known.get(keyOf(event)) ?? 0) + 1);
  evaluation.events.forEach((event, i) => {
    if (isIncident(event)) return;
    const key = keyOf(event);
    const left = known.get(key) ?? 0;
    if (left > 0) {
      known.set(key, left - 1);
      return;
    }
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

function keyOf({ type: _type, source, ...fields }: AuthEvent): string {
  return JSON.stringify([...Object.values(fields), source.dataset, source.record, source.uid]);
}
