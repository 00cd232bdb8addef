/**
 * A site's graphs written down plainly, without limits: windows are lists of events, and everything is looked up in all that
 * came before. What `GraphBuilder` must give as long as its tables hold everything.
 */
import type { EDGE_FEATURES, NODE_FEATURES } from '../participant/graph/graph-features.ts';
import type { AuthEvent } from '../protocol/events/canonical.ts';

/** An event that asks for access, and whether its account does so for the first time at the destination. */
export interface SeenEvent {
  readonly event: AuthEvent;
  readonly fresh: boolean;
}

export interface PlainWindow {
  readonly number: number;
  /** By name. */
  readonly nodes: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** By `source destination`. */
  readonly edges: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

export const pairName = ({ srcHost, dstHost }: AuthEvent): string => `${srcHost} ${dstHost}`;

/** Events by the window that they count in, which is the newest so far; a late one of a pair that its own has counts in none. */
export function plainWindows(seen: readonly SeenEvent[], windowMs: number): Map<number, SeenEvent[]> {
  const windows = new Map<number, SeenEvent[]>();
  let newest = -Infinity;
  for (const one of seen) {
    const own = Math.floor(one.event.time / windowMs);
    newest = Math.max(newest, own);
    const closed = [...windows].filter(([number]) => number >= own && number < newest);
    const isThere = closed.some(([, list]) =>
      list.some(({ event }) => pairName(event) === pairName(one.event)),
    );
    if (!isThere) windows.set(newest, [...(windows.get(newest) ?? []), one]);
  }
  return windows;
}

const log = (n: number): number => Math.fround(Math.min(4, Math.log1p(n) / 2));

export function plainGraph(seen: readonly SeenEvent[], windowMs: number): PlainWindow[] {
  const windows = plainWindows(seen, windowMs);
  const namesSeen = new Map<string, number>();
  for (const { event } of seen) {
    const own = Math.floor(event.time / windowMs);
    for (const name of [event.srcHost, event.dstHost]) if (!namesSeen.has(name)) namesSeen.set(name, own);
  }
  return [...windows].map(([number, list]) => {
    const earlier = [...windows].filter(([other]) => other < number);
    const windowsWith = (pair: string) =>
      earlier.filter(([, others]) => others.some(({ event }) => pairName(event) === pair)).map(([n]) => n);
    const remote = list.filter(({ event }) => event.srcHost !== event.dstHost);
    const pairs = [...new Set(remote.map(({ event }) => pairName(event)))];
    const names = new Set(list.flatMap(({ event }) => [event.srcHost, event.dstHost]));
    const count = (of: readonly SeenEvent[], which: (one: SeenEvent) => boolean) =>
      log(of.filter(which).length);
    const isPerson = ({ event }: SeenEvent) => /Interactive|Unlock|NewCredentials/.test(event.logonType);
    const nodes = [...names].map((name): [string, Record<string, number>] => {
      const out = remote.filter(({ event }) => event.srcHost === name);
      const into = remote.filter(({ event }) => event.dstHost === name);
      const local = list.filter(({ event }) => event.srcHost === name && event.dstHost === name);
      const from = pairs.filter((pair) => pair.startsWith(`${name} `));
      const to = pairs.filter((pair) => pair.endsWith(` ${name}`));
      const isNew = (pair: string) => windowsWith(pair).length === 0;
      const values = {
        active: 1,
        out: log(out.length),
        in: log(into.length),
        local: log(local.length),
        destinations: log(from.length),
        sources: log(to.length),
        failuresOut: count(out, ({ event }) => !event.success),
        failuresIn: count(into, ({ event }) => !event.success),
        newOut: log(from.filter(isNew).length),
        newIn: log(to.filter(isNew).length),
        freshOut: count(out, ({ fresh }) => fresh),
        freshIn: count(into, ({ fresh }) => fresh),
        ntlmOut: count(out, ({ event }) => event.protocol === 'NTLM'),
        ntlmIn: count(into, ({ event }) => event.protocol === 'NTLM'),
        handsOnIn: count([...into, ...local], isPerson),
        age: log(Math.max(0, number - (namesSeen.get(name) ?? number))),
      } satisfies Record<(typeof NODE_FEATURES)[number], number>;
      return [name, values];
    });
    const edges = [...new Set(list.map(({ event }) => pairName(event)))].map(
      (pair): [string, Record<string, number>] => {
        const first = list.find(({ event }) => pairName(event) === pair) as SeenEvent;
        const { event, fresh } = first;
        const before = windowsWith(pair);
        const values = {
          new: Number(before.length === 0),
          since: before.length === 0 ? 0 : log(number - Math.max(...before)),
          windows: log(before.length),
          fresh: Number(fresh),
          local: Number(event.srcHost === event.dstHost),
          kerberos: Number(event.protocol === 'Kerberos'),
          ntlm: Number(event.protocol === 'NTLM'),
          handsOn: Number(isPerson(first)),
          failed: Number(!event.success),
          automatic: Number(/\$@|^system@/.test(event.dstAccount)),
        } satisfies Record<(typeof EDGE_FEATURES)[number], number>;
        return [pair, values];
      },
    );
    return { number, nodes: new Map(nodes), edges: new Map(edges) };
  });
}
