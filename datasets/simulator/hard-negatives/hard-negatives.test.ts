import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../fixtures/collect.ts';
import { HARD_NEGATIVES, type HardNegative } from '../scenario/hard-negative-names.ts';
import type { Scenario } from '../scenario/schema.ts';
import { simulate } from '../simulate.ts';
import type { Simulation } from '../simulation.ts';

interface Row {
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly src: string;
  readonly dst: string;
  readonly way: string;
  readonly type: string;
  readonly ok: boolean;
}

/** The logons of two organisations without any attack, with some hard negatives scaled and all others off. */
async function life(scales: Scenario['hardNegatives']): Promise<{ rows: Row[]; simulation: Simulation }> {
  using folder = temporaryFolder();
  const none = Object.fromEntries(HARD_NEGATIVES.map((name) => [name, 0]));
  const scenarios = [
    { scenario: 'test', title: 'Test', attacks: [], hardNegatives: { ...none, ...scales } } as Scenario,
  ];
  const size = { orgs: 2, hosts: 300, accounts: 400, days: 8, trainDays: 4, seed: 6 } as const;
  const simulation = await simulate({ ...size, scenarios, compression: 'none' }, folder.path('a'));
  const rows = simulation.organisations.flatMap(({ name }) =>
    readFileSync(folder.path(`a/${name}/auth.txt`), 'utf8')
      .trimEnd()
      .split('\n')
      .flatMap(parse),
  );
  return { rows, simulation };
}

function parse(line: string): Row[] {
  const [time, from = '', to = '', src = '', dst = '', way = '', type = '', action, outcome] =
    line.split(',');
  if (action !== 'LogOn') return [];
  return [{ time: Number(time), from, to, src, dst, way, type, ok: outcome === 'Success' }];
}

/** How often one source and account reach at least five destinations within an hour. */
function fanOuts(rows: readonly Row[]): number {
  let times = 0;
  const windows = new Map<string, { start: number; hosts: Set<string> }>();
  for (const { time, from, src, dst } of rows) {
    if (src === dst) continue;
    const known = windows.get(`${from} ${src}`);
    if (!known || time - known.start > 3600) {
      windows.set(`${from} ${src}`, { start: time, hosts: new Set([dst]) });
    } else if (!known.hosts.has(dst) && known.hosts.add(dst).size === 5) times++;
  }
  return times;
}

const novelty = (rows: readonly Row[]): number =>
  new Set(rows.filter(({ src, dst }) => src !== dst).map(({ src, dst }) => `${src} ${dst}`)).size;

describe('hard negatives', () => {
  let quiet: Awaited<ReturnType<typeof life>>;
  beforeAll(async () => {
    quiet = await life({});
  });

  it.each(HARD_NEGATIVES)('%s can be switched off and scaled, and changes what happens', async (name) => {
    const once = await life({ [name]: 4 });
    const often = await life({ [name]: 20 });
    const text = (rows: readonly Row[]) => rows.map((row) => Object.values(row).join()).join('\n');
    expect(text(once.rows)).not.toBe(text(quiet.rows));
    expect(text(often.rows)).not.toBe(text(once.rows));
    expect(once.simulation.maliciousEvents).toBe(0);
  });

  it.each(['scanners', 'rollouts', 'strayClients', 'administrators'] as const satisfies HardNegative[])(
    '%s reach many destinations within an hour, pairs that were not there before among them',
    async (name) => {
      const { rows } = await life({ [name]: 10 });
      expect(fanOuts(rows)).toBeGreaterThan(fanOuts(quiet.rows) + 1);
      expect(novelty(rows)).toBeGreaterThan(novelty(quiet.rows));
    },
  );

  it('passwords expire in bursts of failures that end in success', async () => {
    const bursts = (rows: readonly Row[]): number => {
      const failing = new Map<string, number>();
      let count = 0;
      for (const { from, src, dst, ok } of rows) {
        const key = `${from} ${src} ${dst}`;
        const before = failing.get(key) ?? 0;
        if (ok && before >= 2) count++;
        failing.set(key, ok ? 0 : before + 1);
      }
      return count;
    };
    const { rows } = await life({ passwordExpiry: 5 });
    expect(bursts(rows)).toBeGreaterThan(3 * bursts(quiet.rows) + 10);
  });

  it('run-as shows another account on one desk, and the desk going to servers with it', async () => {
    const others = (rows: readonly Row[]): number =>
      rows.filter(({ type, from, to }) => type === 'NewCredentials' && from !== to).length;
    expect(others(quiet.rows)).toBe(0);
    const { rows } = await life({ runAs: 5 });
    expect(others(rows)).toBeGreaterThan(10);
  });

  it('shared sources are used by several people, and an address by others on the next day', async () => {
    const { rows, simulation } = await life({ sharedSources: 3 });
    const pool = new Set(simulation.organisations.flatMap(({ sharedSources }) => sharedSources));
    const used = rows.filter(({ src }) => pool.has(src));
    expect(used.length).toBeGreaterThan(100);
    expect(quiet.rows.some(({ src }) => pool.has(src))).toBe(false);
    const bySource = Map.groupBy(used, ({ src }) => src);
    const people = [...bySource.values()].map((list) => new Set(list.map(({ from }) => from)).size);
    expect(Math.max(...people)).toBeGreaterThan(3);
    const holders = (day: number) =>
      new Set(
        used.filter(({ time }) => Math.floor(time / 86_400) === day).map(({ src, from }) => `${src} ${from}`),
      );
    const [first, second] = [holders(0), holders(1)];
    expect([...first].filter((pair) => !second.has(pair)).length).toBeGreaterThan(first.size / 3);
    // They are names only: nobody logs on to them.
    expect(rows.some(({ dst }) => pool.has(dst))).toBe(false);
  });

  it('terminal servers are the source of many people', async () => {
    const most = (rows: readonly Row[]): number => {
      const people = Map.groupBy(
        rows.filter(({ from }) => from.startsWith('U')),
        ({ src }) => src,
      );
      return Math.max(...[...people.values()].map((list) => new Set(list.map(({ from }) => from)).size));
    };
    expect(most((await life({ terminalServers: 4 })).rows)).toBeGreaterThan(2 * most(quiet.rows));
  });
});
