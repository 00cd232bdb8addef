import { describe, expect, it } from 'vitest';
import { checkOptions, PRESETS } from './options.ts';
import { shareOut, usualSpread } from './world/sizes.ts';

describe('options', () => {
  it('are refused outside of their ranges', () => {
    for (const wrong of [{ orgs: 0 }, { hosts: 10 }, { trainDays: 6 }, { seed: -1 }, { days: 1.5 }]) {
      expect(() => checkOptions({ ...PRESETS.small, ...wrong })).toThrow(
        expect.objectContaining({ code: 'USAGE' }),
      );
    }
  });

  it('name the one range of hosts and accounts that holds for the number of organisations', () => {
    for (const hosts of [3, 1e9]) {
      expect(() => checkOptions({ ...PRESETS.demo, hosts })).toThrow(
        /hosts to be a whole number from 80 to 300000, at least 20 for each of 4 organisations/,
      );
    }
    expect(() => checkOptions({ ...PRESETS.demo, orgs: 1, accounts: 19 })).toThrow(
      /accounts to be a whole number from 20 to 1000000, at least 20 for each of 1 organisation,/,
    );
  });

  it('refuse more events a day than a day may hold', () => {
    const large = { ...PRESETS.small, hosts: 300_000 };
    const { days } = PRESETS.small;
    expect(checkOptions({ ...large, eventsTarget: 12_000_000 * days }).hosts).toBe(300_000);
    expect(() => checkOptions({ ...large, eventsTarget: 12_000_000 * days + 1 })).toThrow(
      /at most 12000000 events a day, got 72000001 events in 6 days, 12000000 a day/,
    );
  });
});

describe('sizes of organisations', () => {
  it('add up, fall, and go from under two hundred to several thousand hosts where LANL is shared out to ten', () => {
    const sizes = shareOut(16_000, 10, usualSpread(16_000, 10));
    expect(sizes.reduce((a, b) => a + b)).toBe(16_000);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(sizes[0]).toBeGreaterThan(5000);
    expect(sizes.at(-1)).toBeLessThan(200);
    expect(sizes.at(-1)).toBeGreaterThanOrEqual(50);
    expect(shareOut(60, 3, 60)).toEqual([20, 20, 20]);
    expect(shareOut(1000, 1, 60)).toEqual([1000]);
  });
});
