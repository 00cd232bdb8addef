import { describe, expect, it } from 'vitest';
import { signal } from './signal.ts';

describe('the illustration of the federation columns', () => {
  it(
    'gives the same figures twice, and other ones with the columns than without',
    { timeout: 120_000 },
    async () => {
      const options = {
        seed: 3,
        members: 3,
        world: { hosts: 20, accounts: 24, days: 3, trainDays: 2 },
        rounds: 2,
        settings: [{ name: 'noised', seconds: 86_400, floor: 1, sigma: 1.5 }],
      } as const;
      const rows = await signal(options, () => undefined);
      expect(await signal(options, () => undefined)).toEqual(rows);
      const [own, noised] = rows;
      expect(own?.epsilon).toEqual({ period: null, year: null });
      expect(own?.columns).toEqual([]);
      expect(noised?.federated).not.toEqual(own?.federated);
      expect(noised?.columns.some(({ auc }) => auc !== null && auc !== 0.5)).toBe(true);
      expect(noised?.epsilon.year).toBeGreaterThan(noised?.epsilon.period ?? Infinity);
    },
  );
});
