/**
 * The one extractor of feature set `edge-v1`, for files and live streams alike: an event in, a row of numbers out, from
 * history strictly before the event. `edge-v1.ts` says what each number means.
 */
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { AT, EDGE_V1 } from './edge-v1.ts';
import { isHandsOn, isScored, isTicket, usedAccount } from './event-kind.ts';
import { DEFAULT_LIMITS, History, type HistoryLimits } from './history.ts';
import {
  ACCOUNT,
  ACCOUNT_SHAPE,
  HOST,
  HOST_SHAPE,
  HOST_WORDS,
  partOfDay,
  sketchBit,
  SKETCH_WORDS,
} from './history-rows.ts';
import { clip, fullLog, halfLog, thirdLog } from './small-logs.ts';

/** Age of a pair that was never seen, above every other. */
const NEVER = 4;
const SNAPSHOT = 'history of edge-v1';
/** Changes whenever the same bytes would mean something else. */
const SNAPSHOT_VERSION = 1;

/**
 * Events in, rows of `edge-v1` out: Float32Array of 36 values, each within the range that the table of `edge-v1.ts` gives.
 * Memory is bounded by `limits`; what is beyond them is remembered in sketches (docs/features.md).
 */
export class FeatureExtractor {
  readonly #limits: HistoryLimits;
  readonly #history: History;
  readonly #row: Float32Array;

  /**
   * @param width values of a row, at least those of `edge-v1`, which come first. A feature set that adds columns asks for
   * its own width and writes the others into the array that `push` or `peek` has just returned: they are never read or
   * changed here, so they hold what was written last.
   */
  constructor(limits: HistoryLimits = DEFAULT_LIMITS, width: number = EDGE_V1.length) {
    this.#limits = limits;
    this.#history = new History(limits);
    this.#row = new Float32Array(Math.max(width, EDGE_V1.length));
  }

  /**
   * An extractor that goes on as the one that made the snapshot would have, bit for bit.
   * @param limits those of the one that made it
   * @throws CordonError ENCODING_INVALID where the bytes are damaged, of another version or of other limits
   */
  static restore(
    snapshot: Uint8Array,
    limits: HistoryLimits = DEFAULT_LIMITS,
    width: number = EDGE_V1.length,
  ): FeatureExtractor {
    const from = new SnapshotReader(snapshot, SNAPSHOT, SNAPSHOT_VERSION);
    for (const [name, limit] of limitsOf(limits)) from.whole(`limit of ${name}`, limit, limit);
    const extractor = new FeatureExtractor(limits, width);
    extractor.#history.read(from);
    from.end();
    return extractor;
  }

