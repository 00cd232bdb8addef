/**
 * What the benchmark protocol needs to know of one organisation's events apart from their scores, worked out once: which
 * alert, which edge and which campaign each belongs to. Any number of models is then measured on it by scores alone.
 */
import { ModelError } from '../errors.ts';

/** Milliseconds of a day; alerts are counted by it. */
export const DAY_MS = 86_400_000;

/** One event as the protocol sees it. */
export interface FramedEvent {
  /** Milliseconds. */
  readonly time: number;
  readonly srcHost: string;
  readonly dstHost: string;
  /** Account that is used. */
  readonly account: string;
  /** Name of the campaign this event belongs to; null for benign ones. */
  readonly campaign: string | null;
}

/** A (source host, day) group. */
export interface Group {
  readonly srcHost: string;
  /** Counts from time 0. */
  readonly day: number;
  /** In 0..1, from source and day alone: decides between equal scores, so that no name comes first by its letters. */
  readonly tie: number;
}

/** Columns over the events of one organisation, all as long as `length`. */
export interface EventFrame {
  readonly organisation: string;
  readonly length: number;
  readonly times: Float64Array;
  /** 1 where malicious. */
  readonly labels: Uint8Array;
  /** Place in `campaigns`, -1 where benign. */
  readonly campaignOf: Int32Array;
  readonly campaigns: readonly string[];
  /** Place in `groups`. */
  readonly groupOf: Uint32Array;
  readonly groups: readonly Group[];
  /** Distinct days with an event. */
  readonly days: number;
  /** Place in `edgeLabels`: events of one (source, destination, account, day) are one edge. */
  readonly edgeOf: Uint32Array;
  /** 1 where any event of the edge is malicious. */
  readonly edgeLabels: Uint8Array;
}

/** The columns of some events, in their order. */
export function eventFrame(organisation: string, events: readonly FramedEvent[]): EventFrame {
  const { length } = events;
  const frame = {
    times: new Float64Array(length),
    labels: new Uint8Array(length),
    campaignOf: new Int32Array(length),
    groupOf: new Uint32Array(length),
    edgeOf: new Uint32Array(length),
  };
  const campaigns = new Numbering();
  const groupNumbers = new Numbering();
  const edges = new Numbering();
  const groups: Group[] = [];
  const days = new Set<number>();
  const maliciousEdges: number[] = [];
  events.forEach(({ time, srcHost, dstHost, account, campaign }, i) => {
    const day = Math.floor(time / DAY_MS);
    days.add(day);
    const groupKey = `${day}\0${srcHost}`;
    const group = groupNumbers.of(groupKey);
    if (group === groups.length) groups.push({ srcHost, day, tie: tieOf(groupKey) });
    const edge = edges.of(`${groupKey}\0${dstHost}\0${account}`);
    if (campaign !== null) maliciousEdges.push(edge);
    frame.times[i] = time;
    frame.labels[i] = campaign === null ? 0 : 1;
    frame.campaignOf[i] = campaign === null ? -1 : campaigns.of(campaign);
    frame.groupOf[i] = group;
    frame.edgeOf[i] = edge;
  });
  const edgeLabels = new Uint8Array(edges.size);
  for (const edge of maliciousEdges) edgeLabels[edge] = 1;
  return {
    organisation,
    length,
    ...frame,
    campaigns: campaigns.names(),
    groups,
    days: days.size,
    edgeLabels,
  };
}

/** @throws ModelError SHAPE_MISMATCH unless there is one score an event, NOT_FINITE for NaN or infinity */
export function checkScores(frame: EventFrame, scores: ArrayLike<number>): void {
  if (scores.length !== frame.length) {
    throw new ModelError('SHAPE_MISMATCH', {
      expected: `${frame.length} scores, one an event of ${frame.organisation}`,
      got: String(scores.length),
      next: 'score every event once, in the order of the events',
    });
  }
  for (let i = 0; i < scores.length; i++) {
    if (Number.isFinite(scores[i])) continue;
    throw new ModelError('NOT_FINITE', {
      expected: `a finite score for every event of ${frame.organisation}`,
      got: `${scores[i]} at event ${i}`,
      next: 'check the weights of the model',
    });
  }
}

/** The highest score of each group (`count` of them) in the order of their numbers. */
export function highest(of: Uint32Array, scores: ArrayLike<number>, count: number): Float64Array {
  const best = new Float64Array(count).fill(-Infinity);
  of.forEach((place, i) => {
    const score = scores[i] ?? -Infinity;
    if (score > (best[place] ?? Infinity)) best[place] = score;
  });
  return best;
}

/** Numbers for names, in the order in which they are first asked for. */
class Numbering {
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#numbers.size;
  }

  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const next = this.#numbers.size;
    this.#numbers.set(name, next);
    return next;
  }

  names(): string[] {
    return [...this.#numbers.keys()];
  }
}

/** FNV-1a with a final mix (Fowler, Noll, Vo; Appleby's murmur3 finaliser), as a share of 2^32. */
function tieOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
