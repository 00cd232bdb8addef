import { describe, expect, it } from 'vitest';
import { signal } from './signal.ts';

describe('the illustration of the federation columns', () => {
  it('gives the same figures twice, and other ones with the columns than without', async () => {
    const options = {
      seed: 3,
      members: 4,
      world: { hosts: 25, accounts: 30, days: 4, trainDays: 3 },
      rounds: 3,
      settings: [
        { name: 'exact', seconds: 3600, floor: 1, sigma: 0 },
        { name: 'noised', seconds: 3600, floor: 1, sigma: 1.5 },
      ],
    } as const;
    const rows = await signal(options, () => undefined);
    expect(await signal(options, () => undefined)).toEqual(rows);
    const [own, exact, noised] = rows;
    expect(own?.epsilon).toEqual({ period: null, year: null });
    expect(exact?.federated).not.toEqual(own?.federated);
    expect(noised?.federated).not.toEqual(exact?.federated);
    expect(noised?.epsilon.year).toBeGreaterThan(noised?.epsilon.period ?? Infinity);
    for (const { federated } of rows) expect(federated.auc).toBeGreaterThan(0.5);
  });
});
