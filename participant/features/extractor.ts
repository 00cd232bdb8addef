/**
 * The one extractor of feature set `edge-v1`, for files and live streams alike: an event in, a row of numbers out, from
 * history strictly before the event. `edge-v1.ts` says what each number means.
 */
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { AT, EDGE_V1 } from './edge-v1.ts';
import { isAutomatic, isHandsOn, isScored, isTicket, kindOf, usedAccount } from './event-kind.ts';
import {
  ACCOUNT,
  DEFAULT_LIMITS,
  History,
  HOST,
  HOUR_MS,
  left,
  PAIR,
  partOfDay,
  sketchBit,
  SKETCH_WORDS,
  slower,
  type HistoryLimits,
} from './history.ts';
import type { SlotTable } from './slot-table.ts';

/** Age of a pair that was never seen, above every other. */
const NEVER = 4;

/**
 * Events in, rows of `edge-v1` out: Float32Array of 36 values, each within the range that the table of `edge-v1.ts` gives.
 * Memory is bounded by `limits`; beyond them what was used least recently is forgotten and counts as new when it returns.
 */
export class FeatureExtractor {
  readonly #history: History;
  readonly #row: Float32Array;

  /**
   * @param width values of a row, at least those of `edge-v1`, which come first. A feature set that adds columns asks for
   * its own width and writes the others into the array that `push` or `peek` has just returned: they are never read or
   * changed here, so they hold what was written last.
   */
  constructor(limits: HistoryLimits = DEFAULT_LIMITS, width: number = EDGE_V1.length) {
    this.#history = new History(limits);
    this.#row = new Float32Array(Math.max(width, EDGE_V1.length));
  }

  /**
   * Features of an event, which then becomes history; null for an action that asks for no access. The array is used
   * again by the next call: copy what you keep.
   */
  push(event: AuthEvent): Float32Array | null {
    const row = isScored(event) ? this.peek(event) : null;
    this.#history.add(event);
    return row;
  }

