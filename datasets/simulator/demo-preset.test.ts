import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { DAY_MS } from '../day.ts';
import { collect, temporaryFolder } from '../fixtures/collect.ts';
import { PRESETS } from './options.ts';
import { sixTactics } from './scenario/builtin/six-tactics.ts';
import { parseScenario } from './scenario/read-scenario.ts';
import { simulate } from './simulate.ts';
import type { Simulation } from './simulation.ts';
import type { CampaignTruth } from './truth.ts';

const TACTICS = parseScenario(sixTactics, 'six-tactics').attacks.map(({ tactic }) => tactic);

function lines(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

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

  it('has rhythm: nights and weekends are quiet for people', () => {
    const unlocks = [...logs.values()].flat().filter(({ logonType }) => logonType === 'Unlock');
    const hour = (event: AuthEvent): number => (event.time / 3_600_000) % 24;
    const day = (event: AuthEvent): number => Math.floor(event.time / DAY_MS) % 7;
    const weekend = unlocks.filter((event) => day(event) >= 5).length;
    const night = unlocks.filter((event) => hour(event) < 5).length;
    expect(weekend / unlocks.length).toBeLessThan(0.1);
    expect(night / unlocks.length).toBeLessThan(0.02);
  });

  it('joins every red-team row to the logs exactly, and no ordinary event with it', () => {
    const rows = lines(join(dir, 'truth', 'redteam.txt')).map((row) => row.toLowerCase());
    const found = new Map<string, number>();
    for (const e of [...logs.values()].flat()) {
      const key = `${e.time / 1000},${e.srcAccount},${e.srcHost},${e.dstHost}`;
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    expect(rows.filter((row) => !found.has(row))).toEqual([]);
    // As many rows of the logs as the intruder made: an ordinary one among them would be one too many.
    const made = new Map<string, number>();
    for (const e of campaigns.flatMap(({ events }) => events)) {
      const key = `${e.time},${e.account},${e.src},${e.dst}`.toLowerCase();
      made.set(key, (made.get(key) ?? 0) + e.rows);
    }
    expect([...made].filter(([key, count]) => found.get(key) !== count)).toEqual([]);
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
    expect(new Set(tests.map(({ tactic }) => tactic))).toEqual(new Set(TACTICS));
    const training = campaigns.length - tests.length;
    expect(training).toBeGreaterThanOrEqual(10);
    expect(training).toBeLessThanOrEqual(16);
    for (const campaign of tests) {
      expect(campaign.organisations.length, campaign.id).toBeGreaterThanOrEqual(2);
      expect(campaign.start, campaign.id).toBeGreaterThanOrEqual(simulation.splitSeconds);
    }
    const chain = campaigns.flatMap(({ steps }) => steps);
    expect(new Set(chain.map(({ step }) => step))).toEqual(new Set(['entry', 'theft', 'reuse', 'pivot']));
    for (const { logged, src, dst, technique } of chain) {
      expect(logged).toBe(src !== dst);
      expect(technique).toMatch(/^T\d{4}/);
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
