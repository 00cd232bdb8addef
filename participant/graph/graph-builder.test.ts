import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRAPH_FEATURE_SETS } from '../../models/detection/graph-encoder-model.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { logon } from '../../test/auth-event.ts';
import { pairName, plainGraph, plainWindows, type SeenEvent } from '../../test/plain-graph.ts';
import { IncidentIndex } from '../train/incidents.ts';
import { partOf } from '../train/parts.ts';
import { GraphBuilder, type GraphOptions } from './graph-builder.ts';
import { EDGE_FEATURES, EDGE_INPUTS, NODE_FEATURES, NODE_INPUTS } from './graph-features.ts';
import { OTHERS, destinationOf, pairKey, sourceOf } from './host-numbers.ts';
import { activeIn, graphWindow } from './sequences.ts';
import { ROLE, type SiteGraph, edgeOf } from './site-graph.ts';

const HOUR = 3_600_000;
const NAMES = ['a', 'b', 'c', 'd', 'e'];

const nobody = new IncidentIndex([]);

function built(seen: readonly SeenEvent[], options: Partial<GraphOptions> = {}, labels = nobody): SiteGraph {
  const builder = new GraphBuilder(labels, { trainUntil: null, ...options });
  for (const { event, fresh } of seen) builder.add(event, fresh);
  return builder.graph();
}

