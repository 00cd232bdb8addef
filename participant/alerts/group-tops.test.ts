import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventFrame } from '../../models/metrics/event-frame.ts';
import { DAY_MS, thresholdAt } from '../../models/metrics/alerts.ts';
import { logon } from '../../test/auth-event.ts';
import { DAYS, GroupTops, type GroupTopsSnapshot } from './group-tops.ts';

const none = (): boolean => false;
const row = Float32Array.of(1, 2);

interface Scored {
  readonly hours: number;
  readonly host: number;
  readonly score: number;
}

const scored: fc.Arbitrary<Scored[]> = fc.array(
  fc.record({ hours: fc.nat(24 * 9), host: fc.nat(60), score: fc.integer({ min: -1000, max: 1000 }) }),
  { minLength: 20, maxLength: 400 },
);

const eventOf = ({ hours, host }: Scored) => logon(hours, `h${host}`, 's');

describe('the threshold of a live site', () => {
  it('is that of the benchmark over the days before today, with whatever is forgotten on the way', () => {
    fc.assert(
      fc.property(scored, fc.constantFrom(0.5, 1, 3), (given, perDay) => {
        const events = given.toSorted((a, b) => a.hours - b.hours);
        const tops = new GroupTops(perDay);
        for (const one of events) tops.offer(eventOf(one), row, one.score);
        const [first] = events;
        const today = Math.floor((events.at(-1)?.hours ?? 0) / 24);
        const counted = events.filter(({ hours }) => Math.floor(hours / 24) < today);
        const span = (counted.at(-1)?.hours ?? 0) - (first?.hours ?? 0);
        fc.pre(first !== undefined && counted.length > 0 && span > 24);
        const frame = eventFrame(
          'x',
          counted.map((one) => ({ ...eventOf(one), account: '', campaign: null })),
        );
        const expected = thresholdAt(
          perDay,
          frame,
          counted.map(({ score }) => score),
        );
        // No warm-up: the history begins long before.
        expect(tops.threshold(today, -1e15, none)).toBe(expected.score);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves out the first days, when everything was new, and what is known to be an attack', () => {
    const tops = new GroupTops(1);
    for (let day = 0; day < 5; day++) {
      for (let host = 0; host < 10; host++)
        tops.offer(logon(day * 24 + host, `h${host}`, 's'), row, day === 0 ? 100 + host : 10 * day + host);
    }
    // Days 1 to 4 count, four alerts: the fifth of 49, 48, 47, 46, 45.
    expect(tops.threshold(5, 0, none)).toBe(45);
    expect(tops.threshold(5, 0, ({ srcHost }) => srcHost === 'h9')).toBe(44);
    // Of a history that is long, all that is remembered counts.
    expect(tops.threshold(5, -1000 * DAY_MS, none)).toBe(104);
  });

  it('is the highest score so far where less than a day has been seen', () => {
    const tops = new GroupTops(1);
    expect(tops.threshold(0, 0, none)).toBeNull();
    for (let host = 0; host < 10; host++) tops.offer(logon(host / 2, `h${host}`, 's'), row, host);
    expect(tops.threshold(0, 0, none)).toBe(9);
  });

  it('goes by fourteen days and a bounded number of source hosts, and comes back from a snapshot', () => {
    const tops = new GroupTops(1);
    for (let day = 0; day < 40; day++) {
      for (let host = 0; host < 300; host++)
        tops.offer(logon(day * 24 + host / 100, `h${host}`, 's'), Float32Array.of(day, host), host - day);
    }
    expect(tops.days).toBe(DAYS);
    const snapshot = JSON.parse(JSON.stringify(tops.snapshot())) as GroupTopsSnapshot;
    expect(Math.max(...snapshot.days.map((day) => day.tops.length))).toBeLessThan(80);
    const back = new GroupTops(1);
    back.restore(snapshot);
    expect(back.snapshot()).toEqual(tops.snapshot());
    expect(back.threshold(40, 0, none)).toBe(tops.threshold(40, 0, none));
    // Another model scores the same rows the other way round.
    back.rescore(([day = 0, host = 0]) => day - host);
    expect(back.threshold(40, 0, none)).toBe(
      back
        .snapshot()
        .days.flatMap((day) => day.tops.map(({ score }) => score))
        .toSorted((a, b) => b - a)[DAYS],
    );
  });
});
