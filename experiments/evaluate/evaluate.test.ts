import { beforeAll, describe, expect, test } from 'vitest';
import { applyUpdate } from '../../models/detection/apply-update.ts';
import { architectureOf, modelOf, modelWith } from '../../models/detection/models.ts';
import { FederatedModel } from '../../models/federated/federated-model.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { quantisedRound } from '../../participant/train/local-update.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { trainLocalOnly, trainPooled } from './baselines.ts';
import { demoTask } from './demo-task.ts';
import { evaluate, type EvaluatedMember } from './evaluate.ts';
import { trainFederatedPlain, type PlainMember, type PlainRound } from './federated-plain.ts';

// The demo's 1000 steps would learn this tiny world by heart.
const gentle = { steps: 20, batch: 128, learningRate: 0.005, corrupted: 0.1 };
const task = { ...demoTask(6, 3), training: gentle };
const architecture = architectureOf(task.model);
const members: (EvaluatedMember & PlainMember)[] = [];

beforeAll(async () => {
  for (const [i, people] of [60, 40, 30].entries()) {
    const { events, truth } = syntheticSite({ seed: 20 + i, people, servers: 10, days: 10, campaigns: 8 });
    // Only the first organisation has labelled what happened to it.
    const known = i === 0 ? truth.filter(({ time }) => time < 6 * DAY_MS) : [];
    const site = await prepareSite(events, known, { trainUntil: 6 * DAY_MS, seed: 1 });
    members.push({ organisation: `org-${i}`, site, truth, seed: `org-${i}` });
  }
});

describe('the plaintext federation', () => {
  test('is the protocol step by step: quantised rounds, plain sum, shared update', () => {
    const federated = new FederatedModel(task, members.length);
    let weights = modelWith(architecture).initialWeights(task.seed);
    const rounds: PlainRound[] = [];
    const last = trainFederatedPlain(members, task, { onRound: (round) => rounds.push(round) });
    for (const [i, seen] of rounds.entries()) {
      const sum = new Uint32Array(weights.length);
      for (const { site, seed } of members) {
        const { values } = quantisedRound(
          { federated, state: [weights], own: null },
          site,
          task,
          i + 1,
          seed,
          () => 0,
        );
        values.read(0, values.length).forEach((value, j) => {
          sum[j] = (sum[j] ?? 0) + value;
        });
      }
      expect(seen.sum).toEqual(sum);
      weights = applyUpdate(modelOf(task.model), weights, sum, members.length, task.quantiser);
      expect(seen.weights).toEqual(weights);
    }
    expect(rounds).toHaveLength(task.rounds);
    expect(last).toEqual(weights);
  });

  test('a round leaves out whoever did not contribute, and one without anybody changes nothing', () => {
    const rounds: PlainRound[] = [];
    trainFederatedPlain(members, task, {
      contributors: (round) =>
        round === 2 ? [] : round === 3 ? ['org-2', 'org-0'] : members.map((m) => m.organisation),
      onRound: (round) => rounds.push(round),
    });
    expect(rounds.map(({ round }) => round)).toEqual([1, 3, 4, 5, 6]);
    expect(rounds[1]?.contributors).toEqual(['org-0', 'org-2']);
  });

  test('no coordinate saturates at the defaults', () => {
    trainFederatedPlain(members, task, { onRound: ({ saturated }) => expect(saturated).toBe(0) });
  });
});

describe('evaluation', () => {
  test('training raises every figure far above untrained weights', () => {
    const none = modelWith(architecture).initialWeights(task.seed);
    const federated = trainFederatedPlain(members, task);
    const before = evaluate(architecture, members, () => none);
    const after = evaluate(architecture, members, () => federated);
    expect(after.auc).toBeGreaterThan(0.97);
    expect(after.ap ?? 0).toBeGreaterThan((before.ap ?? 0) + 0.2);
    expect(after.memberRecall ?? 0).toBeGreaterThan(0.5);
    expect(after.members).toHaveLength(3);
    // The mean over the members, as with the other figures.
    expect(after.tpr).toBeCloseTo(after.members.reduce((sum, { tpr }) => sum + (tpr ?? NaN), 0) / 3, 12);
    expect(after.tpr).toBeGreaterThan(0.2);
    expect(after.members.every(({ malicious }) => malicious > 0)).toBe(true);
  });

  test('baselines take weights for each organisation or one for all', () => {
    const pooled = trainPooled(
      members.map(({ site }) => site),
      task,
    );
    const own = new Map(members.map(({ organisation, site }) => [organisation, trainLocalOnly(site, task)]));
    expect(evaluate(architecture, members, () => pooled).ap).toBeGreaterThan(0.5);
    expect(evaluate(architecture, members, (name) => own.get(name) ?? pooled).auc).toBeGreaterThan(0.6);
    expect(
      trainPooled(
        members.map(({ site }) => site),
        task,
      ),
    ).toEqual(pooled);
  });

  test('without truth the figures are null, not zero', () => {
    const weights = modelWith(architecture).initialWeights(1);
    const blind = members.map((member) => ({ ...member, truth: [] }));
    expect(evaluate(architecture, blind, () => weights)).toMatchObject({
      auc: null,
      ap: null,
      tpr: null,
      memberRecall: null,
      campaignRecall: null,
    });
  });
});
