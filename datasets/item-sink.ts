import type { StreamItem } from './host-facts.ts';
import type { Sink } from './tally.ts';

/** What readers tell, as items in their order. */
export function sinkInto(items: StreamItem[]): Sink {
  return {
    event: (event, naming) =>
      void items.push(naming === undefined ? event : { type: 'unresolved', event, naming }),
    fact: (fact) => void items.push(fact),
  };
}

/** When an item happened, milliseconds. */
export function timeOf(item: StreamItem): number {
  return item.type === 'unresolved' ? item.event.time : item.time;
}
