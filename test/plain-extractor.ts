/**
 * Feature set `edge-v1` written down plainly: a Map for everything, no limits, each key looked up wherever it is needed. What
 * the extractor must give, bit for bit, as long as its tables hold everything; the measure of its sketches beyond that.
 */
import type { AuthEvent } from '../protocol/events/canonical.ts';
import { AT, EDGE_V1 } from '../participant/features/edge-v1.ts';
import {
  isAutomatic,
  isHandsOn,
  isScored,
  isTicket,
  kindOf,
  usedAccount,
} from '../participant/features/event-kind.ts';

interface Pair {
  total: number;
  time: number;
}

/** Counts that fade together; times are hours. */
interface Faded {
  time: number;
  fan: number;
  failures: number;
  burst: number;
  arrivals: number;
}

interface Host extends Faded {
  number: number;
  out: number;
  in: number;
  destinations: number;
  sources: number;
  accounts: number;
  reached: Set<number>;
  shared: Set<number>;
}

interface Account extends Faded {
  total: number;
  destinations: number;
  hours: number[];
}

export class PlainExtractor {
  readonly #hosts = new Map<string, Host>();
  readonly #accounts = new Map<string, Account>();
  readonly #pairs = new Map<string, Pair>();
  readonly #kinds = new Map<number, number>();
  #total = 0;

  push(event: AuthEvent): Float32Array | null {
    const row = isScored(event) ? this.peek(event) : null;
    this.#add(event);
    return row;
  }

  peek(event: AuthEvent): Float32Array {
    const now = event.time / 3_600_000;
    const kind = kindOf(event);
    const used = usedAccount(event);
    const { srcHost, dstHost } = event;
    const src = this.#hosts.get(srcHost);
    const dst = this.#hosts.get(dstHost);
    const acc = this.#accounts.get(used);
    const edge = this.#pairs.get(key('edge', srcHost, dstHost));
    const to = this.#pairs.get(key('to', used, dstHost));
    const from = this.#pairs.get(key('from', used, srcHost));
    const accountKind = this.#pairs.get(key('account kind', used, String(kind)));
    const destinationKind = this.#pairs.get(key('destination kind', dstHost, String(kind)));
    const srcLeft = left(src, now);
    const accLeft = left(acc, now);
    const accTotal = acc?.total ?? 0;
    const kindShare = ((this.#kinds.get(kind) ?? 0) + 1) / (this.#total + 20);
    const expected = ((src?.out ?? 0) * (dst?.in ?? 0)) / Math.max(1, this.#total);
    const row = new Float32Array(EDGE_V1.length);
    row[AT.edgeNew] = edge ? 0 : 1;
    row[AT.accountDestinationNew] = to ? 0 : 1;
    row[AT.accountSourceNew] = from ? 0 : 1;
    row[AT.edgeAge] = age(edge, now);
    row[AT.accountDestinationAge] = age(to, now);
    row[AT.accountSourceAge] = age(from, now);
    row[AT.edgeTotal] = clip(Math.log1p(edge?.total ?? 0) / 3);
    row[AT.accountDestinationTotal] = clip(Math.log1p(to?.total ?? 0) / 3);
    row[AT.accountSourceTotal] = clip(Math.log1p(from?.total ?? 0) / 3);
    row[AT.accountTotal] = clip(Math.log1p(accTotal) / 3);
    row[AT.accountFanRecent] = clip(Math.log1p((acc?.fan ?? 0) * accLeft));
    row[AT.accountDestinations] = clip(Math.log1p(acc?.destinations ?? 0) / 2);
    row[AT.sourceFanRecent] = clip(Math.log1p((src?.fan ?? 0) * srcLeft));
    row[AT.sourceDestinations] = clip(Math.log1p(src?.destinations ?? 0) / 2);
    row[AT.accountNewBurst] = clip(Math.log1p((acc?.burst ?? 0) * slower(accLeft)));
    row[AT.sourceNewBurst] = clip(Math.log1p((src?.burst ?? 0) * slower(srcLeft)));
    row[AT.accountNewSources] = clip(Math.log1p((acc?.arrivals ?? 0) * slower(accLeft)));
    row[AT.pivot] = clip(Math.log1p((src?.arrivals ?? 0) * slower(srcLeft)));
    row[AT.destinationSources] = clip(Math.log1p(dst?.sources ?? 0) / 2);
    row[AT.destinationAccounts] = clip(Math.log1p(dst?.accounts ?? 0) / 2);
    row[AT.sourceArrivals] = clip(Math.log1p(src?.sources ?? 0) / 2);
    row[AT.accountFailures] = clip(Math.log1p((acc?.failures ?? 0) * accLeft));
    row[AT.sourceFailures] = clip(Math.log1p((src?.failures ?? 0) * srcLeft));
    row[AT.failed] = event.success ? 0 : 1;
    row[AT.hourSurprise] = clip(-Math.log((((acc?.hours[part(now)] ?? 0) + 1) / (accTotal + 8)) * 8));
    row[AT.kindSurpriseAccount] = surprise(accountKind, accTotal, kindShare);
    row[AT.kindSurpriseDestination] = surprise(destinationKind, dst?.in ?? 0, kindShare);
    row[AT.kindRarity] = clip(-Math.log(kindShare) / 2);
    row[AT.degreeRarity] = clip(Math.log(((edge?.total ?? 0) + 0.5) / (expected + 0.5)) / 2);
    row[AT.neighbourOverlap] = srcHost === dstHost ? 1 : overlap(src, dst);
    row[AT.local] = srcHost === dstHost ? 1 : 0;
    row[AT.automatic] = isAutomatic(used) ? 1 : 0;
    row[AT.accountsDiffer] = event.srcAccount !== '' && event.srcAccount !== used ? 1 : 0;
    row[AT.ntlm] = event.protocol === 'NTLM' ? 1 : 0;
    row[AT.handsOn] = isHandsOn(event.logonType) ? 1 : 0;
    row[AT.ticket] = isTicket(event.action) ? 1 : 0;
    return row;
  }

  #add(event: AuthEvent): void {
    const now = event.time / 3_600_000;
    const kind = kindOf(event);
    const used = usedAccount(event);
    const { srcHost, dstHost } = event;
    const edge = this.#count(key('edge', srcHost, dstHost), now);
    const to = this.#count(key('to', used, dstHost), now);
    const from = this.#count(key('from', used, srcHost), now);
    this.#count(key('account kind', used, String(kind)), now);
    this.#count(key('destination kind', dstHost, String(kind)), now);
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    this.#total++;

    const acc = this.#account(used, now);
    bringUp(acc, now);
    acc.total++;
    acc.hours[part(now)] = (acc.hours[part(now)] ?? 0) + 1;
    if (to.isNew) acc.destinations++;
    if (to.isNew) acc.burst++;
    if (to.idle > 1) acc.fan++;
    if (from.isNew) acc.arrivals++;
    if (!event.success) acc.failures++;

    const src = this.#host(srcHost, now);
    const dst = this.#host(dstHost, now);
    bringUp(src, now);
    src.out++;
    if (edge.isNew) src.destinations++;
    if (edge.isNew && src !== dst) src.burst++;
    if (edge.idle > 1) src.fan++;
    if (!event.success) src.failures++;
    bringUp(dst, now);
    dst.in++;
    if (to.isNew) dst.accounts++;
    if (src === dst) return;
    if (edge.isNew) dst.sources++;
    if (edge.isNew || to.isNew) dst.arrivals++;
    src.reached.add(bit(dst));
    src.reached.forEach((one) => dst.shared.add(one));
  }

  #count(name: string, now: number): { isNew: boolean; idle: number } {
    const pair = this.#pairs.get(name);
    if (pair === undefined) {
      this.#pairs.set(name, { total: 1, time: now });
      return { isNew: true, idle: Infinity };
    }
    const idle = now - pair.time;
    pair.total++;
    pair.time = Math.max(pair.time, now);
    return { isNew: false, idle };
  }

  #host(name: string, now: number): Host {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      const counts = { out: 0, in: 0, destinations: 0, sources: 0, accounts: 0 };
      const sets = { reached: new Set<number>(), shared: new Set<number>() };
      host = { number: this.#hosts.size + 1, ...nothing(now), ...counts, ...sets };
      this.#hosts.set(name, host);
    }
    return host;
  }

