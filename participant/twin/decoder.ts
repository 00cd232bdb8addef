import type { CordonError } from '../../protocol/errors.ts';
import { NETWORK, USE } from './columns.ts';
import { type EdgeStore, withClass } from './edge-store.ts';
import { FLAGS, LONGEST_NAME, NAME_HASH, type NodeStore } from './node-store.ts';
import type { PackedReader } from './packed.ts';
import type { Records } from './records.ts';
import { SERVICE_CLASSES } from './service-class.ts';

const MOST = Number.MAX_SAFE_INTEGER;
const MOST_COUNT = 0xffffffff;

/** Fills stores from packed rows; refuses what `encodeTwin` would not have written. */
export class Decoder {
  readonly #from: PackedReader;
  readonly #invalid: (expected: string, got: string) => CordonError;

  constructor(from: PackedReader, invalid: (expected: string, got: string) => CordonError) {
    this.#from = from;
    this.#invalid = invalid;
  }

  /** Nodes get their ranks as numbers. @param flags bits that may be set @returns how many there are */
  nodes(store: NodeStore, width: number, flags: number): number {
    store.forgottenOwn = this.#from.whole('nodes forgotten', MOST);
    store.forgottenOthers = this.#from.whole('nodes forgotten', MOST);
    const count = this.#from.whole('nodes', store.limit);
    let before = '';
    for (let number = 0; number < count; number++) {
      const name = this.#from.text('name', LONGEST_NAME);
      if (name <= before) throw this.#invalid('names in ascending order', 'another order');
      before = name;
      store.add(name);
      this.#times(store.records, number);
      store.records.u32[number * width + FLAGS] = this.#from.whole('flags', flags);
      for (let column = FLAGS + 1; column < width; column++) {
        if (column === NAME_HASH) continue;
        store.records.u32[number * width + column] = this.#from.whole('count', MOST_COUNT);
      }
    }
    return count;
  }

  /** @param from nodes at the beginning of edges @param to nodes at their end @param classes of service there may be */
  edges(edges: EdgeStore, from: number, to: number, classes: number, width: number): void {
    edges.forgotten = this.#from.whole('edges forgotten', MOST);
    const count = this.#from.whole('edges', edges.limit);
    let source = 0;
    let before = -1;
    for (let row = 0; row < count; row++) {
      const step = this.#from.whole('number of a node', MOST_COUNT);
      const target = this.#from.whole('number of a node', MOST_COUNT * SERVICE_CLASSES.length);
      source += step;
      if (step > 0) before = -1;
      const kind = target % SERVICE_CLASSES.length;
      const destination = (target - kind) / SERVICE_CLASSES.length;
      if (source >= from || destination >= to || kind >= classes || target <= before) {
        throw this.#invalid('edges between nodes, in ascending order', `from ${source} to ${destination}`);
      }
      before = target;
      edges.add(source, withClass(destination, kind));
      this.#times(edges.records, row);
      if (width === NETWORK.width) this.#network(edges.records, row);
      else this.#use(edges.records, row);
    }
  }

  #use({ u32 }: Records, row: number): void {
    for (let column: number = USE.events; column < USE.width; column++) {
      u32[row * USE.width + column] = this.#from.whole('count', MOST_COUNT);
    }
  }

  #network({ f64, u32 }: Records, row: number): void {
    const at = (row * NETWORK.width) / 2;
    f64[at + NETWORK.bytesOut] = this.#from.whole('bytes', MOST);
    f64[at + NETWORK.bytesIn] = this.#from.whole('bytes', MOST);
    u32[row * NETWORK.width + NETWORK.flows] = this.#from.whole('flows', MOST_COUNT);
  }

  #times({ f64, width }: Records, row: number): void {
    const first = this.#from.float('first time');
    const last = this.#from.float('last time');
    if (!(first <= last)) throw this.#invalid('a first time up to the last', `${first} and ${last}`);
    f64[(row * width) / 2] = first;
    f64[(row * width) / 2 + 1] = last;
  }
}