/** Events of some hours, at times that may lie up to five minutes behind the newest. */
const events = fc
  .array(
    fc.record({
      step: fc.integer({ min: 0, max: HOUR }),
      back: fc.integer({ min: 0, max: 300_000 }),
      from: fc.constantFrom(...NAMES),
      to: fc.constantFrom(...NAMES),
      account: fc.constantFrom('ann@x', 'host$@x', 'system@x'),
      protocol: fc.constantFrom('Kerberos' as const, 'NTLM' as const, 'Negotiate' as const),
      logonType: fc.constantFrom('Network' as const, 'RemoteInteractive' as const, 'Unlock' as const),
      success: fc.boolean(),
      fresh: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((drawn) => {
    let newest = 10 * HOUR;
    return drawn.map(({ step, back, from, to, account, fresh, ...extra }): SeenEvent => {
      newest += step;
      const time = newest - back;
      return { event: logon(0, from, to, account, { ...extra, time }), fresh };
    });
  });

const nameOf = (graph: SiteGraph, number: number): string =>
  NAMES.find((name) => graph.hosts.find(name) === number) ?? '?';
const namesOf = (graph: SiteGraph, key: number): string =>
  `${nameOf(graph, sourceOf(key))} ${nameOf(graph, destinationOf(key))}`;

function rows(names: readonly string[], values: Float32Array): Record<string, number>[] {
  return Array.from({ length: values.length / names.length }, (_, i) =>
    Object.fromEntries(names.map((name, j) => [name, values[i * names.length + j] ?? NaN])),
  );
}

describe('graphs of a site', () => {
  it('are those that a plain builder gives, whatever the windows and however late events come', () => {
    fc.assert(
      fc.property(events, fc.constantFrom(60_000, HOUR, 24 * HOUR), (seen, windowMs) => {
        const graph = built(seen, { windowMs });
        const plain = plainGraph(seen, windowMs);
        expect(graph.windows.map(({ number }) => number)).toEqual(plain.map(({ number }) => number));
        graph.windows.forEach((window, i) => {
          const nodes = activeIn(graph, [window]);
          const { nodes: values } = graphWindow(graph, window, nodes, window);
          const byName = rows(NODE_FEATURES, values).map((row, at) => [
            nameOf(graph, nodes.numbers[at] ?? -1),
            row,
          ]);
          expect(Object.fromEntries(byName)).toEqual(Object.fromEntries(plain[i]?.nodes ?? []));
          const edges = rows(EDGE_FEATURES, window.edges).map((row, at) => [
            namesOf(graph, window.keys[at] ?? -1),
            row,
          ]);
          expect(Object.fromEntries(edges)).toEqual(Object.fromEntries(plain[i]?.edges ?? []));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('have one edge for each event that asks for access: of its pair, in its window or the one open when it came', () => {
    fc.assert(
      fc.property(events, fc.constantFrom(60_000, HOUR), (seen, windowMs) => {
        const graph = built(seen, { windowMs });
        const counted = plainWindows(seen, windowMs);
        for (const { event } of seen) {
          const place = edgeOf(graph, event);
          const window = graph.windows[place?.window ?? -1];
          expect(namesOf(graph, window?.keys[place?.edge ?? -1] ?? -1)).toBe(pairName(event));
          const own = Math.floor(event.time / windowMs);
          const isIn = (number: number) =>
            counted.get(number)?.some((other) => pairName(other.event) === pairName(event)) === true;
          const expected = [...counted.keys()].find((number) => number >= own && isIn(number));
          expect(window?.number).toBe(expected);
        }
        expect(graph.edges).toBe(graph.windows.reduce((sum, { keys }) => sum + keys.length, 0));
        expect(edgeOf(graph, logon(1000, 'a', 'b'))).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it('say nothing of what is to come: what is judged by stays as it was at the first event of an edge', () => {
    fc.assert(
      fc.property(events, fc.nat(), (seen, cut) => {
        const earlier = seen.slice(0, cut % (seen.length + 1));
        const [now, later] = [built(earlier), built(seen)];
        now.windows.forEach((window, i) => {
          window.keys.forEach((key, edge) => {
            const other = later.windows[i]?.keys.indexOf(key) ?? -1;
            const row = (from: SiteGraph, at: number) =>
              from.windows[i]?.edges.slice(at * EDGE_INPUTS, (at + 1) * EDGE_INPUTS);
            expect(row(later, other)).toEqual(row(now, edge));
          });
          if (i === now.windows.length - 1) return;
          expect(later.windows[i]?.nodes).toEqual(window.nodes);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('know which edges train, and which are incidents before the evaluation', () => {
    const trainUntil = 200 * HOUR;
    const first = logon(0, 'a', 'b');
    const seen = [first];
    for (let hour = 1; hour < 260; hour++) {
      for (const name of NAMES)
        seen.push(logon(hour + 0.2, name, 'server'), logon(hour + 0.4, name, 'server'));
    }
    const attack = { account: 'ann@x', srcHost: 'c', dstHost: 'server', campaign: 'worm' };
    const labels = new IncidentIndex([
      { ...attack, time: 100.4 * HOUR },
      { ...attack, time: 250.4 * HOUR },
    ]);
    const graph = built(
      seen.map((event) => ({ event, fresh: false })),
      { trainUntil },
      labels,
    );
    const roleOf = (event: AuthEvent) => {
      const place = edgeOf(graph, event);
      return graph.windows[place?.window ?? -1]?.roles[place?.edge ?? -1];
    };
    for (const event of seen) {
      const isAttack = event.srcHost === 'c' && Math.floor(event.time / HOUR) === 100;
      const trains = partOf(event, first.time, trainUntil) === 'train';
      expect(roleOf(event)).toBe(isAttack ? ROLE.incident : trains ? ROLE.benign : ROLE.none);
    }
    expect(new Set(seen.map(roleOf)).size).toBe(3);
  });

  it('have as many features as the feature set says', () => {
    expect(GRAPH_FEATURE_SETS['graph-v1']).toEqual({ nodeInputs: NODE_INPUTS, edgeInputs: EDGE_INPUTS });
  });
});

describe('bounds of the memory', () => {
  const seenOf = (...list: AuthEvent[]) => list.map((event) => ({ event, fresh: false }));

  it('beyond the most hosts, others share a number', () => {
    const seen = seenOf(logon(1, 'a', 'b'), logon(1.1, 'c', 'a'), logon(1.2, 'd', 'e'));
    const graph = built(seen, { mostHosts: 3 });
    const keys = [...(graph.windows[0]?.keys ?? [])];
    expect(keys).toEqual([pairKey(OTHERS, OTHERS), pairKey(OTHERS, 1), pairKey(1, 2)]);
    expect(seen.map(({ event }) => keys[edgeOf(graph, event)?.edge ?? -1])).toEqual([
      pairKey(1, 2),
      pairKey(OTHERS, 1),
      pairKey(OTHERS, OTHERS),
    ]);
  });

  it('beyond the most pairs of a window, others share an edge that never trains', () => {
    const seen = seenOf(logon(1, 'a', 'b'), logon(1.1, 'b', 'c'), logon(1.2, 'a', 'b'), logon(1.3, 'c', 'd'));
    const graph = built(seen, { mostEdges: 1 });
    const [window] = graph.windows;
    expect([...(window?.keys ?? [])]).toEqual([pairKey(OTHERS, OTHERS), pairKey(1, 2)]);
    expect([...(window?.roles ?? [])]).toEqual([ROLE.none, ROLE.benign]);
    expect(seen.map(({ event }) => edgeOf(graph, event)?.edge)).toEqual([1, 0, 1, 0]);
  });

  it('the oldest windows and pairs are given up, and counted', () => {
    const seen = seenOf(...[1, 2, 3, 4, 5].map((hour) => logon(hour, 'a', `s${hour % 4}`)));
    const graph = built(seen, { mostWindows: 2, mostPairs: 2 });
    expect(graph.windows.map(({ number }) => number)).toEqual([4, 5]);
    expect([graph.dropped, graph.pairs.forgotten, graph.pairs.size]).toEqual([3, 3, 2]);
    // s1 of hour 1 is forgotten by hour 5.
    expect(graph.windows[1]?.edges[0]).toBe(1);
    expect(edgeOf(graph, logon(2, 'a', 's2'))).toBeNull();
  });
});
