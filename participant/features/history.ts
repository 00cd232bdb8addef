/**
 * What the extractor remembers: per host, account, pair of both, and kind of authentication. Every table is bounded (see
 * NodeTable and PairTable); fading counts halve every hour or every four hours and are brought up to date when touched.
 */
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { AUTH_KIND_COUNT, isAutomatic, kindOf, usedAccount } from './event-kind.ts';
import { countAccount, countDestination, countSource } from './count-rows.ts';
import { left, slower } from './fading.ts';
import { ACCOUNT, ACCOUNT_SHAPE, HOST, HOST_SHAPE, HOST_WORDS, KINDS_IN_ROW } from './history-rows.ts';
import { NodeTable } from './node-table.ts';
import { PairTable } from './pair-table.ts';

/** Rows that a table holds exactly; twice as many more are remembered in a sketch. */
export interface HistoryLimits {
  readonly hosts: number;
  readonly accounts: number;
  /** In each table of pairs. */
  readonly pairs: number;
}

/** Enough for an organisation of 200,000 hosts. */
export const DEFAULT_LIMITS: HistoryLimits = { hosts: 200_000, accounts: 400_000, pairs: 4_000_000 };

/** Sides of a pair of account and host. */
const DESTINATION = 0;
const SOURCE = 1;

/** Milliseconds; the clock of all tables is in hours. */
const HOUR_MS = 3_600_000;
const MOST_WORD = 0x7fffffff;

/**
 * Counts of everything that has happened so far. `look` or `enter` chooses the rows of an event once; the fields then tell
 * the extractor about them, and `count` takes the event in that was entered.
 */
export class History {
  readonly hosts: NodeTable;
  readonly accounts: NodeTable;
  readonly kinds = new Float64Array(AUTH_KIND_COUNT);
  /** Events so far. */
  total = 0;

  /** Of the event that was chosen: hours, kind, slots of its hosts and account. */
  now = 0;
  kind = 0;
  source = 0;
  destination = 0;
  account = 0;
  /** Events of source -> destination, account at destination, account from source; 0 where new. Hours of the last one. */
  edgeTotal = 0;
  edgeTime = 0;
  toTotal = 0;
  toTime = 0;
  fromTotal = 0;
  fromTime = 0;
  /** Events of this kind by the account, and at the destination. */
  accountKindTotal = 0;
  destinationKindTotal = 0;
  /** Shares that are left of hourly and four-hourly counts of source and account; 1 where nothing is there to fade. */
  sourceLeft = 1;
  sourceSlower = 1;
  accountLeft = 1;
  accountSlower = 1;

  /** (source, destination) where they differ, (account, host), and kinds beyond `KINDS_IN_ROW`. */
  readonly #edges: PairTable;
  readonly #visits: PairTable;
  readonly #accountKinds: PairTable;
  readonly #destinationKinds: PairTable;
  readonly #tables: readonly (NodeTable | PairTable)[];
  /** Kind -> place among the kinds of a row, -1 where it has none. */
  readonly #placeOfKind = new Int32Array(AUTH_KIND_COUNT).fill(-1);
  #placesUsed = 0;
  /** Places of the pairs of the event. */
  #edge = 0;
  #to = 0;
  #from = 0;

