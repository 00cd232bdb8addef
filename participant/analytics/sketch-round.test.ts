import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CountSketchTask } from '../../protocol/task.ts';
import { DrivenMember, type DrivenMemberOptions, oneHot, until } from '../../test/driven-member.ts';
import { TestCoordinator } from '../../test/running-coordinator.ts';
import { HOUR_MS, OPEN_ANALYTICS, OPEN_POLICY, SKETCH_TASK, logon } from '../../test/sketch-task.ts';
import { FederatedExtractor, FEDERATION_AT } from '../features/edge-v2.ts';
import { PRIVACY_LEDGER } from './privacy-ledger.ts';
import { dense } from './stored-answer.ts';

let coordinator: TestCoordinator;
let members: DrivenMember[] = [];
beforeEach(async () => {
  coordinator = await TestCoordinator.start(4);
});
afterEach(async () => {
  for (const member of members) await member.stop();
  members = [];
  await coordinator.stop();
});

/** Every member sees `everywhere`, its own account, and a failing one; the first two also a guest. */
const eventsOf = (place: number) => [
  logon(1000, 'everywhere@x', 'shared'),
  logon(2000, `own-${place}@x`, `desk-${place}`),
  logon(3000, 'failing@x', 'shared', 'server', false),
  logon(4000, 'failing@x', 'shared', 'server', false),
  ...(place < 2 ? [logon(5000, 'guest@x', 'visitor')] : []),
  logon(HOUR_MS + 1000, 'later@x', 'shared'),
];

async function begin(
  task: Partial<CountSketchTask> = {},
  options: (place: number) => Partial<DrivenMemberOptions> = () => ({}),
): Promise<string> {
  for (let i = 0; i < 4; i++) {
    const own = { train: oneHot(i), policy: OPEN_POLICY, events: eventsOf(i), ...options(i) };
    members.push(await DrivenMember.start(`org-${i + 1}`, coordinator, own));
  }
  return start(task);
}

async function start(task: Partial<CountSketchTask> = {}): Promise<string> {
  const operator = await coordinator.operate();
  const answer = await operator.message('POST', '/v1/runs', { ...SKETCH_TASK, ...task });
  const { run, code } = (await answer.json()) as { run?: string; code?: string };
  operator.close();
  return run ?? code ?? '';
}

