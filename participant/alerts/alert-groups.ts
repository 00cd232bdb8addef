import { DAY_MS } from '../../models/metrics/alerts.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { usedAccount } from '../features/event-kind.ts';
import { type Alert, MOST_NAMED, alertId } from './alert.ts';

/** Destinations of an alert that are told apart. */
const MOST_DESTINATIONS = 256;
/** A new version is written when the score is higher by so much (logit), or there are so many times as many destinations. */
const HIGHER = 0.5;
const MORE = 1.25;

/** What a line says; when it is written is not the groups' matter. */
export type Told = Omit<Alert, 'sequence' | 'written'>;

/** What makes an alert as far as it has come: the last line of it, and what has been added since. */
interface Group {
  readonly id: string;
  readonly day: number;
  /** Null between the moment it is raised and the moment its first line is made. */
  line: Told | null;
  readonly raised: number;
  events: number;
  readonly destinations: Set<string>;
  readonly accounts: Set<string>;
}

/** An event that scores above the threshold. */
export interface Hit {
  readonly event: AuthEvent;
  readonly score: number;
  readonly threshold: number;
}

/** What a line says beside what its group knows: reasons, path and model of the highest event. */
export type Evidence = Pick<Alert, 'reasons' | 'path' | 'model'>;

/** What became of a hit: a line to be written, nothing new, or more alerts than the day may have. */
export type Outcome = Told | 'same' | 'limited';

/**
 * Which alert an event above the threshold belongs to, and when an alert is told of: first when it is raised, then when it
 * has grown, by rules that depend on the events alone. The same events give the same lines, whenever the process was ended
 * in between.
 */
export class AlertGroups {
  readonly #groups = new Map<string, Group>();
  readonly #member: string;
  readonly #mostPerDay: number;
  #number = 0;

  constructor(member: string, mostPerDay: number) {
    this.#member = member;
    this.#mostPerDay = mostPerDay;
  }

  /** Takes a hit in. @param evidence asked for where the event is the highest of its alert, and a line is made */
  take(hit: Hit, evidence: (hit: Hit) => Evidence): Outcome {
    const { event, score } = hit;
    const day = Math.floor(event.time / DAY_MS) * DAY_MS;
    const key = `${day}\0${event.srcHost}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#raisedOn(day) >= this.#mostPerDay) return 'limited';
      group = this.#begin(hit, day);
      this.#groups.set(key, group);
      this.#forgetBefore(day - DAY_MS);
    }
    group.events++;
    if (group.destinations.size < MOST_DESTINATIONS) group.destinations.add(event.dstHost);
    if (group.accounts.size < MOST_NAMED) group.accounts.add(usedAccount(event));
    const { line } = group;
    const isHighest = line === null || score > line.score;
    const grown =
      line === null || score >= line.score + HIGHER || group.destinations.size >= line.destinations * MORE;
    if (!grown) return 'same';
    group.line = this.#lineOf(group, hit, isHighest ? { ...evidence(hit), score, event } : line);
    return group.line;
  }

  /** Takes in a line that was written before: what it tells of is not told again. */
  written(line: Alert): void {
    const key = `${line.day}\0${line.srcHost}`;
    this.#number = Math.max(this.#number, line.number);
    const known = this.#groups.get(key);
    if ((known?.line?.version ?? 0) >= line.version) return;
    this.#groups.set(key, {
      id: line.id,
      day: line.day,
      line,
      raised: line.raised,
      events: known?.events ?? 0,
      destinations: known?.destinations ?? new Set(),
      accounts: known?.accounts ?? new Set(),
    });
  }

  snapshot(): AlertGroupsSnapshot {
    return {
      number: this.#number,
      groups: [...this.#groups].map(([key, { destinations, accounts, ...group }]) => ({
        ...group,
        key,
        destinations: [...destinations],
        accounts: [...accounts],
      })),
    };
  }

  /** Takes up where `snapshot` was taken; lines that were written since come after it (`written`). */
  restore({ number, groups }: AlertGroupsSnapshot): void {
    this.#number = number;
    this.#groups.clear();
    for (const { key, destinations, accounts, ...group } of groups)
      this.#groups.set(key, {
        ...group,
        destinations: new Set(destinations),
        accounts: new Set(accounts),
      });
  }

  #begin({ event }: Hit, day: number): Group {
    return {
      id: alertId(this.#member, event.srcHost, day),
      day,
      line: null,
      raised: event.time,
      events: 0,
      destinations: new Set(),
      accounts: new Set(),
    };
  }

  #lineOf(group: Group, { event, threshold }: Hit, top: Evidence & Pick<Alert, 'score' | 'event'>): Told {
    const { id, day, line, raised, events, destinations, accounts } = group;
    const { dstHost, srcAccount, dstAccount } = top.event;
    const account = dstAccount === '' ? srcAccount : dstAccount;
    return {
      type: 'alert',
      id,
      number: line?.number ?? ++this.#number,
      version: (line?.version ?? 0) + 1,
      srcHost: event.srcHost,
      day,
      raised,
      updated: event.time,
      score: top.score,
      threshold: Number.isFinite(threshold) ? threshold : top.score,
      events,
      destinations: Math.max(destinations.size, line?.destinations ?? 0),
      dstHosts: [...new Set([dstHost, ...destinations])].slice(0, MOST_NAMED),
      accounts: [...new Set([account, ...accounts])].slice(0, MOST_NAMED),
      account,
      event: top.event,
      reasons: top.reasons,
      path: top.path,
      model: top.model,
    };
  }

  #raisedOn(day: number): number {
    let raised = 0;
    for (const group of this.#groups.values()) if (group.day === day) raised++;
    return raised;
  }

  /** No event comes to a day before the last one any more: it would be late. */
  #forgetBefore(day: number): void {
    for (const [key, group] of this.#groups) if (group.day < day) this.#groups.delete(key);
  }
}

export interface AlertGroupsSnapshot {
  readonly number: number;
  readonly groups: readonly (Omit<Group, 'destinations' | 'accounts'> & {
    readonly key: string;
    readonly destinations: readonly string[];
    readonly accounts: readonly string[];
  })[];
}
