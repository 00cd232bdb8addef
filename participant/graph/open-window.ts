import { type Csr, csrOf } from '../../models/layers/csr.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { isHandsOn } from '../features/event-kind.ts';
import { halfLog } from '../features/small-logs.ts';
import { EDGE_INPUTS, NODE_AT, NODE_INPUTS, edgeRow } from './graph-features.ts';
import { OTHERS, destinationOf, pairKey, sourceOf } from './host-numbers.ts';
import type { PairMemory, PairPast } from './pair-memory.ts';
import { type ClosedWindow, ROLE } from './site-graph.ts';

const ALL_OTHERS = pairKey(OTHERS, OTHERS);

/** What an event's edge is to training where the event alone decides. */
export type Role = (typeof ROLE)[keyof typeof ROLE];

/** The window that events are taken into. */
export class OpenWindow {
  readonly number: number;
  readonly #pairs: PairMemory;
  readonly #most: number;
  readonly #places = new Map<number, number>();
  readonly #edges: number[][] = [];
  readonly #roles: Role[] = [];
  /** Counts of hosts, not halfLog yet. */
  readonly #nodes = new Map<number, Float32Array>();
  #isFull = false;

  /** @param most pairs that are told apart, beside the one that stands for all others */
  constructor(number: number, pairs: PairMemory, most: number) {
    this.number = number;
    this.#pairs = pairs;
    this.#most = most;
  }

  get edges(): number {
    return this.#edges.length;
  }

  /** Whether the pair has an edge, or the one that stands for others. */
  has(key: number): boolean {
    return this.#places.has(key);
  }

  /** Takes an event in. @param key of its pair @param fresh as EDGE_FEATURES has it */
  add(event: AuthEvent, key: number, fresh: boolean, role: Role): void {
    const known = this.#places.get(key);
    if (known === undefined && key !== ALL_OTHERS && this.#edges.length >= this.#most) {
      this.#isFull = true;
      this.add(event, ALL_OTHERS, fresh, ROLE.none);
      return;
    }
    const isRemote = event.srcHost !== event.dstHost;
    const [from, to] = [this.#node(sourceOf(key)), this.#node(destinationOf(key))];
    if (known === undefined) {
      const past = this.#pairs.find(key);
      this.#places.set(key, this.#edges.length);
      this.#edges.push(edgeRow(event, fresh, past, this.number));
      this.#roles.push(role);
      if (isRemote) countPair(from, to, past);
    } else {
      this.#roles[known] = joined(this.#roles[known] ?? ROLE.none, role);
    }
    countEvent(event, from, to, fresh);
  }

  /** Over: its pairs are seen from now on. */
  close(): ClosedWindow {
    const order = [...this.#places].sort(([a], [b]) => a - b);
    const active = [...this.#nodes].sort(([a], [b]) => a - b);
    const edges = new Float32Array(order.length * EDGE_INPUTS);
    const nodes = new Float32Array(active.length * NODE_INPUTS);
    order.forEach(([key, place], i) => {
      edges.set(this.#edges[place] ?? [], i * EDGE_INPUTS);
      this.#pairs.see(key, this.number);
    });
    active.forEach(([, counts], i) => {
      const row = counts.map((count) => halfLog(count));
      row[NODE_AT.active] = 1;
      nodes.set(row, i * NODE_INPUTS);
    });
    const numbers = Uint32Array.from(active, ([node]) => node);
    const keys = Uint32Array.from(order, ([key]) => key);
    return {
      number: this.number,
      active: numbers,
      nodes,
      neighbours: neighboursOf(numbers, keys),
      keys,
      edges,
      roles: Uint8Array.from(order, ([, place]) => this.#roles[place] ?? ROLE.none),
      isFull: this.#isFull,
    };
  }

  #node(number: number): Float32Array {
    let counts = this.#nodes.get(number);
    if (counts === undefined) {
      counts = new Float32Array(NODE_INPUTS);
      this.#nodes.set(number, counts);
    }
    return counts;
  }
}

/** An incident makes its edge one; an event that does not train keeps the benign ones of its edge from it. */
function joined(before: Role, role: Role): Role {
  if (before === ROLE.incident || role === ROLE.incident) return ROLE.incident;
  return before === ROLE.none || role === ROLE.none ? ROLE.none : ROLE.benign;
}

function neighboursOf(active: Uint32Array, keys: Uint32Array): Csr {
  const places = new Map(Array.from(active, (number, place) => [number, place] as const));
  const remote = keys.filter((key) => sourceOf(key) !== destinationOf(key));
  const row = new Uint32Array(2 * remote.length);
  const column = new Uint32Array(2 * remote.length);
  remote.forEach((key, i) => {
    const [from, to] = [places.get(sourceOf(key)) ?? 0, places.get(destinationOf(key)) ?? 0];
    row.set([from, to], 2 * i);
    column.set([to, from], 2 * i);
  });
  return csrOf(active.length, active.length, row, column);
}

function countPair(from: Float32Array, to: Float32Array, past: PairPast | undefined): void {
  raise(from, NODE_AT.destinations);
  raise(to, NODE_AT.sources);
  if (past !== undefined) return;
  raise(from, NODE_AT.newOut);
  raise(to, NODE_AT.newIn);
}

function countEvent(event: AuthEvent, from: Float32Array, to: Float32Array, fresh: boolean): void {
  if (isHandsOn(event.logonType)) raise(to, NODE_AT.handsOnIn);
  if (event.srcHost === event.dstHost) {
    raise(to, NODE_AT.local);
    return;
  }
  raise(from, NODE_AT.out);
  raise(to, NODE_AT.in);
  if (!event.success) {
    raise(from, NODE_AT.failuresOut);
    raise(to, NODE_AT.failuresIn);
  }
  if (fresh) {
    raise(from, NODE_AT.freshOut);
    raise(to, NODE_AT.freshIn);
  }
  if (event.protocol === 'NTLM') {
    raise(from, NODE_AT.ntlmOut);
    raise(to, NODE_AT.ntlmIn);
  }
}

function raise(counts: Float32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}
