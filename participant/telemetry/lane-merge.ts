/**
 * Many lanes into one stream, in an order that does not depend on how their bytes arrive: by (running maximum of the
 * time in the lane, name of the lane, place in the lane). Within a lane nothing is ever moved, so a line out of order
 * stays where it was written and moves nothing after it.
 */

/** One lane as the merge sees it; only the merge changes it. */
export interface MergeLane<T> {
  readonly name: string;
  /** Running maximum of the time of what was released; before the first item no more than a lower bound. */
  max: number;
  items: readonly T[];
  /** The next of `items`. */
  next: number;
  /** When the last of `items` arrived, milliseconds on the clock that `release` is given. */
  arrived: number;
  /** Key of the next item; of an empty lane the least that its next item can have. */
  key: number;
}

/**
 * Why nothing more is released: a lane must be filled first, a lane must be waited for by what arrived at that time, nothing
 * else has happened yet, enough for once, or the end.
 */
export type Released<T> =
  | { readonly stop: 'empty'; readonly lane: MergeLane<T> }
  | { readonly stop: 'hold'; readonly since: number }
  | { readonly stop: 'ahead' }
  | { readonly stop: 'enough' }
  | { readonly stop: 'end' };

/** Shape of the merge: how long an item waits for lanes that have nothing, milliseconds; for files that is for ever. */
export interface MergeOptions<T> {
  readonly timeOf: (item: T) => number;
  readonly holdMs: number;
}

/** The merge: `add` lanes, then `release` and, as it asks, `fill` or `rest` the lane that it stopped at. */
export class LaneMerge<T> {
  readonly #timeOf: (item: T) => number;
  readonly #holdMs: number;
  /** Binary heap, the least key first; idle lanes are in the other one. */
  readonly #ready: MergeLane<T>[] = [];
  readonly #idle: MergeLane<T>[] = [];

  constructor({ timeOf, holdMs }: MergeOptions<T>) {
    this.#timeOf = timeOf;
    this.#holdMs = holdMs;
  }

  /** A new lane with nothing in it yet. @param bound no item of it has an earlier key */
  add(name: string, bound: number): MergeLane<T> {
    const lane: MergeLane<T> = { name, max: bound, items: [], next: 0, arrived: 0, key: bound };
    push(this.#ready, lane);
    return lane;
  }

  /** Gives a lane that is empty its next items; none leaves it as it is. An idle lane is ready again. */
  fill(lane: MergeLane<T>, items: readonly T[], arrived: number): void {
    const [first] = items;
    if (first === undefined) return;
    if (!remove(this.#ready, lane)) remove(this.#idle, lane);
    lane.items = items;
    lane.next = 0;
    lane.arrived = arrived;
    lane.key = Math.max(lane.max, this.#timeOf(first));
    push(this.#ready, lane);
  }

  /** An empty lane that may get more, but has nothing to be read now. */
  rest(lane: MergeLane<T>): void {
    if (remove(this.#ready, lane)) push(this.#idle, lane);
  }

  /** An idle lane for which there is something to be read. */
  wake(lane: MergeLane<T>): void {
    if (remove(this.#idle, lane)) push(this.#ready, lane);
  }

  /** A lane that will get nothing any more. */
  end(lane: MergeLane<T>): void {
    if (!remove(this.#ready, lane)) remove(this.#idle, lane);
  }

  /**
   * Hands on what can be handed on, in order, until a lane is empty, has to be waited for, or `most` items are out.
   * An item that an idle lane might still come before waits `holdMs` from its arrival, and no longer.
   * @param until items with a later key than this stay, and so does what comes after them in their lanes
   */
  release(
    take: (item: T, lane: MergeLane<T>) => void,
    now: number,
    most: number,
    until = Infinity,
  ): Released<T> {
    for (let left = most; ;) {
      const lane = this.#ready[0];
      if (lane === undefined) return { stop: 'end' };
      if (lane.next >= lane.items.length) return { stop: 'empty', lane };
      // The first has the least key of all.
      if (lane.key > until) return { stop: 'ahead' };
      const idle = this.#idle[0];
      const held = idle !== undefined && lane.arrived + this.#holdMs > now;
      if (held && !before(lane, idle)) return { stop: 'hold', since: lane.arrived };
      if (left <= 0) return { stop: 'enough' };
      left -= this.#run(lane, held ? idle : undefined, left, until, take);
      sink(this.#ready, 0);
    }
  }

  /** Items of the first lane for as long as it is the first. @returns how many */
  #run(
    lane: MergeLane<T>,
    idle: MergeLane<T> | undefined,
    most: number,
    until: number,
    take: (item: T, lane: MergeLane<T>) => void,
  ): number {
    const other = least(this.#ready[1], this.#ready[2]);
    const end = Math.min(lane.items.length, lane.next + most);
    const from = lane.next;
    let at = from;
    while (at < end) {
      const item = lane.items[at];
      if (item === undefined) break;
      at++;
      lane.max = lane.key;
      take(item, lane);
      const following = lane.items[at];
      if (following !== undefined) lane.key = Math.max(lane.max, this.#timeOf(following));
      if (lane.key > until || (other !== undefined && !before(lane, other))) break;
      if (idle !== undefined && !before(lane, idle)) break;
    }
    lane.next = at;
    return at - from;
  }
}

function before<T>(a: MergeLane<T>, b: MergeLane<T>): boolean {
  return a.key < b.key || (a.key === b.key && a.name < b.name);
}

function least<T>(a: MergeLane<T> | undefined, b: MergeLane<T> | undefined): MergeLane<T> | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return before(a, b) ? a : b;
}

function push<T>(heap: MergeLane<T>[], lane: MergeLane<T>): void {
  heap.push(lane);
  rise(heap, heap.length - 1);
}

function remove<T>(heap: MergeLane<T>[], lane: MergeLane<T>): boolean {
  // Nearly always the first one.
  const at = heap[0] === lane ? 0 : heap.indexOf(lane);
  if (at < 0) return false;
  const last = heap.pop();
  if (last === undefined || at === heap.length) return true;
  heap[at] = last;
  sink(heap, at);
  rise(heap, at);
  return true;
}

function rise<T>(heap: MergeLane<T>[], from: number): void {
  for (let at = from; at > 0;) {
    const above = (at - 1) >> 1;
    if (!swapIf(heap, at, above)) return;
    at = above;
  }
}

function sink<T>(heap: MergeLane<T>[], from: number): void {
  for (let at = from; ;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const a = heap[left];
    const b = heap[right];
    if (a === undefined) return;
    const down = b !== undefined && before(b, a) ? right : left;
    if (!swapIf(heap, down, at)) return;
    at = down;
  }
}

/** Swaps where the one at `low` comes before the one at `high`. */
function swapIf<T>(heap: MergeLane<T>[], low: number, high: number): boolean {
  const [a, b] = [heap[low], heap[high]];
  if (a === undefined || b === undefined || !before(a, b)) return false;
  heap[low] = b;
  heap[high] = a;
  return true;
}
