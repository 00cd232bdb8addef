import { beforeAll, describe, expect, it } from 'vitest';
import { FederatedModel } from '../../models/federated/federated-model.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { poisonUpdate } from '../attacks/poisoned-update.ts';
import { demoTask } from '../evaluate/demo-task.ts';
import { type PlainRound, federatePlain } from '../evaluate/federated-plain.ts';
import { type SimulatedMember, trainSimulated } from './simulated-rounds.ts';
import { planNoise } from './training-noise.ts';

const base = demoTask(4, 3);
const task: TrainTask = {
  ...base,
  training: { ...base.training, steps: 5, batch: 32 },
  quantiser: { ...base.quantiser, clipNorm: 0.5 },
};
const plainly = { aggregation: null, noise: null };
const members: SimulatedMember[] = [];

beforeAll(async () => {
  for (const i of [0, 1, 2, 3, 4]) {
    const { events, truth } = syntheticSite({ seed: 30 + i, people: 12, servers: 4, days: 4, campaigns: 3 });
    const site = await prepareSite(events, truth, { trainUntil: 3 * DAY_MS, seed: 1 });
    members.push({ organisation: `org-${i}`, site, seed: `org-${i}`, weight: 1 });
  }
});

const weightsOf = (...args: Parameters<typeof trainSimulated>) => trainSimulated(...args).state[0];
const distance = (a: Float32Array, b: Float32Array) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0));

describe('simulated rounds', () => {
  it.each<Pick<TrainTask, 'optimiser' | 'personal'>>([
    {},
    { optimiser: { kind: 'momentum', momentum: 0.9, learningRate: 1 }, personal: 'head' },
    { optimiser: { kind: 'scaffold', learningRate: 1 } },
  ])(
    'with nothing special are the federation without encryption, bit for bit and round by round (%#)',
    (how) => {
      const seen: [PlainRound[], PlainRound[]] = [[], []];
      const contributors = (round: number) =>
        round === 2 ? ['org-0', 'org-3'] : members.map((member) => member.organisation);
      const hooks = (i: 0 | 1) => ({ contributors, onRound: (round: PlainRound) => seen[i].push(round) });
      const plain = federatePlain(members, { ...task, ...how }, hooks(0));
      const simulated = trainSimulated(members, { ...task, ...how }, plainly, hooks(1));
      expect(simulated.state).toEqual(plain.state);
      expect(simulated.weightsOf('org-1')).toEqual(plain.weightsOf('org-1'));
      const withoutFunctions = (rounds: PlainRound[]) => rounds.map(({ weightsOf: _, ...round }) => round);
      expect(withoutFunctions(seen[1])).toEqual(withoutFunctions(seen[0]));
    },
  );

  it('with others that hardly count go where one member alone goes', () => {
    const uneven = members.map((member, i) => ({ ...member, weight: i === 0 ? 1 : 1e-6 }));
    const alone = weightsOf(members.slice(0, 1), task, plainly);
    const [start] = new FederatedModel(task, 1).firstState();
    const moved = distance(alone, start);
    expect(distance(weightsOf(uneven, task, plainly), alone)).toBeLessThan(0.01 * moved);
    expect(distance(weightsOf(members, task, plainly), alone)).toBeGreaterThan(0.1 * moved);
  });

  it('let a poisoner no further than its share of the clip norm, and a median of groups stays nearer the honest', () => {
    const poison = poisonUpdate({ kind: 'gaussian-noise', factor: 1, clipNorm: 0.5, seed: 'p' });
    const poisoned = members.map((member, i) => (i === 2 ? { ...member, poison } : member));
    const once = { ...task, rounds: 1 };
    const moved = distance(weightsOf(poisoned, once, plainly), weightsOf(members, once, plainly));
    // One of five, replaced by another of the same length; rounding adds a little.
    expect(moved).toBeLessThan((2 * 0.5 * 1.01) / 5);
    expect(moved).toBeGreaterThan(0.05);
    const honest = weightsOf(members, task, plainly);
    const robust = weightsOf(poisoned, task, { aggregation: { kind: 'median', groups: 5 }, noise: null });
    expect(distance(robust, honest)).toBeLessThan(distance(weightsOf(poisoned, task, plainly), honest));
  });

  it('with noise move by as much noise as was planned', () => {
    const { length } = new FederatedModel(task, 5).sent;
    const privacy = { epsilon: 50, delta: 1e-5, unit: 'organisation', atLeast: 5, colluding: 1 } as const;
    const noise = planNoise(privacy, { length, clipNorm: 0.5, rounds: 1 });
    const once = { ...task, rounds: 1, quantiser: { ...task.quantiser, ...noise.sum } };
    const still = members.map((member) => ({ ...member, poison: () => new Float32Array(length) }));
    const [start] = new FederatedModel(task, 1).firstState();
    const moved = distance(weightsOf(still, once, { aggregation: null, noise }), start);
    // All five add noise of which four would do; the mean of five.
    const scale = (2 ** 15 - 1) / noise.sum.clipNorm;
    const expected = ((noise.sigma * Math.sqrt(5 / 4)) / (5 * scale)) * Math.sqrt(length);
    expect(moved / expected).toBeGreaterThan(0.9);
    expect(moved / expected).toBeLessThan(1.1);
  });
});
