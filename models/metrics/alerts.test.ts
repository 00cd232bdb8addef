import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alertGroups, type AlertGroup, campaignsFound, thresholdAt } from './alerts.ts';
import { DAY_MS, eventFrame, type FramedEvent, highest } from './event-frame.ts';
import { memberAlerts } from './member-alerts.ts';

interface Case extends FramedEvent {
  readonly score: number;
}

const event = (score: number, day: number, srcHost: string, campaign: string | null = null): Case => ({
  score,
  time: day * DAY_MS + 1000,
  srcHost,
  dstHost: 'd',
  account: 'u',
  campaign,
});

function scored(events: readonly Case[], organisation = 'org') {
  return { frame: eventFrame(organisation, events), scores: events.map(({ score }) => score) };
}

const groupsOf = (events: readonly Case[], organisation?: string): AlertGroup[] => {
  const { frame, scores } = scored(events, organisation);
  return alertGroups(frame, scores);
};

describe('alert groups', () => {
  test('events of one source and day are one alert with the highest score', () => {
    const groups = groupsOf([event(1, 0, 'a'), event(3, 0, 'a', 'x'), event(2, 0, 'b'), event(9, 1, 'a')]);
    expect(groups.map((g) => [g.srcHost, g.day, g.score, g.events, g.campaigns])).toEqual([
      ['a', 1, 9, 1, []],
      ['a', 0, 3, 2, ['x']],
      ['b', 0, 2, 1, []],
    ]);
  });

  test('one finite score an event, or it is refused', () => {
    const { frame } = scored([event(1, 0, 'a'), event(2, 0, 'b')]);
    expect(() => alertGroups(frame, [1])).toThrow(/SHAPE_MISMATCH/);
    expect(() => alertGroups(frame, [1, NaN])).toThrow(/NaN at event 1/);
    expect(() => alertGroups(frame, [-Infinity, 1])).toThrow(/-Infinity at event 0/);
  });

  test('the threshold allows as many benign groups as asked for a day', () => {
    const benign = [event(5, 0, 'a'), event(4, 0, 'b'), event(3, 1, 'a'), event(2, 1, 'b'), event(1, 1, 'c')];
    const { frame, scores } = scored(benign);
    expect(thresholdAt(1, frame, scores).score).toBe(3);
    expect(memberAlerts(scored(benign), scored(benign)).alerts).toBe(2);
    const one = scored(benign.slice(0, 1));
    expect(thresholdAt(1, one.frame, one.scores).score).toBe(-Infinity);
  });

  const events = fc.array(
    fc.record({
      score: fc.integer({ min: 0, max: 2 }),
      time: fc.integer({ min: 0, max: 5 * DAY_MS }),
      srcHost: fc.integer({ min: 0, max: 40 }).map((n) => `h${n}`),
      dstHost: fc.constantFrom('d', 'e'),
      account: fc.constantFrom('u', 'v'),
      campaign: fc.constantFrom(null, null, null, 'x', 'y'),
    }),
    { minLength: 1, maxLength: 200 },
  );

  test('on the validation events themselves exactly so many alerts exceed it, also where all scores are few', () => {
    fc.assert(
      fc.property(events, fc.constantFrom(0.5, 1, 3), (list, perDay) => {
        const seen = scored(list);
        const { alerts } = memberAlerts(seen, seen, perDay);
        expect(alerts).toBe(Math.min(seen.frame.groups.length, Math.floor(perDay * seen.frame.days)));
      }),
    );
  });

  test('collapsing duplicate edges changes no group: the highest edge has the highest score', () => {
    fc.assert(
      fc.property(events, (list) => {
        const { frame, scores } = scored(list);
        const edges = new Map<string, Case>();
        for (const e of list) {
          const key = `${Math.floor(e.time / DAY_MS)} ${e.srcHost} ${e.dstHost} ${e.account}`;
          const known = edges.get(key);
          const campaign = e.campaign ?? known?.campaign ?? null;
          edges.set(key, { ...e, score: Math.max(e.score, known?.score ?? -1), campaign });
        }
        const collapsed = highest(frame.edgeOf, scores, frame.edgeLabels.length);
        expect([...collapsed]).toEqual([...edges.values()].map(({ score }) => score));
        expect([...frame.edgeLabels]).toEqual([...edges.values()].map((e) => (e.campaign === null ? 0 : 1)));
        const short = (groups: AlertGroup[]) => groups.map((g) => [g.srcHost, g.day, g.score]);
        expect(short(groupsOf([...edges.values()]))).toEqual(short(groupsOf(list)));
      }),
    );
  });

  test('a source and a day decide between equal scores, not the alphabet or the order of the events', () => {
    const names = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i));
    const groups = groupsOf(names.map((name) => event(1, 0, name)));
    const order = groups.map(({ srcHost }) => srcHost);
    expect(order).not.toEqual(names);
    expect(groupsOf(names.toReversed().map((name) => event(1, 0, name))).map((g) => g.srcHost)).toEqual(
      order,
    );
    expect(groups.every(({ tie }) => tie >= 0 && tie < 1)).toBe(true);
  });
});

