import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SketchFederation } from '../../test/sketch-federation.ts';
import { OPEN_ANALYTICS, OPEN_POLICY, SKETCH_TASK } from '../../test/sketch-task.ts';
import { PRIVACY_LEDGER } from './privacy-ledger.ts';

let federation: SketchFederation;
beforeEach(async () => {
  federation = await SketchFederation.start();
});
afterEach(() => federation.stop());

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
    const run = await federation.begin({}, () => ({ policy }));
    await federation.ended(run);
    const { status, failure } = await federation.statusOf(run);
    expect([status, failure?.code]).toEqual(['failed', 'POLICY_REFUSED']);
    expect(failure?.got).toContain(words);
    expect(await federation.kinds()).not.toContain('seal-key');
    expect((await federation.kinds()).at(-1)).toBe('abort');
  });

  it('a budget that the first period uses up lets no second one out, also after a restart', async () => {
    const noise = { mechanism: 'discrete-gaussian', sigma: 60, shares: 2, delta: 1e-6 } as const;
    const policy = { ...OPEN_POLICY, analytics: { ...OPEN_ANALYTICS, mostEpsilon: 5 } };
    const task = { noise, rounds: 1, encoding: { bits: 11, layout: '3x26' } as const };
    const first = await federation.begin(task, () => ({ policy }));
    await federation.ended(first);
    expect(await federation.statusOf(first)).toMatchObject({ status: 'finished' });
    const ledger = JSON.parse(await readFile(join(federation.member(0).state, PRIVACY_LEDGER), 'utf8')) as {
      debits: { run: string; rho: number }[];
    };
    expect(ledger.debits.map(({ run }) => run)).toEqual([first]);
    // As if much had been given away of the same data before.
    for (const member of federation.members) {
      const debits = [...ledger.debits, { run: 'run-0000000000000000', round: 9, from: 0, rho: 0.9 }];
      await writeFile(join(member.state, PRIVACY_LEDGER), JSON.stringify({ version: 1, debits }));
      await member.restart();
    }
    const second = await federation.startRun({ ...task, name: 'again' });
    await federation.ended(second);
    const { status, failure } = await federation.statusOf(second);
    expect(status).toBe('failed');
    expect(failure?.got).toContain('BUDGET_EXHAUSTED');
    expect(await federation.answersOf(0)).toHaveLength(1);
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
    const answer = await federation.startRun(change);
    expect(['CONFIG_INVALID', 'VALUE_OUT_OF_RANGE']).toContain(answer);
  });

  it('ends a run while its key is made when the operator cancels it', async () => {
    const run = await federation.begin({}, () => ({}));
    for (const member of federation.members) member.hanging = true;
    await federation.cancel(run);
    expect(await federation.statusOf(run)).toMatchObject({ status: 'cancelled' });
  });
});
