import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../../test/shared-data.ts';
import { temporaryFolder } from '../../fixtures/collect.ts';
import type { SimulateOptions } from '../options.ts';
import { simulate } from '../simulate.ts';
import type { Simulation } from '../simulation.ts';
import type { CampaignTruth } from '../truth.ts';
import { BUILT_IN } from './builtin/index.ts';
import { readScenario } from './read-scenario.ts';

const WORLD = {
  orgs: 5,
  hosts: 400,
  accounts: 600,
  days: 12,
  trainDays: 6,
  eventsTarget: 60_000,
} as const;

async function play(name: string, seed: number, world: Partial<SimulateOptions> = {}) {
  using folder = temporaryFolder();
  const scenarios = [await readScenario(name)];
  const simulation = await simulate({ ...WORLD, seed, scenarios, ...world }, folder.path('a'));
  const text = readFileSync(folder.path('a/truth/campaigns.json'), 'utf8');
  const rows = readFileSync(folder.path('a/truth/redteam.txt'), 'utf8').trimEnd().split('\n');
  return {
    campaigns: JSON.parse(text) as CampaignTruth[],
    rows,
    counted: count(simulation, folder.path('a')),
  };
}

/** How many rows of the logs have each time, account, source and destination. */
function count({ organisations }: Simulation, dir: string): Map<string, number> {
  const counted = new Map<string, number>();
  for (const { name, log } of organisations) {
    const text = gunzipSync(readFileSync(`${dir}/${name}/${log}`))
      .toString()
      .trimEnd();
    for (const row of text.split('\n')) {
      const [time, account, , src, dst] = row.split(',');
      const key = `${time},${account},${src},${dst}`;
      counted.set(key, (counted.get(key) ?? 0) + 1);
    }
  }
  return counted;
}

const hourOf = (time: number): number => (time % 86_400) / 3600;

