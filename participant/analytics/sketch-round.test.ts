import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../test/driven-member.ts';
import { SketchFederation } from '../../test/sketch-federation.ts';
import { HOUR_MS, OPEN_POLICY, SKETCH_TASK, logon } from '../../test/sketch-task.ts';
import { FederatedExtractor, FEDERATION_AT } from '../features/edge-v2.ts';
import { dense } from './stored-answer.ts';

let federation: SketchFederation;
beforeEach(async () => {
  federation = await SketchFederation.start();
});
afterEach(() => federation.stop());

/** A member's row for one event. */
async function rowAt(i: number, time: number, account: string, source: string) {
  const extractor = new FederatedExtractor(await federation.member(i).analytics.book());
  const row = extractor.push(logon(time, account, source));
  return (name: keyof typeof FEDERATION_AT) => row?.[FEDERATION_AT[name]];
}

describe('a run of a sketch task', () => {
  it('makes a key that the members share, sums every period exactly, and gives all the same answers', async () => {
    const run = await federation.begin();
    await federation.ended(run);
    expect(await federation.statusOf(run)).toMatchObject({ status: 'finished', failure: null });
    const all = await Promise.all(federation.members.map((_, i) => federation.answersOf(i)));
    for (const answers of all) {
      expect(answers.map(({ from, to, visibleFrom, members: n }) => [from, to, visibleFrom, n])).toEqual([
        [0, HOUR_MS, HOUR_MS + 120_000, 4],
        [HOUR_MS, 2 * HOUR_MS, 2 * HOUR_MS + 120_000, 4],
      ]);
      expect(answers.map(({ cells }) => cells)).toEqual(all[0]?.map(({ cells }) => cells));
    }
    // Each knows its own part, and the parts make up the whole.
    const parts = all.map(([first]) => dense(first?.own ?? [], 256 * 3 * 7));
    const whole = dense(all[0]?.[0]?.cells ?? [], 256 * 3 * 7);
    expect(parts.every((part) => part.some((value) => value > 0))).toBe(true);
    expect(whole).toEqual(whole.map((_, i) => parts.reduce((sum, part) => sum + (part[i] ?? 0), 0)));
    expect(
      (await federation.kinds()).filter((kind) => kind.startsWith('key') || kind.startsWith('seal')),
    ).toEqual([...Array.from({ length: 4 }, () => 'seal-key'), 'sealing', 'key-part', 'key-part', 'keyed']);
  });

  it('becomes features of the others alone, from a set delay after the period on', async () => {
    await federation.ended(await federation.begin());
    const shown = HOUR_MS + 120_001;
    const everywhere = await rowAt(0, shown, 'everywhere@x', 'shared');
    expect(everywhere('accountOthers')).toBeCloseTo(Math.log1p(3), 3);
    expect(everywhere('pairOthers')).toBeCloseTo(Math.log1p(3), 3);
    expect(everywhere('accountFederationNew')).toBe(0);
    const guest = (i: number) => rowAt(i, shown, 'guest@x', 'visitor');
    expect((await guest(0))('accountOthers')).toBeCloseTo(Math.log1p(1), 3);
    expect((await guest(2))('sourceOthers')).toBeCloseTo(Math.log1p(2), 3);
    const own = await rowAt(0, shown, 'own-0@x', 'desk-0');
    expect([own('accountOthers'), own('accountFederationNew'), own('pairFederationNew')]).toEqual([0, 1, 1]);
    const failing = await rowAt(3, shown, 'failing@x', 'shared');
    expect(failing('accountFailuresOthers')).toBeCloseTo(Math.log1p(6), 3);
    expect(failing('federationAge')).toBeCloseTo(Math.log1p(120_001 / HOUR_MS) / 2, 6);
    const before = await rowAt(0, shown - 1, 'everywhere@x', 'shared');
    expect([before('accountOthers'), before('accountFederationNew'), before('federationAge')]).toEqual([
      0, 0, 4,
    ]);
  });

  it('keeps the key in a file of mode 600 and nowhere in log or output, and a restarted member goes on with it', async () => {
    const run = await federation.begin({ rounds: 3 });
    await until(federation.members, () => federation.isIn('collecting'));
    const folder = join(federation.member(0).state, 'task-keys');
    const [name = ''] = await readdir(folder);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    const { key } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { key: string };
    await federation.member(0).restart();
    await federation.ended(run);
    expect(await federation.statusOf(run)).toMatchObject({ status: 'finished' });
    expect((await federation.answersOf(0)).map(({ members: n }) => n)).toEqual([4, 4, 4]);
    const said = JSON.stringify([
      await federation.member(0).client.log(),
      ...federation.members.map(({ lines }) => lines),
      federation.coordinator.lines,
    ]);
    expect(said).not.toContain(key);
    expect(said).not.toContain('everywhere@x');
  });

  it('goes on without a member that was not there when the key was made; it says why and sits the run out', async () => {
    const run = await federation.begin(
      { rounds: 2, deadlines: { ...SKETCH_TASK.deadlines, advertiseSeconds: 1, graceSeconds: 0 } },
      (i) => (i === 3 ? { policy: OPEN_POLICY } : {}),
    );
    federation.member(3).losing = 'seal-key';
    await federation.ended(run);
    expect((await federation.answersOf(0)).map(({ members: n }) => n)).toEqual([3, 3]);
    expect(
      federation.member(3).sent.some((one) => one.type === 'refuse' && one.code === 'TASK_KEY_INVALID'),
    ).toBe(true);
    // It has no key, so nothing of the answers can be looked up; its rows stay neutral.
    const row = await rowAt(3, 3 * HOUR_MS, 'everywhere@x', 'shared');
    expect([row('accountOthers'), row('federationAge')]).toEqual([0, 4]);
  });

  it('leaves keys and answers of an earlier epoch to nobody, also where a key file is damaged', async () => {
    await federation.ended(await federation.begin({ rounds: 1 }));
    expect(await federation.answersOf(1)).toHaveLength(1);
    const [name = ''] = await readdir(join(federation.member(2).state, 'task-keys'));
    await writeFile(join(federation.member(2).state, 'task-keys', name), '{"key":"');
    await federation.coordinator.restart(federation.coordinator.federation.next(4));
    for (const member of federation.members) await member.restart();
    const run = await federation.startRun({ rounds: 1, name: 'again' });
    await federation.ended(run);
    expect(await federation.statusOf(run)).toMatchObject({ status: 'finished' });
    for (const i of [0, 1, 2, 3]) {
      expect((await federation.answersOf(i)).map(({ epoch }) => epoch)).toEqual([1]);
      expect(await readdir(join(federation.member(i).state, 'task-keys'))).toHaveLength(1);
      expect((await readdir(join(federation.member(i).state, 'sketches'))).toSorted()).toEqual([
        `${run}-2.answer.json`,
      ]);
    }
  });
});

