import type { Csr } from '../../models/layers/csr.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { LATENESS_MS } from '../telemetry/site-pipeline.ts';
import { type HostNumbers, pairKey } from './host-numbers.ts';
import type { PairMemory } from './pair-memory.ts';

/** What an edge is to training. */
export const ROLE = { none: 0, benign: 1, incident: 2 } as const;

/** A window that is over: the authentications in it, collapsed per pair of hosts. */
export interface ClosedWindow {
  /** Which window of time since 1970 it is. */
  readonly number: number;
  /** Hosts with an event, ascending, and their rows of NODE_FEATURES without age. */
  readonly active: Uint32Array;
  readonly nodes: Float32Array;
  /** Both directions of every remote pair, by places in `active`. */
  readonly neighbours: Csr;
  /** Pairs of hosts as keys, ascending, and their rows of EDGE_FEATURES. */
  readonly keys: Uint32Array;
  readonly edges: Float32Array;
  /** Of each pair, one of ROLE. */
  readonly roles: Uint8Array;
  /** Whether there was no room for more pairs: further events are those of the pair 0. */
  readonly isFull: boolean;
}

/** An edge: places of its window and in it. */
export interface EdgePlace {
  readonly window: number;
  readonly edge: number;
}

/** An organisation's events as graphs, window after window. It stays at the site. */
export interface SiteGraph {
  /** Milliseconds of a window. */
  readonly windowMs: number;
  /** In the order of time; windows without an event are left out. */
  readonly windows: readonly ClosedWindow[];
  readonly hosts: HostNumbers;
  /** Number of the window in which each host was first seen. */
  readonly firstSeen: ArrayLike<number>;
  readonly pairs: PairMemory;
  /** Events and edges that were taken; windows that were given up for later ones. */
  readonly events: number;
  readonly edges: number;
  readonly dropped: number;
}

/** Place of a pair in a window; -1 where it has none. */
export function edgeIn({ keys, isFull }: ClosedWindow, key: number): number {
  const found = search(keys, key);
  return found < 0 && isFull ? 0 : found;
}

/** Place of a key in ascending keys, or -1. */
export function search(keys: Uint32Array, key: number): number {
  let [low, high] = [0, keys.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const value = keys[middle] ?? 0;
    if (value === key) return middle;
    if (value < key) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Windows, from an event's own, in one of which it has been counted: one that came late may be in a later one. */
export function windowsOf(
  { time }: Pick<AuthEvent, 'time'>,
  windowMs: number,
): { first: number; last: number } {
  return { first: Math.floor(time / windowMs), last: Math.floor((time + LATENESS_MS) / windowMs) };
}

/**
 * The edge that an event is part of: that of its pair in its own window; where the event came after that window was over
 * and the pair was not in it, in the window that was open then. null where it was never taken, or its window is given up.
 */
export function edgeOf(graph: SiteGraph, event: AuthEvent): EdgePlace | null {
  const { windows, hosts, windowMs } = graph;
  const key = pairKey(hosts.find(event.srcHost), hosts.find(event.dstHost));
  const { first, last } = windowsOf(event, windowMs);
  for (let at = firstAtLeast(windows, first); at < windows.length; at++) {
    const window = windows[at];
    if (window === undefined || window.number > last) return null;
    const edge = edgeIn(window, key);
    if (edge >= 0) return { window: at, edge };
  }
  return null;
}

function firstAtLeast(windows: readonly ClosedWindow[], number: number): number {
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((windows[middle]?.number ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
