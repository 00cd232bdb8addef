/**
 * From an organisation's events to its graphs, event by event in the order of the merged stream. What an edge is judged by
 * is known when its first event comes, so that the same numbers serve files and a live stream.
 */
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { isScored } from '../features/event-kind.ts';
import type { IncidentIndex } from '../train/incidents.ts';
import { isTraining, partOf } from '../train/parts.ts';
import { HostNumbers, MOST_HOSTS, pairKey } from './host-numbers.ts';
import { OpenWindow, type Role } from './open-window.ts';
import { PairMemory } from './pair-memory.ts';
import { type ClosedWindow, ROLE, type SiteGraph, edgeIn, windowsOf } from './site-graph.ts';

/** How events are cut into windows, and what bounds the memory. */
export interface GraphOptions {
  /** As of `PrepareOptions`: earlier events train. */
  readonly trainUntil: number | null;
  /** Milliseconds of a window; an hour where left out. Best a part of a day: training holds out sources day by day. */
  readonly windowMs?: number;
  /** Windows kept, the last ones; 2,048 where left out. */
  readonly mostWindows?: number;
  /** Pairs told apart in a window, hosts told apart, and pairs remembered beyond their window. */
  readonly mostEdges?: number;
  readonly mostHosts?: number;
  readonly mostPairs?: number;
}

const HOUR_MS = 3_600_000;

export class GraphBuilder {
  readonly #labels: IncidentIndex;
  readonly #trainUntil: number | null;
  readonly #windowMs: number;
  readonly #mostWindows: number;
  readonly #mostEdges: number;
  readonly #hosts: HostNumbers;
  readonly #pairs: PairMemory;
  readonly #firstSeen: number[] = [];
  readonly #closed: ClosedWindow[] = [];
  #open: OpenWindow | null = null;
  #first: number | null = null;
  #events = 0;
  #edges = 0;
  #dropped = 0;

  constructor(labels: IncidentIndex, options: GraphOptions) {
    this.#labels = labels;
    this.#trainUntil = options.trainUntil;
    this.#windowMs = options.windowMs ?? HOUR_MS;
    this.#mostWindows = options.mostWindows ?? 2048;
    this.#mostEdges = options.mostEdges ?? 65_536;
    this.#hosts = new HostNumbers(options.mostHosts ?? MOST_HOSTS);
    this.#pairs = new PairMemory(options.mostPairs ?? 1 << 20);
  }

  /** Takes an event as `SiteBuilder` tells it. @param fresh whether its account asks for the first time for access here */
  add(event: AuthEvent, fresh: boolean): void {
    this.#first ??= event.time;
    if (!isScored(event)) return;
    this.#events++;
    const { first: own } = windowsOf(event, this.#windowMs);
    if (this.#open === null || own > this.#open.number) {
      this.#close();
      this.#open = new OpenWindow(own, this.#pairs, this.#mostEdges);
    }
    const key = pairKey(this.#number(event.srcHost, own), this.#number(event.dstHost, own));
    if (own < this.#open.number && this.#isIn(key, own)) return;
    const before = this.#open.edges;
    this.#open.add(event, key, fresh, this.#roleOf(event, this.#first));
    this.#edges += this.#open.edges - before;
  }

  /** What there is by now, with a window that is still open as if it were over. Nothing may be added afterwards. */
  graph(): SiteGraph {
    this.#close();
    return {
      windowMs: this.#windowMs,
      windows: this.#closed,
      hosts: this.#hosts,
      firstSeen: this.#firstSeen,
      pairs: this.#pairs,
      events: this.#events,
      edges: this.#edges,
      dropped: this.#dropped,
    };
  }

  /** Whether a window that is over, of those that a late event may be part of, has the pair. */
  #isIn(key: number, own: number): boolean {
    for (let at = this.#closed.length - 1; at >= 0; at--) {
      const window = this.#closed[at];
      if (window === undefined || window.number < own) return false;
      if (edgeIn(window, key) >= 0) return true;
    }
    return false;
  }

  #roleOf(event: AuthEvent, first: number): Role {
    const part = partOf(event, first, this.#trainUntil);
    if (part === 'evaluation') return ROLE.none;
    if (this.#labels.campaignOf(event) !== null) return ROLE.incident;
    return isTraining(part) ? ROLE.benign : ROLE.none;
  }

  #number(host: string, window: number): number {
    const number = this.#hosts.enter(host);
    this.#firstSeen[number] ??= window;
    return number;
  }

  #close(): void {
    if (this.#open === null) return;
    this.#closed.push(this.#open.close());
    this.#open = null;
    if (this.#closed.length <= this.#mostWindows) return;
    this.#closed.shift();
    this.#dropped++;
  }
}
