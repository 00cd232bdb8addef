import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { DAY_MS } from '../day.ts';
import { collect, temporaryFolder } from '../fixtures/collect.ts';
import { knownTactics } from './campaigns.ts';
import { DayBuffer, MOST_EVENTS } from './day-buffer.ts';
import { checkOptions, PRESETS } from './options.ts';
import { simulate, type Simulation } from './simulate.ts';
import { TACTICS } from './tactics/index.ts';
import type { CampaignTruth } from './truth.ts';

function digest(dir: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const path = join(dir, name);
    hash.update(name);
    if (/\.(txt|gz|json)$/.test(name)) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

function lines(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

describe('simulate', () => {
  it('writes the same bytes for the same options and other bytes for another seed', async () => {
    using folder = temporaryFolder();
    await simulate(PRESETS.small, folder.path('a'));
    await simulate(PRESETS.small, folder.path('b'));
    await simulate({ ...PRESETS.small, seed: 2 }, folder.path('c'));
    expect(digest(folder.path('a'))).toBe(digest(folder.path('b')));
    expect(digest(folder.path('c'))).not.toBe(digest(folder.path('a')));
    const first = readFileSync(folder.path('a/port/auth.txt.gz'));
    expect(readFileSync(folder.path('c/port/auth.txt.gz')).equals(first)).toBe(false);
  });

  it('refuses a folder that is in use, takes an empty one, and leaves nothing half-written', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.path('used'));
    writeFileSync(folder.path('used/file'), 'mine');
    await expect(simulate(PRESETS.small, folder.path('used'))).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    });
    mkdirSync(folder.path('empty'));
    await simulate(PRESETS.small, folder.path('empty'));
    expect(existsSync(folder.path('empty/simulation.json'))).toBe(true);
    const stop = (): never => {
      throw new Error('stopped');
    };
    await expect(simulate(PRESETS.small, folder.path('stopped'), stop)).rejects.toThrow('stopped');
    expect(readdirSync(folder.root).toSorted()).toEqual(['empty', 'used']);
  });

  it('refuses options outside their ranges', async () => {
    using folder = temporaryFolder();
    for (const wrong of [{ orgs: 0 }, { hosts: 10 }, { trainDays: 6 }, { seed: -1 }, { days: 1.5 }]) {
      await expect(simulate({ ...PRESETS.small, ...wrong }, folder.path('x'))).rejects.toMatchObject({
        code: 'USAGE',
      });
    }
  });

  it('names the one range of hosts and accounts that holds for the number of organisations', () => {
    for (const hosts of [3, 1e9]) {
      expect(() => checkOptions({ ...PRESETS.demo, hosts })).toThrow(
        /hosts to be a whole number from 80 to 1000000, at least 20 for each of 4 organisations/,
      );
    }
    expect(() => checkOptions({ ...PRESETS.demo, orgs: 1, accounts: 19 })).toThrow(
      /accounts to be a whole number from 20 to 5000000, at least 20 for each of 1 organisation,/,
    );
  });

  it('refuses more events a day than can be put in order', () => {
    const million = { ...PRESETS.small, hosts: 1_000_000 };
    expect(() => checkOptions(million)).toThrow(/at most 12000000 events a day, got .* 35000000 a day/);
    const { days } = PRESETS.small;
    expect(checkOptions({ ...million, eventsTarget: 12_000_000 * days }).hosts).toBe(1_000_000);
    expect(() => checkOptions({ ...million, eventsTarget: 12_000_000 * days + 1 })).toThrow(/a day/);
    const day = new DayBuffer();
    day.length = MOST_EVENTS + 1;
    expect(() => day.order()).toThrow(/at most 16777216 events a day, got 16777217/);
  });

  it('orders a day by whole seconds, events of one second as they were added, also at the end of 1000 days', () => {
    const day = new DayBuffer();
    for (const second of [86_399_999, 5, 86_399_999.9, 5.5, 0]) day.add(second, 0, 0, 0, 0, 0, true);
    expect([...day.order()]).toEqual([4, 1, 3, 0, 2]);
  });

  it('knows tactics somewhere but nowhere all, and nothing at the smallest', () => {
    for (const orgs of [2, 3, 4, 6, 10, 20]) {
      const known = knownTactics(orgs);
      expect(known.every((names) => names.length < TACTICS.length && !names.includes('slow-kerberos'))).toBe(
        true,
      );
      if (orgs >= 3) expect(known.at(-1)).toEqual([]);
      if (orgs >= 4) expect(new Set(known.flat()).size).toBe(TACTICS.length - 1);
    }
  });
});

