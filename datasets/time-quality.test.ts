import { describe, expect, it } from 'vitest';
import { minutesBehind, TimeWatch } from './time-quality.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

describe('TimeWatch', () => {
  it('counts what is older than an event before it in its file, and what is more than five minutes older', () => {
    const watch = new TimeWatch();
    watch.beginFile();
    for (const minutes of [0, 10, 9, 5, 4.99, 10, 11]) watch.see(minutes * MINUTE);
    watch.beginFile();
    watch.see(0);
    expect(watch.result()).toMatchObject({ outOfOrder: 3, late: 1 });
  });

  it('finds gaps of a day or more in whatever order the events come, the longest first', () => {
    const watch = new TimeWatch();
    for (const days of [20.5, 0.1, 0.9, 1.8, 2.85, 20, 8.9]) watch.see(days * DAY);
    expect(watch.result().gaps.map(({ from, to }) => [from / DAY, to / DAY])).toEqual([
      [8.9, 20],
      [2.85, 8.9],
      [1.8, 2.85],
    ]);
  });

  it('sees no gap between times since the start of a recording and times of a calendar', () => {
    const watch = new TimeWatch();
    const start = Date.UTC(2019, 8, 20);
    for (const time of [0, 2 * DAY, start, start + 3 * DAY]) watch.see(time);
    expect(watch.result().gaps).toEqual([
      { from: start, to: start + 3 * DAY },
      { from: 0, to: 2 * DAY },
    ]);
  });

  it('stays bounded where times are spread over more days than there can be', () => {
    const watch = new TimeWatch();
    for (let day = 0; day < 100_001; day++) watch.see(day * 2 * DAY);
    expect(watch.result()).toEqual({ outOfOrder: 0, late: 0, gaps: [] });
  });
});

describe('minutesBehind', () => {
  it('finds the zone of a wall clock from when its records were received', () => {
    const received = Date.UTC(2024, 6, 1, 12);
    const wall = (minutes: number): number => received - minutes * MINUTE;
    expect([0, 1, 5].map((delay) => minutesBehind(wall(240 + delay), received))).toEqual([240, 240, 240]);
    expect(minutesBehind(wall(-120 + 2), received)).toBe(-120);
    expect(minutesBehind(wall(-345), received)).toBe(-345);
    expect(minutesBehind(wall(-0.5), received)).toBe(0);
    expect(minutesBehind(wall(8), received)).toBeNull();
    expect(minutesBehind(wall(20 * 60), received)).toBeNull();
  });
});