  /** The whole history as bytes; extra columns of a wider row are not in it. It holds names of hosts and accounts. */
  snapshot(): Uint8Array {
    const out = new SnapshotWriter(SNAPSHOT, SNAPSHOT_VERSION);
    for (const [, limit] of limitsOf(this.#limits)) out.number(limit);
    this.#history.write(out);
    return out.finish();
  }

  /**
   * Features of an event, which then becomes history; null for an action that asks for no access. The array is used
   * again by the next call: copy what you keep.
   */
  push(event: AuthEvent): Float32Array | null {
    this.#history.enter(event);
    const row = isScored(event) ? this.#features(event) : null;
    this.#history.count(event.success);
    return row;
  }

  /** Features that an event would have now, without becoming history. The array is used again by the next call. */
  peek(event: AuthEvent): Float32Array {
    this.#history.look(event);
    return this.#features(event);
  }

  /** Features of the event whose rows the history has chosen. */
  #features(event: AuthEvent): Float32Array {
    const h = this.#history;
    const { now, kind } = h;
    const hosts = h.hosts.data;
    const accounts = h.accounts.data;
    const src = h.source * HOST_SHAPE.width;
    const dst = h.destination * HOST_SHAPE.width;
    const acc = h.account * ACCOUNT_SHAPE.width;
    const accTotal = accounts[acc + ACCOUNT.total] ?? 0;
    const dstIn = hosts[dst + HOST.in] ?? 0;
    const srcOut = hosts[src + HOST.out] ?? 0;
    const inHours = accounts[acc + ACCOUNT.hours + partOfDay(now)] ?? 0;
    const kindShare = ((h.kinds[kind] ?? 0) + 1) / (h.total + 20);
    const remote = event.srcHost !== event.dstHost;

    const out = this.#row;
    out[AT.edgeNew] = h.edgeTotal === 0 ? 1 : 0;
    out[AT.accountDestinationNew] = h.toTotal === 0 ? 1 : 0;
    out[AT.accountSourceNew] = h.fromTotal === 0 ? 1 : 0;
    out[AT.edgeAge] = age(h.edgeTotal, h.edgeTime, now);
    out[AT.accountDestinationAge] = age(h.toTotal, h.toTime, now);
    out[AT.accountSourceAge] = age(h.fromTotal, h.fromTime, now);
    out[AT.edgeTotal] = thirdLog(h.edgeTotal);
    out[AT.accountDestinationTotal] = thirdLog(h.toTotal);
    out[AT.accountSourceTotal] = thirdLog(h.fromTotal);
    out[AT.accountTotal] = thirdLog(accTotal);
    out[AT.accountFanRecent] = fullLog((accounts[acc + ACCOUNT.fanRecent] ?? 0) * h.accountLeft);
    out[AT.accountDestinations] = halfLog(accounts[acc + ACCOUNT.destinations] ?? 0);
    out[AT.sourceFanRecent] = fullLog((hosts[src + HOST.fanRecent] ?? 0) * h.sourceLeft);
    out[AT.sourceDestinations] = halfLog(hosts[src + HOST.destinations] ?? 0);
    out[AT.accountNewBurst] = fullLog((accounts[acc + ACCOUNT.newBurst] ?? 0) * h.accountSlower);
    out[AT.sourceNewBurst] = fullLog((hosts[src + HOST.newBurst] ?? 0) * h.sourceSlower);
    out[AT.accountNewSources] = fullLog((accounts[acc + ACCOUNT.newSources] ?? 0) * h.accountSlower);
    out[AT.pivot] = fullLog((hosts[src + HOST.arrivals] ?? 0) * h.sourceSlower);
    out[AT.destinationSources] = halfLog(hosts[dst + HOST.sources] ?? 0);
    out[AT.destinationAccounts] = halfLog(hosts[dst + HOST.accounts] ?? 0);
    out[AT.sourceArrivals] = halfLog(hosts[src + HOST.sources] ?? 0);
    out[AT.accountFailures] = fullLog((accounts[acc + ACCOUNT.failures] ?? 0) * h.accountLeft);
    out[AT.sourceFailures] = fullLog((hosts[src + HOST.failures] ?? 0) * h.sourceLeft);
    out[AT.failed] = event.success ? 0 : 1;
    out[AT.hourSurprise] = clip(-Math.log(((inHours + 1) / (accTotal + 8)) * 8));
    out[AT.kindSurpriseAccount] = surprise(h.accountKindTotal, accTotal, kindShare);
    out[AT.kindSurpriseDestination] = surprise(h.destinationKindTotal, dstIn, kindShare);
    out[AT.kindRarity] = clip(-Math.log(kindShare) / 2);
    out[AT.degreeRarity] = clip(
      Math.log((h.edgeTotal + 0.5) / ((srcOut * dstIn) / Math.max(1, h.total) + 0.5)) / 2,
    );
    out[AT.neighbourOverlap] = remote ? overlap(h) : 1;
    out[AT.local] = remote ? 0 : 1;
    out[AT.automatic] = accounts[acc + ACCOUNT.automatic] ?? 0;
    out[AT.accountsDiffer] = event.srcAccount !== '' && event.srcAccount !== usedAccount(event) ? 1 : 0;
    out[AT.ntlm] = event.protocol === 'NTLM' ? 1 : 0;
    out[AT.handsOn] = isHandsOn(event.logonType) ? 1 : 0;
    out[AT.ticket] = isTicket(event.action) ? 1 : 0;
    return out;
  }
}

function limitsOf({ hosts, accounts, pairs }: HistoryLimits): [string, number][] {
  return [
    ['hosts', hosts],
    ['accounts', accounts],
    ['pairs', pairs],
  ];
}

function age(total: number, time: number, now: number): number {
  if (total === 0) return NEVER;
  const hours = now - time;
  return hours > 0 ? Math.min(NEVER, Math.log1p(hours) / 2) : 0;
}

/** -ln P(kind | owner) / 2, smoothed by two events of the organisation's mix. */
function surprise(count: number, total: number, prior: number): number {
  return clip(-Math.log((count + 2 * prior) / (total + 2)) / 2);
}

/** Share of the source's destinations that are in the destination's sketch; .5 where the source has none yet. */
function overlap({ hosts: { data, words, numbers }, source, destination }: History): number {
  const dst = destination * HOST_SHAPE.width;
  const isKnown = data[dst + HOST.in] !== 0 || data[dst + HOST.out] !== 0;
  // The destination itself would always be common.
  const own = isKnown ? sketchBit(numbers[destination] ?? 0) : -1;
  const mineAt = source * HOST_SHAPE.words + HOST_WORDS.reached;
  const theirsAt = destination * HOST_SHAPE.words + HOST_WORDS.shared;
  let reached = 0;
  let common = 0;
  for (let i = 0; i < SKETCH_WORDS; i++) {
    let mine = words[mineAt + i] ?? 0;
    if (i === own >> 5) mine &= ~(1 << (own & 31));
    if (mine === 0) continue;
    reached += ones(mine);
    common += ones(mine & (words[theirsAt + i] ?? 0));
  }
  return reached === 0 ? 0.5 : common / reached;
}

function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
