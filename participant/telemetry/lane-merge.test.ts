import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LaneMerge, type MergeLane } from './lane-merge.ts';

interface Item {
  readonly time: number;
  readonly lane: string;
  readonly place: number;
}

/** The order by its definition: everything in one list, sorted by (running maximum, lane, place). */
function byDefinition(lanes: ReadonlyMap<string, readonly Item[]>): Item[] {
  const keyed = [...lanes].flatMap(([lane, items]) => {
    let max = -Infinity;
    return items.map((item) => ({ item, lane, key: (max = Math.max(max, item.time)) }));
  });
  keyed.sort(
    (a, b) => a.key - b.key || (a.lane < b.lane ? -1 : a.lane > b.lane ? 1 : a.item.place - b.item.place),
  );
  return keyed.map(({ item }) => item);
}

/** What stands before the first item of later than `until`. */
function before(items: readonly Item[], until: number): readonly Item[] {
  const first = items.findIndex(({ time }) => time > until);
  return first < 0 ? items : items.slice(0, first);
}

const lanesOf = fc.array(fc.array(fc.nat(30), { maxLength: 30 }), { minLength: 1, maxLength: 6 }).map(
  (all) =>
    new Map(
      all.map((times, i) => {
        const lane = `lane-${i}`;
        return [lane, times.map((time, place): Item => ({ time, lane, place }))];
      }),
    ),
);

describe('LaneMerge', () => {
  it('gives the order of the definition however the items are cut into pieces and however much is taken at once', () => {
    fc.assert(
      fc.property(
        lanesOf,
        fc.infiniteStream(fc.nat(7)),
        fc.integer({ min: 1, max: 20 }),
        (lanes, cuts, most) => {
          const merge = new LaneMerge<Item>({ timeOf: ({ time }) => time, holdMs: Infinity });
          const rest = new Map([...lanes].map(([name, items]) => [merge.add(name, -Infinity), [...items]]));
          const out: Item[] = [];
          for (;;) {
            const released = merge.release((item) => out.push(item), 0, most);
            if (released.stop === 'end') break;
            if (released.stop !== 'empty') continue;
            const left = rest.get(released.lane) ?? [];
            const piece = left.splice(0, 1 + cuts.next().value);
            if (piece.length === 0) merge.end(released.lane);
            else merge.fill(released.lane, piece, 0);
          }
          expect(out).toEqual(byDefinition(lanes));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives the same order live where every item arrives less than the hold after what comes after it', () => {
    const hold = 100;
    fc.assert(
      fc.property(lanesOf, fc.infiniteStream(fc.nat(hold - 1)), (lanes, delays) => {
        const merge = new LaneMerge<Item>({ timeOf: ({ time }) => time, holdMs: hold });
        const expected = byDefinition(lanes);
        // Ten milliseconds between two items in order, and a delay of its own for each, never before its own lane.
        const last = new Map<string, number>();
        const arrivals = expected.map((item, i) => {
          const at = Math.max(i * 10 + delays.next().value, last.get(item.lane) ?? 0);
          last.set(item.lane, at);
          return { at, item };
        });
        // What arrives while its lane still holds something is held after that.
        const end = Math.max(0, ...arrivals.map(({ at }) => at)) + 10 * hold;
        const states = new Map([...lanes.keys()].map((name) => [name, merge.add(name, -Infinity)]));
        const waiting = new Map<MergeLane<Item>, Item[]>();
        const out: Item[] = [];
        for (let now = 0; now <= end || out.length < expected.length; now++) {
          for (const { at, item } of arrivals) {
            const lane = states.get(item.lane);
            if (at !== now || lane === undefined) continue;
            waiting.set(lane, [...(waiting.get(lane) ?? []), item]);
          }
          const fill = (lane: MergeLane<Item>): void => {
            const items = waiting.get(lane) ?? [];
            waiting.delete(lane);
            if (items.length === 0) merge.rest(lane);
            else merge.fill(lane, items, now);
          };
          for (const lane of states.values()) if (lane.next >= lane.items.length) fill(lane);
          for (;;) {
            const released = merge.release((item) => out.push(item), now, 3);
            if (released.stop === 'empty') fill(released.lane);
            else if (released.stop !== 'enough') break;
          }
        }
        expect(out).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('does not wait longer than the hold for a lane that has nothing, and takes what comes too late at once', () => {
    const merge = new LaneMerge<number>({ timeOf: (time) => time, holdMs: 1000 });
    const quiet = merge.add('a', -Infinity);
    const busy = merge.add('b', -Infinity);
    const out: number[] = [];
    const release = (now: number) => merge.release((item) => out.push(item), now, 100);
    merge.rest(quiet);
    merge.fill(busy, [5, 6], 0);
    expect(release(999)).toEqual({ stop: 'hold', since: 0 });
    expect(out).toEqual([]);
    expect(release(1000)).toMatchObject({ stop: 'empty', lane: { name: 'b' } });
    expect(out).toEqual([5, 6]);
    merge.rest(busy);
    merge.fill(quiet, [3], 1500);
    release(1500);
    expect(out).toEqual([5, 6, 3]);
  });

  it('releases nothing of later than the moment it is given, and everything before it in the order of the definition', () => {
    fc.assert(
      fc.property(lanesOf, fc.nat(30), (lanes, until) => {
        const merge = new LaneMerge<Item>({ timeOf: ({ time }) => time, holdMs: Infinity });
        for (const [name, items] of lanes) merge.fill(merge.add(name, -Infinity), items, 0);
        const out: Item[] = [];
        const release = (until?: number): void => {
          for (;;) {
            const released = merge.release((item) => out.push(item), 0, 4, until);
            if (released.stop === 'empty') merge.end(released.lane);
            else if (released.stop !== 'enough') return;
          }
        };
        release(until);
        const early = byDefinition(new Map([...lanes].map(([name, items]) => [name, before(items, until)])));
        expect(out).toEqual(early);
        release();
        expect(out).toEqual(byDefinition(lanes));
      }),
    );
  });

  it('releases at once what comes before the least that an idle lane can bring', () => {
    const merge = new LaneMerge<number>({ timeOf: (time) => time, holdMs: 1000 });
    const ahead = merge.add('a', 50);
    const busy = merge.add('b', -Infinity);
    merge.rest(ahead);
    merge.fill(busy, [49, 51], 0);
    const out: number[] = [];
    expect(merge.release((item) => out.push(item), 0, 100)).toEqual({ stop: 'hold', since: 0 });
    expect(out).toEqual([49]);
  });
});