describe("a member's alerts", () => {
  test('count campaigns, not events, and the alerts that were really raised', () => {
    const benign = scored([event(3, 0, 'a'), event(2, 0, 'b')]);
    const seen = scored([
      event(4, 2, 'p', 'x'),
      event(5, 2, 'q', 'x'),
      event(1, 2, 'r', 'y'),
      event(2.5, 3, 's'),
    ]);
    expect(memberAlerts(benign, seen)).toEqual({
      organisation: 'org',
      threshold: 2,
      alerts: 3,
      alertsPerDay: 1.5,
      falseAlertsPerDay: 0.5,
      campaigns: 2,
      caught: 1,
      recall: 0.5,
      timeToDetect: 0,
      outcomes: [
        { campaign: 'x', caught: true, detectedAfter: 0 },
        { campaign: 'y', caught: false, detectedAfter: null },
      ],
    });
    const quiet = memberAlerts(benign, scored([event(9, 1, 'a')]));
    expect([quiet.recall, quiet.timeToDetect]).toEqual([null, null]);
  });

  test('the time to detect ends when a raised alert first holds an event of the campaign', () => {
    const at = (minute: number, score: number, srcHost: string, campaign: string | null = null): Case => ({
      ...event(score, 5, srcHost, campaign),
      time: 5 * DAY_MS + minute * 60_000,
    });
    const benign = scored([event(3, 0, 'a'), event(2, 0, 'b')]);
    const outcomes = (events: Case[], touching?: Map<string, number>) =>
      memberAlerts(benign, scored(events), 1, touching).outcomes.map((o) => [o.campaign, o.detectedAfter]);
    // Raised by its own third event.
    expect(outcomes([at(0, 1, 'p', 'x'), at(10, 1, 'q', 'x'), at(30, 9, 'p', 'x')])).toEqual([
      ['x', 30 * 60_000],
    ]);
    // Raised by somebody else before the campaign came, and after.
    expect(outcomes([at(0, 9, 'p'), at(5, 1, 'q', 'x'), at(20, 1, 'p', 'x')])).toEqual([['x', 15 * 60_000]]);
    expect(outcomes([at(0, 1, 'p', 'x'), at(40, 9, 'p')])).toEqual([['x', 40 * 60_000]]);
    // By the truth it began earlier, and another one left no event that could be scored.
    const truth = new Map([
      ['x', 5 * DAY_MS - 60_000],
      ['z', 5 * DAY_MS],
    ]);
    expect(outcomes([at(2, 9, 'p', 'x')], truth)).toEqual([
      ['x', 3 * 60_000],
      ['z', null],
    ]);
  });
});

test('campaigns are found among the highest groups of each day over all organisations', () => {
  const groups = [
    ...groupsOf([event(9, 0, 'a'), event(8, 0, 'b', 'x'), event(1, 1, 'c', 'y')], 'one'),
    ...groupsOf([event(8.5, 0, 'a'), event(0, 1, 'b')], 'two'),
  ];
  expect([...campaignsFound(groups, 1)]).toEqual(['y']);
  expect([...campaignsFound(groups, 3)].toSorted()).toEqual(['x', 'y']);
  expect(campaignsFound([], 3).size).toBe(0);
});
