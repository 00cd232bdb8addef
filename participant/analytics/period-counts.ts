import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { isAutomatic, isScored, usedAccount } from '../features/event-kind.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { SnapshotWriter } from '../snapshot/snapshot-writer.ts';

/** What one account did from one source in a period. */
export interface PairCount {
  readonly account: string;
  readonly source: string;
  readonly failures: number;
  /** Destinations that the account had never been seen at. */
  readonly fresh: number;
}

export interface CountLimits {
  /** Pairs in all slots together; beyond it the oldest slots are forgotten. */
  readonly pairs: number;
  /** Names; beyond it new ones are not counted. */
  readonly names: number;
}

const DEFAULT_LIMITS: CountLimits = { pairs: 3_000_000, names: 1_000_000 };

/** Milliseconds of a slot: every period is a whole number of them. */
const SLOT_MS = 600_000;
const MOST = 0xffff;
const NAMES = 2 ** 26;
const SNAPSHOT = 'period counts';
/** Code units of a name in a snapshot. */
const LONGEST_NAME = 2 ** 20;

/**
 * What an organisation's events come to, ten minutes by ten minutes, for the sketches of its periods: accounts that are
 * used from sources, their failures and first-time destinations. Names are kept as they are, here alone; they leave only
 * as cells that a keyed hash chooses.
 */
export class PeriodCounts {
  readonly #limits: CountLimits;
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  /** By slot: pair to failures * 2^16 + fresh. */
  readonly #slots = new Map<number, Map<number, number>>();
  #pairs = 0;
  #completeFrom = -Infinity;
  #newest = 0;

  constructor(limits: CountLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Time of the newest event so far; 0 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** Periods that begin before this are not kept in full any more. */
  get completeFrom(): number {
    return this.#completeFrom;
  }

  /** @param fresh whether the account is at this destination for the first time */
  add(event: AuthEvent, fresh: boolean): void {
    if (event.time > this.#newest) this.#newest = event.time;
    const account = usedAccount(event);
    if (!isScored(event) || !isIdentifier(account) || !isHostName(event.srcHost)) return;
    const [a, s] = [this.#number(account), this.#number(event.srcHost)];
    const at = Math.floor(event.time / SLOT_MS);
    if (a < 0 || s < 0 || at * SLOT_MS < this.#completeFrom) return;
    const slot = this.#slots.get(at) ?? new Map<number, number>();
    if (slot.size === 0) this.#slots.set(at, slot);
    const pair = a * NAMES + s;
    const before = slot.get(pair);
    if (before === undefined) this.#pairs += 1;
    slot.set(pair, add(before ?? 0, event.success ? 0 : 1, fresh ? 1 : 0));
    if (this.#pairs > this.#limits.pairs) this.#forgetOldest();
  }

  /** Pairs of a period, each once. @param from @param to whole slots, milliseconds */
  of(from: number, to: number): PairCount[] {
    const merged = new Map<number, number>();
    for (let slot = from / SLOT_MS; slot < to / SLOT_MS; slot++) {
      for (const [pair, counts] of this.#slots.get(slot) ?? []) {
        merged.set(pair, add(merged.get(pair) ?? 0, counts >>> 16, counts & MOST));
      }
    }
    return Array.from(merged, ([pair, counts]) => ({
      account: this.#names[Math.floor(pair / NAMES)] ?? '',
      source: this.#names[pair % NAMES] ?? '',
      failures: counts >>> 16,
      fresh: counts & MOST,
    }));
  }

  /** All of it; names stand in it as they are. */
  snapshot(): Uint8Array {
    const out = new SnapshotWriter(SNAPSHOT, 1);
    for (const value of [this.#newest, this.#completeFrom, this.#names.length, this.#slots.size])
      out.number(value);
    for (const name of this.#names) out.text(name);
    for (const [slot, pairs] of this.#slots) {
      out.number(slot);
      out.bytes(Float64Array.from([...pairs].flat()));
    }
    return out.finish();
  }

  /** Goes on from a snapshot of the same limits. @throws CordonError ENCODING_INVALID */
  restore(snapshot: Uint8Array): void {
    const from = new SnapshotReader(snapshot, SNAPSHOT, 1);
    this.#newest = from.number();
    this.#completeFrom = from.number();
    const [names, slots] = [from.whole('names', NAMES), from.whole('slots', 2 ** 32)];
    this.#numbers.clear();
    this.#names.length = 0;
    for (let i = 0; i < names; i++) this.#number(from.text('name', LONGEST_NAME));
    this.#slots.clear();
    this.#pairs = 0;
    for (let i = 0; i < slots; i++) {
      const at = from.number();
      const bytes = from.bytes('pairs', 2 ** 40);
      if (bytes.byteLength % 16 !== 0) throw from.invalid('pairs of numbers', `${bytes.byteLength} bytes`);
      const values = new Float64Array(bytes);
      const pairs = new Map<number, number>();
      for (let j = 0; j + 1 < values.length; j += 2) pairs.set(values[j] ?? 0, values[j + 1] ?? 0);
      this.#slots.set(at, pairs);
      this.#pairs += pairs.size;
    }
    from.end();
  }

  #number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= this.#limits.names) return -1;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  #forgetOldest(): void {
    // The first that was begun: none that is older by more than the lateness of an event comes after it.
    const [oldest = 0] = this.#slots.keys();
    this.#pairs -= this.#slots.get(oldest)?.size ?? 0;
    this.#slots.delete(oldest);
    this.#completeFrom = Math.max(this.#completeFrom, (oldest + 1) * SLOT_MS);
  }
}

/** Both counts in one number, each up to 65,535. */
function add(counts: number, failures: number, fresh: number): number {
  const f = Math.min(MOST, (counts >>> 16) + failures);
  return f * 2 ** 16 + Math.min(MOST, (counts & MOST) + fresh);
}

/** Accounts of people, services and machines; those that every system has by the same name say nothing. */
function isIdentifier(account: string): boolean {
  if (account === '') return false;
  const [name = ''] = account.split('@');
  return !isAutomatic(account) || name.endsWith('$');
}

/** A name, not an address: addresses can be tried one after the other by whoever has the key. */
function isHostName(host: string): boolean {
  return host !== '' && !host.includes(':') && !/^\d+(?:\.\d+){3}$/.test(host);
}