describe('the demo preset', () => {
  const folder = temporaryFolder();
  const dir = folder.path('demo');
  let simulation: Simulation;
  let campaigns: CampaignTruth[];
  const logs = new Map<string, AuthEvent[]>();

  beforeAll(async () => {
    simulation = await simulate(PRESETS.demo, dir);
    campaigns = JSON.parse(readFileSync(join(dir, 'truth', 'campaigns.json'), 'utf8'));
    for (const { name } of simulation.organisations) {
      const { events } = await collect(join(dir, name, 'auth.txt.gz'));
      logs.set(
        name,
        events.filter((event) => event.type === 'auth'),
      );
    }
    return () => folder[Symbol.dispose]();
  });

  it('gives the reader sorted logs of the size it says, each with the events of its own hosts only', () => {
    expect(simulation.events).toBeGreaterThan(150_000);
    expect(simulation.events).toBeLessThan(250_000);
    for (const { name, events, hostNames } of simulation.organisations) {
      const log = logs.get(name) ?? [];
      const own = new Set(hostNames.map((host) => host.toLowerCase()));
      expect(log).toHaveLength(events);
      expect(log.every((event, i) => own.has(event.dstHost) && event.time >= (log[i - 1]?.time ?? 0))).toBe(
        true,
      );
    }
  });

  it('keeps to the published facts about LANL', () => {
    const tolerance = new Map([
      ['remote Kerberos, share of logons', [0.66, 0.7]],
      ['remote NTLM, share of logons', [0.085, 0.1]],
      ['local Service, share of logons', [0.105, 0.125]],
      ['local Kerberos, share of logons', [0.078, 0.092]],
      ['Unlock, share of logons', [0.006, 0.008]],
      ['Interactive, share of logons', [0.003, 0.0046]],
      ['NewCredentials, share of logons', [0.003, 0.0045]],
      ['RemoteInteractive, share of logons', [0.00005, 0.0004]],
      ['failures, share of events', [0.0115, 0.0145]],
      ['same account on both sides', [0.98, 0.99]],
      ['same computer on both sides', [0.52, 0.56]],
      ['pairs of computers never seen before, share of remote logons in the second half', [0.005, 0.012]],
    ] as const);
    for (const [fact, [low, high]] of tolerance) {
      const value = simulation.facts.find((row) => row.fact === fact)?.generated;
      expect(value, fact).toBeGreaterThan(low);
      expect(value, fact).toBeLessThan(high);
    }
  });

  it('has rhythm: nights and weekends are quiet for people', () => {
    const unlocks = [...logs.values()].flat().filter(({ logonType }) => logonType === 'Unlock');
    const hour = (event: AuthEvent): number => (event.time / 3_600_000) % 24;
    const day = (event: AuthEvent): number => Math.floor(event.time / DAY_MS) % 7;
    const weekend = unlocks.filter((event) => day(event) >= 5).length;
    const night = unlocks.filter((event) => hour(event) < 5).length;
    expect(weekend / unlocks.length).toBeLessThan(0.1);
    expect(night / unlocks.length).toBeLessThan(0.02);
  });

  it('has heavy-tailed degrees: the busiest hundredth of hosts takes a large share of remote logons', () => {
    const degree = new Map<string, number>();
    for (const event of [...logs.values()].flat()) {
      if (event.action === 'LogOn' && event.srcHost !== event.dstHost)
        degree.set(event.dstHost, (degree.get(event.dstHost) ?? 0) + 1);
    }
    const counts = [...degree.values()].toSorted((a, b) => b - a);
    const top = counts.slice(0, 5).reduce((a, b) => a + b, 0);
    expect(top / counts.reduce((a, b) => a + b, 0)).toBeGreaterThan(0.25);
  });

  it('joins every red-team row to the logs exactly, and never to ordinary events alone', () => {
    const rows = lines(join(dir, 'truth', 'redteam.txt')).map((row) => row.toLowerCase());
    const keys = new Set(
      [...logs.values()].flat().map((e) => `${e.time / 1000},${e.srcAccount},${e.srcHost},${e.dstHost}`),
    );
    expect(rows.filter((row) => !keys.has(row))).toEqual([]);
    const described = new Set(
      campaigns.flatMap(({ events }) =>
        events.map((e) => `${e.time},${e.account},${e.src},${e.dst}`.toLowerCase()),
      ),
    );
    expect([...described].toSorted()).toEqual(rows.toSorted());
    expect(simulation.maliciousEvents).toBe(rows.length);
  });

  it('gives each organisation only incidents of its own hosts, from the training period, that are true', () => {
    const truth = new Set(lines(join(dir, 'truth', 'redteam.txt')));
    for (const { name, hostNames, incidents } of simulation.organisations) {
      const rows = lines(join(dir, name, 'incidents.txt'));
      expect(rows).toHaveLength(incidents);
      for (const row of rows) {
        const [time, , , dst = ''] = row.split(',');
        expect(truth.has(row)).toBe(true);
        expect(Number(time)).toBeLessThan(simulation.splitSeconds);
        expect(hostNames).toContain(dst);
      }
    }
    const known = simulation.organisations.map(({ knownTactics: names }) => names);
    expect(new Set(known.flat()).size).toBe(TACTICS.length - 1);
    expect(known.every((names) => names.length < TACTICS.length - 1)).toBe(true);
    expect(simulation.organisations.at(-1)?.incidents).toBe(0);
  });

  it('tests all tactics with campaigns that cross organisations and stand in the log of each', () => {
    const tests = campaigns.filter(({ phase }) => phase === 'test');
    expect(tests.length).toBeGreaterThanOrEqual(12);
    expect(new Set(tests.map(({ tactic }) => tactic))).toEqual(new Set(TACTICS.map(({ name }) => name)));
    const training = campaigns.length - tests.length;
    expect(training).toBeGreaterThanOrEqual(10);
    expect(training).toBeLessThanOrEqual(16);
    for (const campaign of tests) {
      expect(campaign.organisations.length, campaign.id).toBeGreaterThanOrEqual(2);
      expect(campaign.start, campaign.id).toBeGreaterThanOrEqual(simulation.splitSeconds);
    }
    const keys = new Map(
      [...logs].map(([name, log]) => [
        name,
        new Set(log.map((e) => `${e.time / 1000},${e.srcHost},${e.dstHost}`)),
      ]),
    );
    for (const { organisations, events, id } of campaigns) {
      for (const name of organisations) {
        const own = events.filter(({ organisation }) => organisation === name);
        expect(own.length, `${id} ${name}`).toBeGreaterThan(0);
        expect(own.every((e) => keys.get(name)?.has(`${e.time},${e.src},${e.dst}`.toLowerCase()))).toBe(true);
      }
    }
  });
});