describe('built-in scenarios', () => {
  it.each(BUILT_IN)('%s plays its campaigns, all of them with logged steps and techniques', async (name) => {
    const { campaigns, rows, counted } = await play(name, 3);
    const { attacks } = await readScenario(name);
    const tests = campaigns.filter(({ phase }) => phase === 'test');
    expect(new Set(tests.map(({ tactic }) => tactic))).toEqual(new Set(attacks.map(({ tactic }) => tactic)));
    for (const { id, steps, events, organisations, start, end } of campaigns) {
      expect(events.length, id).toBeGreaterThan(0);
      expect(steps[0]).toMatchObject({ step: 'entry', logged: false });
      expect(steps.some(({ step }) => step === 'theft')).toBe(true);
      expect(organisations.length).toBeGreaterThan(0);
      expect(end).toBeGreaterThanOrEqual(start);
      const times = steps.map(({ time }) => time);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
    const distinct = new Set(
      campaigns.flatMap(({ events }) => events.map((e) => `${e.time},${e.account},${e.src},${e.dst}`)),
    );
    expect(distinct).toEqual(new Set(rows));
    // Every row of the truth is in the logs as often as the intruder made it: no ordinary event joins with it.
    const made = new Map<string, number>();
    for (const e of campaigns.flatMap(({ events }) => events)) {
      const key = `${e.time},${e.account},${e.src},${e.dst}`;
      made.set(key, (made.get(key) ?? 0) + e.rows);
    }
    expect([...made].filter(([key, times]) => counted.get(key) !== times)).toEqual([]);
  });

  it('apt is slow and crosses organisations; the worm is fast, noisy and ends in encryption', async () => {
    const apt = (await play('apt', 1)).campaigns;
    const worm = (await play('ransomware-worm', 1)).campaigns;
    const hours = (list: CampaignTruth[]) =>
      list.map(({ start, end }) => (end - start) / 3600).toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
    expect(hours(apt)).toBeGreaterThan(5 * hours(worm));
    expect(apt.some(({ organisations }) => organisations.length > 1)).toBe(true);
    const steps = worm.flatMap((campaign) => campaign.steps);
    expect(steps.filter(({ technique }) => technique === 'T1486').length).toBeGreaterThan(0);
    expect(steps.filter(({ step }) => step === 'discovery').length).toBeGreaterThan(10);
    expect(apt.flatMap((campaign) => campaign.steps).some(({ step }) => step === 'discovery')).toBe(false);
  });

  it('supply-chain begins in several organisations with no way between them', async () => {
    const { campaigns } = await play('supply-chain', 2);
    const tests = campaigns.filter(({ phase }) => phase === 'test');
    for (const { organisations, steps } of tests) {
      const entered = steps.filter(({ step }) => step === 'entry').map(({ organisation }) => organisation);
      expect(new Set(entered)).toEqual(new Set(organisations));
      expect(steps.some(({ step }) => step === 'pivot')).toBe(false);
    }
    expect(tests.some(({ organisations }) => organisations.length >= 3)).toBe(true);
  });

  it('stealthy-insider stays at its desk, in office hours, in one organisation', async () => {
    const { campaigns } = await play('stealthy-insider', 2);
    for (const { events, organisations } of campaigns) {
      expect(organisations).toHaveLength(1);
      expect(new Set(events.map(({ src }) => src)).size).toBe(1);
      expect(new Set(events.map(({ account }) => account)).size).toBe(1);
      for (const { time } of events) {
        expect(hourOf(time)).toBeGreaterThanOrEqual(8.5);
        expect(hourOf(time)).toBeLessThanOrEqual(17.1);
      }
    }
  });

  const genuine = sharedData('telemetry/lanl2015/redteam.txt');
  it.skipIf(genuine === null)(
    'lanl-redteam has the shape of the genuine one (needs shared data)',
    async () => {
      const shape = (rows: readonly string[]) => {
        const cells = rows.map((row) => row.split(','));
        const times = cells.map(([time]) => Number(time));
        const bySource = new Map<string, number>();
        for (const [, , src = ''] of cells) bySource.set(src, (bySource.get(src) ?? 0) + 1);
        const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
        return {
          rows: rows.length,
          sources: [...bySource.values()].toSorted((a, b) => b - a),
          targets: new Set(cells.map(([, , , dst]) => dst)).size,
          accounts: new Set(cells.map(([, account]) => account)).size,
          // Half of the rows come within this time of the one before, pauses are a thousand times as long.
          median: gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 0,
          bursts: 1 + gaps.filter((gap) => gap > 1800).length,
          days: new Set(times.map((time) => Math.floor(time / 86_400))).size,
        };
      };
      const real = shape(
        readFileSync(genuine ?? '', 'utf8')
          .trimEnd()
          .split('\n'),
      );
      expect(real).toMatchObject({
        rows: 749,
        sources: [701, 26, 19, 3],
        targets: 301,
        accounts: 104,
        bursts: 48,
      });
      const world = { orgs: 1, hosts: 1000, accounts: 2000, days: 33, trainDays: 3, eventsTarget: 40_000 };
      const ours = shape((await play('lanl-redteam', 1, world)).rows);
      // The genuine file has 34 rows twice or more; ours has none twice.
      expect(ours.rows).toBeGreaterThan(715);
      expect(ours.sources).toHaveLength(4);
      expect((ours.sources[0] ?? 0) / ours.rows).toBeGreaterThan(0.9);
      expect(ours.targets).toBeGreaterThan(0.97 * real.targets);
      expect(ours.accounts).toBeGreaterThan(0.8 * real.accounts);
      expect(ours.accounts).toBeLessThanOrEqual(real.accounts);
      expect(ours.bursts).toBeGreaterThan(30);
      expect(ours.bursts).toBeLessThan(70);
      expect(ours.days).toBeGreaterThanOrEqual(15);
      expect(ours.median).toBeGreaterThan(real.median / 3);
      expect(ours.median).toBeLessThan(real.median * 3);
    },
  );
});