const of = (i: number): DrivenMember => {
  const member = members[i];
  if (!member) throw new Error(`no member ${i}`);
  return member;
};
const kinds = async () => (await of(1).client.log()).map(({ entry }) => entry.kind);
const phase = (name: string) => () => of(1).latest()?.phase === name;
async function statusOf(run: string) {
  const operator = await coordinator.operate();
  const found = (await (await operator.http('GET', `/v1/runs/${run}`)).json()) as {
    status: string;
    failure: { code: string; got: string } | null;
  };
  operator.close();
  return found;
}
/** Everybody acts until the run is over, and then on what the end of the log says. */
async function ended(run: string): Promise<void> {
  const limit = performance.now() + 20_000;
  while ((await statusOf(run)).status === 'running') {
    if (performance.now() > limit) throw new Error('waited in vain');
    for (const member of members) await member.act();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (const member of members) {
    member.client.messages.length = 0;
    member.client.send({ type: 'ask-state' });
    await member.client.state(({ phase: name }) => name === 'idle');
    expect(await member.act()).toBeNull();
  }
}

/** All answers that a member has, and its rows for one event at a time. */
const answersOf = (i: number) => of(i).analytics.answers.all();
async function rowAt(i: number, time: number, account: string, source: string) {
  const extractor = new FederatedExtractor(await of(i).analytics.book());
  const row = extractor.push(logon(time, account, source));
  return (name: keyof typeof FEDERATION_AT) => row?.[FEDERATION_AT[name]];
}

describe('a run of a sketch task', () => {
  it('makes a key that the members share, sums every period exactly, and gives all the same answers', async () => {
    const run = await begin();
    await ended(run);
    expect(await statusOf(run)).toMatchObject({ status: 'finished', failure: null });
    const all = await Promise.all(members.map((_, i) => answersOf(i)));
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
    expect((await kinds()).filter((kind) => kind.startsWith('key') || kind.startsWith('seal'))).toEqual([
      ...Array.from({ length: 4 }, () => 'seal-key'),
      'sealing',
      'key-part',
      'key-part',
      'keyed',
    ]);
  });

  it('becomes features of the others alone, from a set delay after the period on', async () => {
    await ended(await begin());
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
    const run = await begin({ rounds: 3 });
    await until(members, phase('collecting'));
    const folder = join(of(0).state, 'task-keys');
    const [name = ''] = await readdir(folder);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    const { key } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { key: string };
    await of(0).restart();
    await ended(run);
    expect(await statusOf(run)).toMatchObject({ status: 'finished' });
    expect((await answersOf(0)).map(({ members: n }) => n)).toEqual([4, 4, 4]);
    const said = JSON.stringify([
      await of(0).client.log(),
      ...members.map(({ lines }) => lines),
      coordinator.lines,
    ]);
    expect(said).not.toContain(key);
    expect(said).not.toContain('everywhere@x');
  });

  it('goes on without a member that was not there when the key was made; it says why and sits the run out', async () => {
    const run = await begin(
      { rounds: 2, deadlines: { ...SKETCH_TASK.deadlines, advertiseSeconds: 1, graceSeconds: 0 } },
      (i) => (i === 3 ? { policy: OPEN_POLICY } : {}),
    );
    of(3).losing = 'seal-key';
    await ended(run);
    expect((await answersOf(0)).map(({ members: n }) => n)).toEqual([3, 3]);
    expect(of(3).sent.some((one) => one.type === 'refuse' && one.code === 'TASK_KEY_INVALID')).toBe(true);
    // It has no key, so nothing of the answers can be looked up; its rows stay neutral.
    const row = await rowAt(3, 3 * HOUR_MS, 'everywhere@x', 'shared');
    expect([row('accountOthers'), row('federationAge')]).toEqual([0, 4]);
  });

  it('leaves keys and answers of an earlier epoch to nobody', async () => {
    await ended(await begin({ rounds: 1 }));
    expect(await answersOf(1)).toHaveLength(1);
    await coordinator.restart(coordinator.federation.next(4));
    for (const member of members) await member.restart();
    const run = await start({ rounds: 1, name: 'again' });
    await ended(run);
    expect(await statusOf(run)).toMatchObject({ status: 'finished' });
    for (const i of [0, 1, 2, 3]) {
      expect((await answersOf(i)).map(({ epoch }) => epoch)).toEqual([1]);
      expect(await readdir(join(of(i).state, 'task-keys'))).toHaveLength(1);
      expect((await readdir(join(of(i).state, 'sketches'))).toSorted()).toEqual([`${run}-2.answer.json`]);
    }
  });
});

describe('by the clock', () => {
  it('an answer is not visible before what the features had seen when it came', async () => {
    const first = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;
    const period = { seconds: 3600, first, delaySeconds: 0 } as const;
    const newest = first + 2 * HOUR_MS + 7;
    const run = await begin({ pace: 'clock', rounds: 1, period }, (i) => ({
      events: [logon(first + 5, 'ann@x', 'desk'), ...(i === 0 ? [logon(newest, 'bob@x', 'desk')] : [])],
    }));
    await ended(run);
    const visible = await Promise.all([0, 1].map(async (i) => (await answersOf(i))[0]?.visibleFrom));
    expect(visible).toEqual([newest, first + HOUR_MS]);
  });

  it('a member whose own clock says that the period is not over puts nothing in until it is', async () => {
    const first = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;
    let late = first + HOUR_MS - 1;
    const period = { seconds: 3600, first, delaySeconds: 0 } as const;
    const run = await begin({ pace: 'clock', rounds: 1, period }, (i) =>
      i === 0 ? { now: () => late } : {},
    );
    await until(members, phase('collecting'));
    for (let i = 0; i < 20; i++) for (const member of members) await member.act();
    expect(await of(0).act()).toBe('STALE_ROUND');
    expect(await statusOf(run)).toMatchObject({ status: 'running' });
    late += 1;
    await ended(run);
    expect((await answersOf(0)).map(({ members: n }) => n)).toEqual([4]);
  });

  it('a period that is not over is waited for, and the run can be cancelled meanwhile', async () => {
    // More than an hour away, however long this takes.
    const first = Math.ceil(Date.now() / HOUR_MS + 1) * HOUR_MS;
    const run = await begin({ pace: 'clock', period: { seconds: 3600, first, delaySeconds: 0 } });
    const limit = performance.now() + 10_000;
    while (!(await kinds()).includes('keyed') && performance.now() < limit) {
      for (const member of members) await member.act();
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await kinds()).not.toContain('announce');
    expect(await statusOf(run)).toMatchObject({ status: 'running' });
    const operator = await coordinator.operate();
    await operator.http('DELETE', `/v1/runs/${run}`);
    operator.close();
    expect(await statusOf(run)).toMatchObject({ status: 'cancelled' });
  });
});

describe('the site policy', () => {
  it.each([
    ['is off where it says nothing', { analytics: undefined }, 'policy.analytics is not set'],
    [
      'allows statistics one by one',
      { analytics: { ...OPEN_ANALYTICS, statistics: [] } },
      'account-prevalence',
    ],
    ['bounds the period', { analytics: { ...OPEN_ANALYTICS, shortestPeriod: 86_400 } }, '86400 s'],
    ['bounds the floor', { analytics: { ...OPEN_ANALYTICS, leastFloor: 3 } }, 'a floor of at least 3'],
    ['bounds epsilon', { analytics: { ...OPEN_ANALYTICS, mostEpsilon: 8 } }, 'a task without noise'],
    ['names the kinds', { tasks: ['train-edge-scorer'] as const }, 'a task of train-edge-scorer'],
  ])('%s: the run does not begin, and says whose policy it is', async (_, change, words) => {
    const { analytics, ...rest } = { ...OPEN_POLICY, ...change };
    const policy = { ...rest, tasks: [...(rest.tasks ?? [])], ...(analytics ? { analytics } : {}) };
    const run = await begin({}, () => ({ policy }));
    await ended(run);
    const { status, failure } = await statusOf(run);
    expect([status, failure?.code]).toEqual(['failed', 'POLICY_REFUSED']);
    expect(failure?.got).toContain(words);
    expect(await kinds()).not.toContain('seal-key');
    expect((await kinds()).at(-1)).toBe('abort');
  });

  it('a budget that the first period uses up lets no second one out, also after a restart', async () => {
    const noise = { mechanism: 'discrete-gaussian', sigma: 60, shares: 2, delta: 1e-6 } as const;
    const policy = { ...OPEN_POLICY, analytics: { ...OPEN_ANALYTICS, mostEpsilon: 5 } };
    const task = { noise, rounds: 1, encoding: { bits: 11, layout: '3x26' } as const };
    const first = await begin(task, () => ({ policy }));
    await ended(first);
    expect(await statusOf(first)).toMatchObject({ status: 'finished' });
    const ledger = JSON.parse(await readFile(join(of(0).state, PRIVACY_LEDGER), 'utf8')) as {
      debits: { run: string; rho: number }[];
    };
    expect(ledger.debits.map(({ run }) => run)).toEqual([first]);
    // As if much had been given away of the same data before.
    for (const member of members) {
      const debits = [...ledger.debits, { run: 'run-0000000000000000', round: 9, from: 0, rho: 0.9 }];
      await writeFile(join(member.state, PRIVACY_LEDGER), JSON.stringify({ version: 1, debits }));
      await member.restart();
    }
    const second = await start({ ...task, name: 'again' });
    await ended(second);
    const { status, failure } = await statusOf(second);
    expect(status).toBe('failed');
    expect(failure?.got).toContain('BUDGET_EXHAUSTED');
    expect(await answersOf(0)).toHaveLength(1);
  });
});

describe('the coordinator', () => {
  it.each([
    ['a period that begins in between', { period: { ...SKETCH_TASK.period, first: 1000 } }],
    ['a width that is no power of two', { sketch: { ...SKETCH_TASK.sketch, width: 100 } }],
    [
      'too few bits for the noise',
      { noise: { mechanism: 'discrete-gaussian', sigma: 200, shares: 1, delta: 1e-6 } },
    ],
    [
      'noise in more shares than honest members',
      { noise: { mechanism: 'discrete-gaussian', sigma: 2, shares: 3, delta: 1e-6 } },
    ],
    ['a floor above its members', { floor: 5 }],
    ['values that a slot has no room for', { encoding: { bits: 12, layout: '6x13' } }],
  ] as const)('refuses %s before anything starts', async (_, change) => {
    const answer = await start(change);
    expect(['CONFIG_INVALID', 'VALUE_OUT_OF_RANGE']).toContain(answer);
  });

  it('ends a run while its key is made when the operator cancels it', async () => {
    const run = await begin({}, () => ({}));
    for (const member of members) member.hanging = true;
    const operator = await coordinator.operate();
    await operator.http('DELETE', `/v1/runs/${run}`);
    operator.close();
    expect(await statusOf(run)).toMatchObject({ status: 'cancelled' });
  });
});
