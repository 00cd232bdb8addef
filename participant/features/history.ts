/**
 * What the extractor remembers: per host, account, pair of both, and kind of authentication. Every table is bounded
 * (see SlotTable); decayed counts halve every hour or every four hours and are brought up to date when touched.
 */
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { AUTH_KIND_COUNT, isAutomatic, kindOf, usedAccount } from './event-kind.ts';
import { NameNumbers } from './name-numbers.ts';
import { SlotTable } from './slot-table.ts';

/** Most rows a table holds; about 1 GB in all when every table is full. */
export interface HistoryLimits {
  readonly names: number;
  readonly hosts: number;
  readonly accounts: number;
  readonly pairs: number;
}

/** Enough for an organisation of 200,000 hosts. */
export const DEFAULT_LIMITS: HistoryLimits = {
  names: 1_000_000,
  hosts: 200_000,
  accounts: 400_000,
  pairs: 4_000_000,
};

/** 256-bit sketch of a set of hosts. */
export const SKETCH_WORDS = 8;

/** Columns; column 0 of every table is the time of the last write in hours. */
export const HOST = {
  out: 1,
  in: 2,
  destinations: 3,
  sources: 4,
  accounts: 5,
  fanRecent: 6,
  failures: 7,
  newBurst: 8,
  arrivals: 9,
  reached: 10,
  shared: 10 + SKETCH_WORDS,
  width: 10 + 2 * SKETCH_WORDS,
} as const;
/** Columns of an account; from `hours` on eight counts, one for each three-hour part of the day. */
export const ACCOUNT = {
  total: 1,
  destinations: 2,
  fanRecent: 3,
  failures: 4,
  newBurst: 5,
  newSources: 6,
  automatic: 7,
  hours: 8,
  width: 16,
} as const;
/** Columns of a pair: its time and how many events it has had. */
export const PAIR = { total: 1, width: 2 } as const;

/** Milliseconds; the clock of all tables is in hours. */
export const HOUR_MS = 3_600_000;

/** Share that is left of a count after `hours` with a half-life of one hour; 1 for an event out of order. */
export function left(hours: number): number {
  return hours > 0 ? Math.exp(-Math.LN2 * hours) : 1;
}

/** The same with a half-life of four hours, from the share for one hour. */
export function slower(share: number): number {
  return Math.sqrt(Math.sqrt(share));
}

/**
 * Counts of everything that has happened so far, in tables of bounded size whose rows the extractor reads directly.
 * Times are hours. Rows move when a table grows or forgets: look a row up again after every `add`.
 */
export class History {
  readonly hosts: SlotTable;
  readonly accounts: SlotTable;
  /** (source, destination), (account, destination), (account, source). */
  readonly edges: SlotTable;
  readonly accountDestination: SlotTable;
  readonly accountSource: SlotTable;
  /** (account, kind) and (destination, kind). */
  readonly accountKind: SlotTable;
  readonly destinationKind: SlotTable;
  readonly kinds = new Float64Array(AUTH_KIND_COUNT);
  total = 0;
  readonly #names: { hosts: NameNumbers; accounts: NameNumbers };

  constructor(limits: HistoryLimits) {
    this.#names = { hosts: new NameNumbers(limits.names), accounts: new NameNumbers(limits.names) };
    this.hosts = new SlotTable(HOST.width, limits.hosts);
    this.accounts = new SlotTable(ACCOUNT.width, limits.accounts);
    this.edges = new SlotTable(PAIR.width, limits.pairs);
    this.accountDestination = new SlotTable(PAIR.width, limits.pairs);
    this.accountSource = new SlotTable(PAIR.width, limits.pairs);
    this.accountKind = new SlotTable(PAIR.width, limits.pairs);
    this.destinationKind = new SlotTable(PAIR.width, limits.pairs);
  }

  /** Numbers of the names of an event; 0 where unknown. */
  identify(event: AuthEvent): { source: number; destination: number; account: number } {
    return {
      source: this.#names.hosts.find(event.srcHost),
      destination: this.#names.hosts.find(event.dstHost),
      account: this.#names.accounts.find(usedAccount(event)),
    };
  }

  /** Takes an event into the past. Events come in the order of their time; a late one counts, with its time as it is. */
  add(event: AuthEvent): void {
    const now = event.time / HOUR_MS;
    const source = this.#names.hosts.add(event.srcHost);
    const destination = this.#names.hosts.add(event.dstHost);
    const used = usedAccount(event);
    const account = this.#names.accounts.add(used);
    const kind = kindOf(event);

    const edge = countPair(this.edges, source, destination, now);
    const atDestination = countPair(this.accountDestination, account, destination, now);
    const fromSource = countPair(this.accountSource, account, source, now);
    countPair(this.accountKind, account, kind, now);
    countPair(this.destinationKind, destination, kind, now);
    this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
    this.total++;

    this.#addAccount(account, used, event, now, atDestination, fromSource);
    this.#addSource(source, destination, event, now, edge);
    this.#addDestination(source, destination, now, edge, atDestination);
  }