describe('by the clock', () => {
  it('an answer is not visible before what the features had seen when it came, whatever fraction of a millisecond a log has', async () => {
    const first = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;
    const period = { seconds: 3600, first, delaySeconds: 0 } as const;
    const newest = first + 2 * HOUR_MS + 7.5;
    const run = await federation.begin({ pace: 'clock', rounds: 1, period }, (i) => ({
      events: [logon(first + 5, 'ann@x', 'desk'), ...(i === 0 ? [logon(newest, 'bob@x', 'desk')] : [])],
    }));
    await federation.ended(run);
    const visible = await Promise.all(
      [0, 1].map(async (i) => (await federation.answersOf(i))[0]?.visibleFrom),
    );
    expect(visible).toEqual([Math.ceil(newest), first + HOUR_MS]);
  });

  it('a member whose own clock says that the period is not over puts nothing in until it is', async () => {
    const first = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;
    let late = first + HOUR_MS - 1;
    const period = { seconds: 3600, first, delaySeconds: 0 } as const;
    const run = await federation.begin({ pace: 'clock', rounds: 1, period }, (i) =>
      i === 0 ? { now: () => late } : {},
    );
    await until(federation.members, () => federation.isIn('collecting'));
    for (let i = 0; i < 20; i++) for (const member of federation.members) await member.act();
    expect(await federation.member(0).act()).toBe('STALE_ROUND');
    expect(await federation.statusOf(run)).toMatchObject({ status: 'running' });
    late += 1;
    await federation.ended(run);
    expect((await federation.answersOf(0)).map(({ members: n }) => n)).toEqual([4]);
  });

  it('a period that is not over is waited for, and the run can be cancelled meanwhile', async () => {
    // More than an hour away, however long this takes.
    const first = Math.ceil(Date.now() / HOUR_MS + 1) * HOUR_MS;
    const run = await federation.begin({ pace: 'clock', period: { seconds: 3600, first, delaySeconds: 0 } });
    const limit = performance.now() + 10_000;
    while (!(await federation.kinds()).includes('keyed') && performance.now() < limit) {
      for (const member of federation.members) await member.act();
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await federation.kinds()).not.toContain('announce');
    expect(await federation.statusOf(run)).toMatchObject({ status: 'running' });
    await federation.cancel(run);
    expect(await federation.statusOf(run)).toMatchObject({ status: 'cancelled' });
  });
});
