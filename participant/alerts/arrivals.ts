import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { usedAccount } from '../features/event-kind.ts';
import type { Hop } from './alert.ts';

/** Hosts whose arrivals are remembered, those that were come to last; ways to each of them. */
const MOST_HOSTS = 10_000;
const MOST_WAYS = 6;
/** What is longer ago explains nothing. */
const WITHIN_MS = 24 * 3_600_000;
const MOST_HOPS = 4;

/** The last arrival at a host by one way: from a host, with an account. */
interface Way {
  readonly time: number;
  readonly from: string;
  readonly account: string;
  readonly fresh: boolean;
  readonly score: number;
}

/**
 * Who came to which host lately, from where: the hops by which somebody may have come to where an alert begins. Bounded;
 * of a host's ways the new ones are kept the longest.
 */
export class Arrivals {
  /** Hosts in the order in which they were come to. */
  readonly #hosts = new Map<string, Way[]>();

  /** Takes a remote logon in, in the order of the stream. @param score logit; without a model 0 */
  add(event: AuthEvent, fresh: boolean, score: number): void {
    const { srcHost, dstHost, time } = event;
    if (srcHost === dstHost || !event.success || srcHost === '' || dstHost === '') return;
    const account = usedAccount(event);
    const known = this.#hosts.get(dstHost) ?? [];
    const before = known.find((way) => way.from === srcHost && way.account === account);
    // A way that is new stays new for as long as it may lead anywhere.
    const lately = before !== undefined && time - before.time < WITHIN_MS ? before : null;
    const way: Way = {
      time: lately?.fresh === true ? lately.time : time,
      from: srcHost,
      account,
      fresh: fresh || lately?.fresh === true,
      score: lately?.fresh === true ? Math.max(score, lately.score) : score,
    };
    const others = known.filter((one) => one !== before && time - one.time < WITHIN_MS);
    const ways = [...others, way];
    if (ways.length > MOST_WAYS) ways.splice(leastTelling(ways), 1);
    this.#hosts.delete(dstHost);
    this.#hosts.set(dstHost, ways);
    if (this.#hosts.size <= MOST_HOSTS) return;
    const [oldest = ''] = this.#hosts.keys();
    this.#hosts.delete(oldest);
  }

  /**
   * The hops that led to a host before a moment, the first one first, at most four. Each is the new way with the highest
   * score, else the last arrival of the same account; a host that nobody came to so is the beginning.
   */
  pathTo(host: string, account: string, before: number): Hop[] {
    const path: Hop[] = [];
    const visited = new Set([host]);
    let at = { host, account, before };
    while (path.length < MOST_HOPS) {
      const way = this.#best(at.host, at.account, at.before, visited);
      if (way === null) break;
      path.unshift({ time: way.time, account: way.account, from: way.from, to: at.host, fresh: way.fresh });
      visited.add(way.from);
      at = { host: way.from, account: way.account, before: way.time };
    }
    return path;
  }

  #best(host: string, account: string, before: number, visited: ReadonlySet<string>): Way | null {
    const possible = (this.#hosts.get(host) ?? []).filter(
      ({ time, from }) => time <= before && before - time < WITHIN_MS && !visited.has(from),
    );
    const fresh = possible.filter((way) => way.fresh);
    if (fresh.length > 0) return fresh.reduce((a, b) => (b.score > a.score ? b : a));
    const own = possible.filter((way) => way.account === account);
    return own.length > 0 ? own.reduce((a, b) => (b.time >= a.time ? b : a)) : null;
  }

  /** As plain values that JSON keeps. */
  snapshot(): ArrivalsSnapshot {
    return [...this.#hosts];
  }

  restore(hosts: ArrivalsSnapshot): void {
    this.#hosts.clear();
    for (const [host, ways] of hosts) this.#hosts.set(host, [...ways]);
  }
}

export type ArrivalsSnapshot = readonly (readonly [string, readonly Way[]])[];

/** The oldest of those that are not new, else of all. */
function leastTelling(ways: readonly Way[]): number {
  const familiar = ways.findIndex((way) => !way.fresh);
  return familiar < 0 ? 0 : familiar;
}
