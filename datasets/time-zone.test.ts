import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { implausibleTime, parseTime } from './time-text.ts';
import { TimeZone, UTC } from './time-zone.ts';

/** From Python 3.11 zoneinfo, fold=0: `datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()`. */
const KNOWN: [zone: string, wall: string, unix: number][] = [
  ['Europe/Berlin', '2024-01-15 12:00:00', 1705316400000],
  ['Europe/Berlin', '2024-07-15 12:00:00', 1721037600000],
  ['Europe/Berlin', '2024-03-31 01:59:59', 1711846799000],
  ['Europe/Berlin', '2024-03-31 02:30:00', 1711848600000],
  ['Europe/Berlin', '2024-03-31 03:00:00', 1711846800000],
  ['Europe/Berlin', '2024-10-27 01:59:59', 1729987199000],
  ['Europe/Berlin', '2024-10-27 02:00:00', 1729987200000],
  ['Europe/Berlin', '2024-10-27 02:59:59', 1729990799000],
  ['Europe/Berlin', '2024-10-27 03:00:00', 1729994400000],
  ['America/New_York', '2020-09-21 18:58:56', 1600729136000],
  ['America/New_York', '2020-11-01 01:30:00', 1604208600000],
  ['America/New_York', '2020-03-08 02:30:00', 1583652600000],
  ['Asia/Kolkata', '2020-09-21 00:10:00', 1600627200000],
  ['Australia/Lord_Howe', '2024-10-06 02:15:00', 1728143100000],
  ['Australia/Lord_Howe', '2024-04-07 01:45:00', 1712414700000],
  ['Pacific/Kiritimati', '2024-01-01 00:00:00', 1704016800000],
  ['Pacific/Apia', '2011-12-30 12:00:00', 1325282400000],
  ['America/St_Johns', '2006-04-02 00:01:30', 1143948690000],
  ['Asia/Kathmandu', '1985-12-31 23:59:59', 504901799000],
];

/** The wall clock of an instant by Intl alone, as `YYYY-MM-DD hh:mm:ss`. */
function wallClock(unix: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(unix);
}

describe('TimeZone', () => {
  it.each(KNOWN)('%s %s, gaps and overlaps included, as Python says', (zone, wall, unix) => {
    expect(parseTime(wall, new TimeZone(zone))).toBe(unix);
  });

  it('gives back every instant from its wall clock, or the first of the two that share it', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Africa/Cairo',
    ];
    const known = zones.map((zone) => new TimeZone(zone));
    const second = fc.integer({ min: Date.UTC(1970, 0, 2) / 1000, max: Date.UTC(2037, 0) / 1000 });
    fc.assert(
      fc.property(fc.nat(zones.length - 1), second, (which, seconds) => {
        const [name, zone, unix] = [zones[which] ?? '', known[which] ?? UTC, seconds * 1000];
        const wall = wallClock(unix, name);
        const found = parseTime(wall, zone);
        expect(wallClock(found, name)).toBe(wall);
        expect([0, 1_800_000, 3_600_000]).toContain(unix - found);
      }),
      { numRuns: 500 },
    );
  });

  it('takes offsets and any case, and says USAGE for a zone that nobody knows', () => {
    expect(parseTime('2020-01-01 02:00:00', new TimeZone('+02:00'))).toBe(Date.UTC(2020, 0));
    expect(new TimeZone('utc').toUnix(5)).toBe(5);
    for (const name of ['Mars/Olympus', '', 'Europe/Berlin\n']) {
      expect(() => new TimeZone(name), name).toThrow(expect.objectContaining({ code: 'USAGE' }));
    }
  });
});

describe('parseTime', () => {
  const berlin = new TimeZone('Europe/Berlin');

  it('reads times with and without a zone', () => {
    expect(parseTime('2020-10-18 10:56:14.283', UTC)).toBe(Date.UTC(2020, 9, 18, 10, 56, 14, 283));
    expect(parseTime('2020-10-18T10:56:14.2839999', UTC)).toBe(Date.UTC(2020, 9, 18, 10, 56, 14, 283));
    expect(parseTime('2020-10-18T10:56:14+02:00', UTC)).toBe(Date.UTC(2020, 9, 18, 8, 56, 14));
    expect(parseTime('2020-10-18T10:56:14-0230', berlin)).toBe(Date.UTC(2020, 9, 18, 13, 26, 14));
    expect(parseTime('2020-10-18 10:56', berlin)).toBe(Date.UTC(2020, 9, 18, 8, 56));
  });

  it('takes nothing for a time that is none', () => {
    for (const text of ['', 'yesterday', '2020-02-30 00:00:00', '2020-13-01 00:00:00', '2020-01-01 24:00:00'])
      expect(parseTime(text, UTC), text).toBeNaN();
  });

  it('tells times that no log of this kind can have', () => {
    const year = (text: string): boolean => implausibleTime(parseTime(text, UTC));
    expect(
      ['1601-01-01 00:00:00', '1969-12-31 23:59:59', '2200-01-01 00:00:00', '0020-01-01 00:00:00'].map(year),
    ).toEqual([true, true, true, true]);
    expect(['1970-01-01 00:00:00', '2199-12-31 23:59:59'].map(year)).toEqual([false, false]);
    expect(implausibleTime(NaN)).toBe(true);
  });
});
