import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentOf, when } from './moment.ts';

describe('times on the command line', () => {
  it('reads what it shows, of recordings and of the calendar, to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7_000_000_000 }), (second) => {
        expect(momentOf(when(second * 1000), 'UTC', '--from')).toBe(second * 1000);
      }),
    );
  });

  it('reads milliseconds, days without a time, zones of a date and the zone that is given', () => {
    expect(momentOf('1767225600000', 'UTC', '--from')).toBe(Date.UTC(2026, 0));
    expect(momentOf('day 3', 'UTC', '--from')).toBe(3 * 86_400_000);
    expect(momentOf('day 0 23:59', 'UTC', '--from')).toBe(86_340_000);
    expect(momentOf('2026-01-01T01:00:00+01:00', 'Asia/Tokyo', '--from')).toBe(Date.UTC(2026, 0));
    expect(momentOf('2026-01-01 01:00', 'Europe/Berlin', '--from')).toBe(Date.UTC(2026, 0));
  });

  it.each([
    '',
    'yesterday',
    '-1',
    'day 3 24:00',
    '2026-02-30 00:00',
    '1e9',
    '1969-01-01 00:00',
    'day 3 8:00',
  ])('refuses %j as wrong usage, naming the option', (text) => {
    expect(() => momentOf(text, 'UTC', '--to')).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        got: text,
        expected: expect.stringContaining('--to') as string,
      }),
    );
  });
});
