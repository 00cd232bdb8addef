import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../fixtures/collect.ts';
import type { SimulateOptions } from '../options.ts';
import { simulate } from '../simulate.ts';
import type { Simulation } from '../simulation.ts';
import { LOGON_CLASSES } from '../kinds.ts';
import { mixFact, PUBLISHED } from './published.ts';

type Size = Omit<SimulateOptions, 'seed' | 'trainDays'>;

const SIZES: readonly Size[] = [
  { orgs: 3, hosts: 90, accounts: 120, days: 6 },
  { orgs: 4, hosts: 500, accounts: 700, days: 12 },
  { orgs: 1, hosts: 700, accounts: 3200, days: 8 },
  { orgs: 10, hosts: 1500, accounts: 7000, days: 7 },
  { orgs: 5, hosts: 300, accounts: 900, days: 30 },
  { orgs: 2, hosts: 2000, accounts: 9000, days: 9, eventsTarget: 25 * 2000 * 9 },
];

/** Facts that may be incomparable, by what the reason begins with. */
const REASONS = /^(fewer than (10|50) are|fewer than 3 accounts|organisations so small)/;

/** Every figure that the report must name. */
const FIGURES = [
  ...LOGON_CLASSES.map(({ name, share }) => [mixFact(name), share]),
  ...Object.values(PUBLISHED).map(({ fact, figure }) => [fact, figure]),
];

describe('the fit report', () => {
  it.each(SIZES)(
    'is within a tenth of every published figure, or says why not: $orgs organisations, $hosts hosts, $days days',
    async (size) => {
      using folder = temporaryFolder();
      for (const seed of [1, 2]) {
        const options = { ...size, seed, trainDays: 2, compression: 'none' } as const;
        const { fit, events } = await simulate(options, folder.path(String(seed)));
        expect(fit.map(({ fact, published }) => [fact, published])).toEqual(FIGURES);
        for (const row of fit) {
          if (row.verdict === 'fits') expect(row.deviation).toBeLessThanOrEqual(0.1);
          else expect(row.reason, row.fact).toMatch(REASONS);
        }
        const target = size.eventsTarget ?? 35 * size.hosts * size.days;
        expect(Math.abs(events / target - 1)).toBeLessThan(0.06);
      }
    },
    60_000,
  );

  it('counts what an independent reading of the logs counts', async () => {
    using folder = temporaryFolder();
    const options = { orgs: 2, hosts: 120, accounts: 300, days: 8, seed: 4, trainDays: 3 } as const;
    const simulation = await simulate({ ...options, compression: 'none' }, folder.path('a'));
    const recounted = recount(folder.path('a'), simulation);
    for (const { fact, generated } of simulation.fit) {
      const counted = recounted.get(fact);
      if (counted !== undefined) expect(generated, fact).toBeCloseTo(counted, 10);
    }
    expect(recounted.size).toBe(7);
  });

  it('leaves out nothing that fails and has its reasons only where they hold', async () => {
    using folder = temporaryFolder();
    const large = { orgs: 2, hosts: 3000, accounts: 14_000, days: 7, seed: 5, trainDays: 3 } as const;
    const { fit } = await simulate({ ...large, compression: 'none' }, folder.path('large'));
    expect(fit.filter(({ verdict }) => verdict !== 'fits')).toEqual([]);
    const short = { ...large, hosts: 300, accounts: 1400, days: 3, trainDays: 1 } as const;
    const rows = (await simulate({ ...short, compression: 'none' }, folder.path('short'))).fit;
    expect(rows.find(({ fact }) => fact === PUBLISHED.novel.fact)).toMatchObject({
      verdict: 'not comparable',
      reason: expect.stringMatching(/^fewer than 6 days/),
    });
  });
});

/** Figures counted from the text of the logs, the intruders' rows left out by the red-team file. */
function recount(dir: string, { organisations, options }: Simulation): Map<string, number> {
  const labels = new Set(readFileSync(join(dir, 'truth', 'redteam.txt'), 'utf8').split('\n'));
  let events = 0;
  let failures = 0;
  let sameAccount = 0;
  let sameHost = 0;
  let logons = 0;
  let kerberos = 0;
  let unlock = 0;
  let machines = 0;
  let remote = 0;
  let late = 0;
  let novel = 0;
  const middle = Math.floor(options.days / 2) * 86_400;
  for (const { name, log } of organisations) {
    const pairs = new Set<string>();
    for (const row of readFileSync(join(dir, name, log), 'utf8')
      .trimEnd()
      .split('\n')) {
      const [time, from, to, src, dst, way, type, action, outcome] = row.split(',');
      if (labels.has(`${time},${from},${src},${dst}`)) continue;
      events++;
      if (outcome === 'Fail') failures++;
      if (from === to) sameAccount++;
      if (src === dst) sameHost++;
      if (action !== 'LogOn') continue;
      logons++;
      if (type === 'Unlock') unlock++;
      if (src === dst) continue;
      if (way === 'Kerberos') kerberos++;
      remote++;
      if (from?.includes('$@') === true) machines++;
      const isNew = !pairs.has(`${src} ${dst}`);
      pairs.add(`${src} ${dst}`);
      if (Number(time) < middle) continue;
      late++;
      if (isNew) novel++;
    }
  }
  return new Map([
    [mixFact('remote Kerberos'), kerberos / logons],
    [mixFact('Unlock'), unlock / logons],
    [PUBLISHED.failures.fact, failures / events],
    [PUBLISHED.sameAccount.fact, sameAccount / events],
    [PUBLISHED.sameHost.fact, sameHost / events],
    [PUBLISHED.machines.fact, machines / remote],
    [PUBLISHED.novel.fact, novel / late],
  ]);
}