  constructor({ hosts, accounts, pairs }: HistoryLimits) {
    this.hosts = new NodeTable(HOST_SHAPE, hosts);
    this.accounts = new NodeTable(ACCOUNT_SHAPE, accounts);
    this.#edges = new PairTable(pairs);
    this.#visits = new PairTable(pairs, 2);
    this.#accountKinds = new PairTable(pairs);
    this.#destinationKinds = new PairTable(pairs);
    this.#tables = [
      this.hosts,
      this.accounts,
      this.#edges,
      this.#visits,
      this.#accountKinds,
      this.#destinationKinds,
    ];
  }

  /** Chooses the rows of an event and changes none. */
  look(event: AuthEvent): void {
    const used = this.#begin(event);
    const { hosts, accounts } = this;
    this.source = hosts.look(event.srcHost, 0);
    this.destination = event.dstHost === event.srcHost ? this.source : hosts.look(event.dstHost, 1);
    this.account = accounts.look(used, 0);
    const source = hosts.numbers[this.source] ?? 0;
    const destination = hosts.numbers[this.destination] ?? 0;
    const account = accounts.numbers[this.account] ?? 0;
    if (this.source !== this.destination) {
      this.#edge = this.#edges.look(destination === 0 ? 0 : source, destination, 0);
    }
    this.#to = this.#visits.look(destination === 0 ? 0 : account, destination, 0);
    this.#from =
      this.source === this.destination ? this.#to : this.#visits.look(source === 0 ? 0 : account, source, 1);
    const place = this.#placeOfKind[this.kind] ?? -1;
    if (place >= 0) this.#readKinds(place);
    else {
      const { kind } = this;
      const [of, at] = [this.#accountKinds, this.#destinationKinds];
      this.accountKindTotal = of.total(of.look(account, kind, 0), 0);
      this.destinationKindTotal = at.total(at.look(destination, kind, 0), 0);
    }
    this.#finish(used);
  }

  /** Chooses the rows of an event, new ones where it has none yet. Events come in the order of their time. */
  enter(event: AuthEvent): void {
    const used = this.#begin(event);
    const { now, hosts, accounts } = this;
    this.source = hosts.enter(event.srcHost, now);
    this.destination = event.dstHost === event.srcHost ? this.source : hosts.enter(event.dstHost, now);
    this.account = accounts.enter(used, now);
    const source = hosts.numbers[this.source] ?? 0;
    const destination = hosts.numbers[this.destination] ?? 0;
    const account = accounts.numbers[this.account] ?? 0;
    const visits = this.#visits;
    this.#to = visits.enter(account, destination, now);
    if (this.source === this.destination) this.#from = this.#to;
    else {
      this.#edge = this.#edges.enter(source, destination, now);
      const { moves } = visits;
      this.#from = visits.enter(account, source, now);
      if (visits.moves !== moves) this.#to = visits.enter(account, destination, now);
    }
    this.#enterKinds(account, destination);
    this.#finish(used);
  }

  /** Takes the event that was entered into the past. */
  count(success: boolean): void {
    const { now, kind } = this;
    this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
    this.total++;
    countAccount(this, success);
    countSource(this, success);
    countDestination(this);
    this.#visits.count(this.#to, DESTINATION, now);
    this.#visits.count(this.#from, SOURCE, now);
    if (this.source !== this.destination) this.#edges.count(this.#edge, 0, now);
    for (const table of this.#tables) table.makeRoom();
  }

  write(out: SnapshotWriter): void {
    out.number(this.total);
    out.bytes(this.kinds);
    out.number(this.#placesUsed);
    out.bytes(this.#placeOfKind);
    for (const table of this.#tables) table.write(out);
  }

  /** Into an empty history of the same limits. @throws CordonError ENCODING_INVALID */
  read(from: SnapshotReader): void {
    this.total = from.whole('events', Number.MAX_SAFE_INTEGER);
    this.kinds.set(new Float64Array(from.exactly('kinds', this.kinds.byteLength)));
    this.#placesUsed = from.whole('places of kinds', KINDS_IN_ROW);
    this.#placeOfKind.set(new Int32Array(from.exactly('places', this.#placeOfKind.byteLength)));
    for (const table of this.#tables) table.read(from);
  }

  #begin(event: AuthEvent): string {
    this.now = event.time / HOUR_MS;
    this.kind = kindOf(event);
    return usedAccount(event);
  }

  /** Reads what the rows say before anything is counted. */
  #finish(used: string): void {
    const account = this.accounts.data;
    const hosts = this.hosts.data;
    const acc = this.account * ACCOUNT_SHAPE.width;
    const src = this.source * HOST_SHAPE.width;
    if (this.source === this.destination) {
      this.edgeTotal = hosts[src + HOST.localTotal] ?? 0;
      this.edgeTime = hosts[src + HOST.localTime] ?? 0;
    } else {
      this.edgeTotal = this.#edges.total(this.#edge, 0);
      this.edgeTime = this.#edges.time(this.#edge, 0);
    }
    this.toTotal = this.#visits.total(this.#to, DESTINATION);
    this.toTime = this.#visits.time(this.#to, DESTINATION);
    this.fromTotal = this.#visits.total(this.#from, SOURCE);
    this.fromTime = this.#visits.time(this.#from, SOURCE);
    if (account[acc + ACCOUNT.total] === 0) account[acc + ACCOUNT.automatic] = isAutomatic(used) ? 1 : 0;
    this.accountLeft = left(account, acc, ACCOUNT.fanRecent, this.now);
    this.accountSlower = slower(this.accountLeft);
    this.sourceLeft = left(hosts, src, HOST.fanRecent, this.now);
    this.sourceSlower = slower(this.sourceLeft);
  }

  #readKinds(place: number): void {
    this.accountKindTotal = this.accounts.words[this.account * ACCOUNT_SHAPE.words + place] ?? 0;
    this.destinationKindTotal =
      this.hosts.words[this.destination * HOST_SHAPE.words + HOST_WORDS.kinds + place] ?? 0;
  }

  /** Reads the counts of the kind and raises them: nothing else reads them for this event. */
  #enterKinds(account: number, destination: number): void {
    const { kind, now } = this;
    let place = this.#placeOfKind[kind] ?? -1;
    if (place < 0 && this.#placesUsed < KINDS_IN_ROW) {
      place = this.#placesUsed++;
      this.#placeOfKind[kind] = place;
    }
    if (place < 0) {
      this.accountKindTotal = enterAndCount(this.#accountKinds, account, kind, now);
      this.destinationKindTotal = enterAndCount(this.#destinationKinds, destination, kind, now);
      return;
    }
    this.#readKinds(place);
    const [of, at] = [this.accounts.words, this.hosts.words];
    if (this.accountKindTotal < MOST_WORD) {
      of[this.account * ACCOUNT_SHAPE.words + place] = this.accountKindTotal + 1;
    }
    if (this.destinationKindTotal < MOST_WORD) {
      at[this.destination * HOST_SHAPE.words + HOST_WORDS.kinds + place] = this.destinationKindTotal + 1;
    }
  }
}

function enterAndCount(table: PairTable, high: number, low: number, now: number): number {
  const at = table.enter(high, low, now);
  const before = table.total(at, 0);
  table.count(at, 0, now);
  return before;
}