  #account(name: string, now: number): Account {
    let account = this.#accounts.get(name);
    if (account === undefined) {
      account = { ...nothing(now), total: 0, destinations: 0, hours: Array.from({ length: 8 }, () => 0) };
      this.#accounts.set(name, account);
    }
    return account;
  }
}

function key(kind: string, a: string, b: string): string {
  return JSON.stringify([kind, a, b]);
}

function nothing(now: number): Faded {
  return { time: now, fan: 0, failures: 0, burst: 0, arrivals: 0 };
}

function left(row: Faded | undefined, now: number): number {
  const hours = row === undefined ? 0 : now - row.time;
  return hours > 0 ? Math.exp(-Math.LN2 * hours) : 1;
}

function slower(share: number): number {
  return Math.sqrt(Math.sqrt(share));
}

function bringUp(row: Faded, now: number): void {
  const share = left(row, now);
  row.time = Math.max(row.time, now);
  row.fan *= share;
  row.failures *= share;
  row.burst *= slower(share);
  row.arrivals *= slower(share);
}

function age(pair: Pair | undefined, now: number): number {
  return pair === undefined ? 4 : Math.min(4, Math.log1p(Math.max(0, now - pair.time)) / 2);
}

function surprise(pair: Pair | undefined, total: number, prior: number): number {
  return clip(-Math.log(((pair?.total ?? 0) + 2 * prior) / (total + 2)) / 2);
}

function bit(host: Host): number {
  return Math.imul(host.number, 0x9e3779b1) >>> 24;
}

/** Of the other destinations of the source, the share that sources of the destination reach too. */
function overlap(src: Host | undefined, dst: Host | undefined): number {
  const others = [...(src?.reached ?? [])].filter((one) => dst === undefined || one !== bit(dst));
  if (others.length === 0) return 0.5;
  return others.filter((one) => dst?.shared.has(one)).length / others.length;
}

/** Three-hour part of the day. */
function part(hours: number): number {
  return Math.floor((((hours % 24) + 24) % 24) / 3);
}

function clip(value: number): number {
  return Math.max(-4, Math.min(4, value));
}