  /** Features that an event would have now, without becoming history. The array is used again by the next call. */
  peek(event: AuthEvent): Float32Array {
    const h = this.#history;
    const { source, destination, account } = h.identify(event);
    const now = event.time / HOUR_MS;
    const kind = kindOf(event);
    const used = usedAccount(event);
    const remote = event.srcHost !== event.dstHost;

    const edge = rowOf(h.edges, source, destination);
    const atDestination = rowOf(h.accountDestination, account, destination);
    const fromSource = rowOf(h.accountSource, account, source);
    const src = source === 0 ? -1 : h.hosts.find(source, 0) * HOST.width;
    const dst = destination === 0 ? -1 : h.hosts.find(destination, 0) * HOST.width;
    const acc = account === 0 ? -1 : h.accounts.find(account, 0) * ACCOUNT.width;
    const hosts = h.hosts.data;
    const accounts = h.accounts.data;
    const srcLeft = src < 0 ? 0 : left(now - (hosts[src] ?? 0));
    const accLeft = acc < 0 ? 0 : left(now - (accounts[acc] ?? 0));
    const accTotal = acc < 0 ? 0 : (accounts[acc + ACCOUNT.total] ?? 0);
    const dstIn = dst < 0 ? 0 : (hosts[dst + HOST.in] ?? 0);
    const srcOut = src < 0 ? 0 : (hosts[src + HOST.out] ?? 0);
    const edgeTotal = edge < 0 ? 0 : (h.edges.data[edge + PAIR.total] ?? 0);
    const kindShare = ((h.kinds[kind] ?? 0) + 1) / (h.total + 20);
    const host = (at: number, column: number): number => (at < 0 ? 0 : (hosts[at + column] ?? 0));
    const person = (column: number): number => (acc < 0 ? 0 : (accounts[acc + column] ?? 0));

    const out = this.#row;
    out[AT.edgeNew] = edge < 0 ? 1 : 0;
    out[AT.accountDestinationNew] = atDestination < 0 ? 1 : 0;
    out[AT.accountSourceNew] = fromSource < 0 ? 1 : 0;
    out[AT.edgeAge] = age(h.edges, edge, now);
    out[AT.accountDestinationAge] = age(h.accountDestination, atDestination, now);
    out[AT.accountSourceAge] = age(h.accountSource, fromSource, now);
    out[AT.edgeTotal] = clip(Math.log1p(edgeTotal) / 3);
    out[AT.accountDestinationTotal] = clip(Math.log1p(pairTotal(h.accountDestination, atDestination)) / 3);
    out[AT.accountSourceTotal] = clip(Math.log1p(pairTotal(h.accountSource, fromSource)) / 3);
    out[AT.accountTotal] = clip(Math.log1p(accTotal) / 3);
    out[AT.accountFanRecent] = clip(Math.log1p(person(ACCOUNT.fanRecent) * accLeft));
    out[AT.accountDestinations] = clip(Math.log1p(person(ACCOUNT.destinations)) / 2);
    out[AT.sourceFanRecent] = clip(Math.log1p(host(src, HOST.fanRecent) * srcLeft));
    out[AT.sourceDestinations] = clip(Math.log1p(host(src, HOST.destinations)) / 2);
    out[AT.accountNewBurst] = clip(Math.log1p(person(ACCOUNT.newBurst) * slower(accLeft)));
    out[AT.sourceNewBurst] = clip(Math.log1p(host(src, HOST.newBurst) * slower(srcLeft)));
    out[AT.accountNewSources] = clip(Math.log1p(person(ACCOUNT.newSources) * slower(accLeft)));
    out[AT.pivot] = clip(Math.log1p(host(src, HOST.arrivals) * slower(srcLeft)));
    out[AT.destinationSources] = clip(Math.log1p(host(dst, HOST.sources)) / 2);
    out[AT.destinationAccounts] = clip(Math.log1p(host(dst, HOST.accounts)) / 2);
    out[AT.sourceArrivals] = clip(Math.log1p(host(src, HOST.sources)) / 2);
    out[AT.accountFailures] = clip(Math.log1p(person(ACCOUNT.failures) * accLeft));
    out[AT.sourceFailures] = clip(Math.log1p(host(src, HOST.failures) * srcLeft));
    out[AT.failed] = event.success ? 0 : 1;
    out[AT.hourSurprise] = clip(
      -Math.log(((person(ACCOUNT.hours + partOfDay(now)) + 1) / (accTotal + 8)) * 8),
    );
    out[AT.kindSurpriseAccount] = surprise(h.accountKind, account, kind, accTotal, kindShare);
    out[AT.kindSurpriseDestination] = surprise(h.destinationKind, destination, kind, dstIn, kindShare);
    out[AT.kindRarity] = clip(-Math.log(kindShare) / 2);
    out[AT.degreeRarity] = clip(
      Math.log((edgeTotal + 0.5) / ((srcOut * dstIn) / Math.max(1, h.total) + 0.5)) / 2,
    );
    out[AT.neighbourOverlap] = remote ? overlap(hosts, src, dst, sketchBit(destination)) : 1;
    out[AT.local] = remote ? 0 : 1;
    out[AT.automatic] = acc < 0 ? (isAutomatic(used) ? 1 : 0) : person(ACCOUNT.automatic);
    out[AT.accountsDiffer] = event.srcAccount !== '' && event.srcAccount !== used ? 1 : 0;
    out[AT.ntlm] = event.protocol === 'NTLM' ? 1 : 0;
    out[AT.handsOn] = isHandsOn(event.logonType) ? 1 : 0;
    out[AT.ticket] = isTicket(event.action) ? 1 : 0;
    return out;
  }
}

function clip(value: number): number {
  return value > 4 ? 4 : value < -4 ? -4 : value;
}

function rowOf(table: SlotTable, high: number, low: number): number {
  return high === 0 || low === 0 ? -1 : table.find(high, low) * table.width;
}

function pairTotal(table: SlotTable, row: number): number {
  return row < 0 ? 0 : (table.data[row + PAIR.total] ?? 0);
}

function age(table: SlotTable, row: number, now: number): number {
  if (row < 0) return NEVER;
  return Math.min(NEVER, Math.log1p(Math.max(0, now - (table.data[row] ?? 0))) / 2);
}

/** -ln P(kind | owner) / 2, smoothed by two events of the organisation's mix. */
function surprise(table: SlotTable, owner: number, kind: number, total: number, prior: number): number {
  const row = owner === 0 ? -1 : table.find(owner, kind) * table.width;
  return clip(-Math.log((pairTotal(table, row) + 2 * prior) / (total + 2)) / 2);
}

/** Share of the source's destinations that are in the destination's sketch; .5 where the source has none yet. */
function overlap(hosts: Float64Array, src: number, dst: number, own: number): number {
  if (src < 0) return 0.5;
  let [reached, common] = [0, 0];
  for (let i = 0; i < SKETCH_WORDS; i++) {
    let mine = hosts[src + HOST.reached + i] ?? 0;
    // The destination itself would always be common.
    if (i === own >>> 5) mine &= ~(1 << (own & 31));
    if (mine === 0) continue;
    reached += ones(mine);
    if (dst >= 0) common += ones(mine & (hosts[dst + HOST.shared + i] ?? 0));
  }
  return reached === 0 ? 0.5 : common / reached;
}

function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