  #addAccount(id: number, name: string, event: AuthEvent, now: number, at: Seen, from: Seen): void {
    const row = this.accounts.add(id, 0) * ACCOUNT.width;
    const { data } = this.accounts;
    const share = touch(data, row, now);
    fade(data, row + ACCOUNT.fanRecent, share);
    fade(data, row + ACCOUNT.failures, share);
    fade(data, row + ACCOUNT.newBurst, slower(share));
    fade(data, row + ACCOUNT.newSources, slower(share));
    if (data[row + ACCOUNT.total] === 0) data[row + ACCOUNT.automatic] = isAutomatic(name) ? 1 : 0;
    bump(data, row + ACCOUNT.total);
    bump(data, row + ACCOUNT.hours + partOfDay(now));
    if (at.isNew) bump(data, row + ACCOUNT.destinations);
    if (at.isNew) bump(data, row + ACCOUNT.newBurst);
    if (at.idle > 1) bump(data, row + ACCOUNT.fanRecent);
    if (from.isNew) bump(data, row + ACCOUNT.newSources);
    if (!event.success) bump(data, row + ACCOUNT.failures);
  }

  #addSource(source: number, destination: number, event: AuthEvent, now: number, edge: Seen): void {
    const row = this.hosts.add(source, 0) * HOST.width;
    const { data } = this.hosts;
    fadeHost(data, row, now);
    bump(data, row + HOST.out);
    if (edge.isNew) bump(data, row + HOST.destinations);
    if (edge.isNew && source !== destination) bump(data, row + HOST.newBurst);
    if (edge.idle > 1) bump(data, row + HOST.fanRecent);
    if (!event.success) bump(data, row + HOST.failures);
    if (source === destination) return;
    const bit = sketchBit(destination);
    const word = row + HOST.reached + (bit >>> 5);
    data[word] = (data[word] ?? 0) | (1 << (bit & 31));
  }

  #addDestination(source: number, destination: number, now: number, edge: Seen, at: Seen): void {
    const row = this.hosts.add(destination, 0) * HOST.width;
    const { data } = this.hosts;
    fadeHost(data, row, now);
    bump(data, row + HOST.in);
    if (at.isNew) bump(data, row + HOST.accounts);
    if (source === destination) return;
    if (edge.isNew) bump(data, row + HOST.sources);
    if (edge.isNew || at.isNew) bump(data, row + HOST.arrivals);
    const from = this.hosts.find(source, 0) * HOST.width;
    if (from < 0) return;
    for (let i = 0; i < SKETCH_WORDS; i++) {
      const shared = row + HOST.shared + i;
      data[shared] = (data[shared] ?? 0) | (data[from + HOST.reached + i] ?? 0);
    }
  }
}

/** Which of the 256 bits of a sketch a host sets. */
export function sketchBit(host: number): number {
  return Math.imul(host, 0x9e3779b1) >>> 24;
}

/** Three-hour part of the day, 0..7. */
export function partOfDay(hours: number): number {
  return Math.floor((((hours % 24) + 24) % 24) / 3);
}

interface Seen {
  isNew: boolean;
  /** Hours since the pair was seen; infinite where it is new. */
  idle: number;
}

function countPair(table: SlotTable, high: number, low: number, now: number): Seen {
  const row = table.add(high, low) * PAIR.width;
  const { data } = table;
  const isNew = data[row + PAIR.total] === 0;
  const before = data[row] ?? 0;
  bump(data, row + PAIR.total);
  data[row] = isNew ? now : Math.max(before, now);
  return { isNew, idle: isNew ? Infinity : now - before };
}

/** Moves the row's clock to `now`; what is left of an hourly count. */
function touch(data: Float64Array, row: number, now: number): number {
  const before = data[row] ?? 0;
  data[row] = Math.max(before, now);
  return left(now - before);
}

function fadeHost(data: Float64Array, row: number, now: number): void {
  const share = touch(data, row, now);
  if (share === 1) return;
  fade(data, row + HOST.fanRecent, share);
  fade(data, row + HOST.failures, share);
  fade(data, row + HOST.newBurst, slower(share));
  fade(data, row + HOST.arrivals, slower(share));
}

function fade(data: Float64Array, at: number, share: number): void {
  data[at] = (data[at] ?? 0) * share;
}

function bump(data: Float64Array, at: number): void {
  data[at] = (data[at] ?? 0) + 1;
}
