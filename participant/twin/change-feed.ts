import type { ServiceClass } from './service-class.ts';

/** Between whom an edge is: an account used at a host, a host to a host by authentication, or over the network. */
export type EdgeName = 'account-host' | 'host-host' | ServiceClass;

/** Something new in the twin. `at` is the number of the event that brought it; a role becomes another half past an event. */
export type TwinChange = { readonly at: number; readonly time: number } & (
  | { readonly kind: 'host' | 'account'; readonly name: string }
  | {
      readonly kind: 'edge';
      readonly edge: EdgeName;
      readonly from: string;
      readonly to: string;
      /** Days since it was last seen, where it was known and has come back; null where it is new. */
      readonly afterDays: number | null;
    }
  | {
      readonly kind: 'role';
      readonly of: 'host' | 'account';
      readonly name: string;
      readonly from: string;
      readonly to: string;
    }
);

/** What a page of the feed holds. */
export interface ChangePage {
  readonly changes: readonly TwinChange[];
  /** Cursor for the next page. */
  readonly next: number;
  /** True where changes between the cursor and the first of the page are gone, or the cursor is of another twin. */
  readonly missed: boolean;
  /** Changes that had to leave the ring so far, seen by a reader or not. */
  readonly dropped: number;
}

/**
 * The newest changes of a twin, pulled by cursor. A cursor is a number of events: a twin that is restored and given the
 * same events again has the same changes under the same cursors. At most `limit` changes are kept; the oldest go.
 */
export class ChangeFeed {
  readonly #limit: number;
  readonly #ring: TwinChange[] = [];
  /** Place in the ring of the oldest change. */
  #start = 0;
  /** Changes up to this event are not, or no longer all, in the ring. */
  #goneUpTo: number;
  #dropped = 0;

  /** @param limit changes kept; 0 keeps none @param from events that were applied before the feed began */
  constructor(limit: number, from = 0) {
    this.#limit = limit;
    this.#goneUpTo = from;
  }

  push(change: TwinChange): void {
    if (this.#ring.length < this.#limit) {
      this.#ring.push(change);
      return;
    }
    this.#dropped++;
    const oldest = this.#ring[this.#start];
    this.#goneUpTo = oldest?.at ?? change.at;
    if (oldest === undefined) return;
    this.#ring[this.#start] = change;
    this.#start = (this.#start + 1) % this.#limit;
  }

  /**
   * Changes after a cursor, oldest first.
   * @param cursor `next` of the page before, or 0 for all that is kept
   * @param now events applied so far
   * @param limit changes in a page, 1 or more; those of one event are never parted, so that there may be more
   */
  since(cursor: number, now: number, limit: number): ChangePage {
    const known = cursor < now + 1;
    const from = known ? cursor : 0;
    const count = this.#ring.length;
    const change = (place: number): TwinChange | undefined => this.#ring[(this.#start + place) % count];
    let low = 0;
    for (let high = count; low < high;) {
      const middle = (low + high) >>> 1;
      if ((change(middle)?.at ?? 0) <= from) low = middle + 1;
      else high = middle;
    }
    const changes: TwinChange[] = [];
    let last = from;
    for (; low < count; low++) {
      const one = change(low);
      if (one === undefined || (changes.length >= limit && one.at !== last)) break;
      changes.push(one);
      last = one.at;
    }
    return {
      changes,
      next: low < count ? last : Math.max(now, last),
      missed: !known || from < this.#goneUpTo,
      dropped: this.#dropped,
    };
  }
}
