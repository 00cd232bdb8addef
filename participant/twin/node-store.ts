import { oldest, Records } from './records.ts';

/** Longer names are cut: two that agree in this many UTF-16 units are one. */
export const LONGEST_NAME = 512;

/** Column 4 of every node: bits. */
export const FLAGS = 4;
/** The node is the organisation's own by what it did (see README), not only named by others. */
export const OWN = 1;
/** An account of a machine, or of an operating system itself. */
export const MACHINE = 2;
export const SYSTEM = 4;
/** Column 5 of every node: a hash of its name, the same in every twin. */
export const NAME_HASH = 5;
/** Column 6 of every node: events that it took part in. */
export const EVENTS = 6;

/**
 * Names with a row each. Numbers of nodes stay while the node is held; those of forgotten nodes are given out again.
 * When `limit` nodes are held, an eighth is forgotten: first those that are not own, then the least recently seen.
 */
export class NodeStore {
  readonly records: Records;
  readonly limit: number;
  /** Nodes forgotten so far, own and others. */
  forgottenOwn = 0;
  forgottenOthers = 0;
  #numbers = dictionary();
  #size = 0;
  readonly #names: (string | null)[] = [];
  readonly #free: number[] = [];

  /** @param width of a row in uint32, see Records; @param limit nodes at once, at least 8 */
  constructor(width: number, limit: number) {
    this.records = new Records(width);
    this.limit = Math.max(8, limit);
  }

  get size(): number {
    return this.#size;
  }

  /** Numbers ever given out at once: every number is below it. */
  get span(): number {
    return this.#names.length;
  }

  /** Whether there is no room for the most nodes that one event can add. */
  get full(): boolean {
    return this.#size > this.limit - 2;
  }

  /** Number of a name, or -1. */
  find(name: string): number {
    const known = this.#numbers[name];
    if (known !== undefined) return known;
    return name.length > LONGEST_NAME || !name.isWellFormed() ? (this.#numbers[stored(name)] ?? -1) : -1;
  }

  /** Number of a new name, its row cleared. Call `find` first; `makeRoom` before, where it is `full`. */
  add(name: string): number {
    const own = stored(name);
    const number = this.#free.pop() ?? this.#names.length;
    this.#names[number] = own;
    this.#numbers[own] = number;
    this.#size++;
    this.records.reserve(number, this.limit);
    this.records.clear(number);
    this.records.u32[number * this.records.width + NAME_HASH] = hashName(own);
    return number;
  }

  /** Name of a node that is held. */
  name(number: number): string {
    return this.#names[number] ?? '';
  }

  /** Numbers of all nodes, in order of their names (UTF-16 units). */
  sorted(): Uint32Array {
    const names = Object.keys(this.#numbers).sort();
    return Uint32Array.from(names, (name) => this.#numbers[name] ?? 0);
  }

  /** Numbers of all nodes, ascending. */
  held(): Uint32Array {
    const out = new Uint32Array(this.#size);
    let next = 0;
    for (let number = 0; number < this.span; number++) if (this.#names[number] !== null) out[next++] = number;
    return out;
  }

  /** Names of all nodes, by number. */
  *names(): Generator<string> {
    for (const name of this.#names) if (name !== null) yield name;
  }

  /** Forgets an eighth. Returns which numbers are gone, as a table by number. */
  makeRoom(): Uint8Array {
    const { records } = this;
    const held = this.held();
    const own = (row: number): boolean => (records.get(row, FLAGS) & OWN) !== 0;
    const drop = oldest(records, held, Math.ceil(this.limit / 8), own);
    const gone = new Uint8Array(this.span);
    const kept = dictionary();
    held.forEach((number, place) => {
      const name = this.name(number);
      if (drop[place] === 0) {
        kept[name] = number;
        return;
      }
      if (own(number)) this.forgottenOwn++;
      else this.forgottenOthers++;
      this.#names[number] = null;
      this.#size--;
      gone[number] = 1;
      this.#free.push(number);
    });
    this.#numbers = kept;
    return gone;
  }
}

/**
 * An object without a prototype, not a Map: its keys are internalised, so that a look-up compares pointers (a fifth of
 * the time of a Map's), and a key that a reader cut out of a line does not keep the line in memory.
 */
function dictionary(): Record<string, number> {
  return Object.create(null) as Record<string, number>;
}

/** The name as it is kept: well formed and of bounded length. */
function stored(name: string): string {
  return name.slice(0, LONGEST_NAME).toWellFormed();
}

/** FNV-1a over UTF-16 units, mixed; never depends on the order in which names came. */
export function hashName(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}
