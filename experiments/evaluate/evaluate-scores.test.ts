import { beforeAll, describe, expect, test } from 'vitest';
import { architectureOf, modelWith } from '../../models/detection/models.ts';
import { DAY_MS } from '../../models/metrics/event-frame.ts';
import { SeededStream } from '../../models/seeded-stream.ts';
import { AT } from '../../participant/features/edge-v1.ts';
import { IncidentIndex } from '../../participant/train/incidents.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { demoTask } from './demo-task.ts';
import {
  evaluate,
  evaluateScores,
  type EvaluatedMember,
  scoresByWeights,
  type ScoresOf,
} from './evaluate.ts';
import { figuresOf } from './figures.ts';
import { frameMembers } from './framed-members.ts';
import type { CampaignFacts } from './knowledge.ts';
import { scoresByRule, UNTRAINED_RULES } from './untrained.ts';

const trainUntil = 6 * DAY_MS;
const names = ['large', 'middle', 'small', 'tiny'];
const members: EvaluatedMember[] = [];
let facts: CampaignFacts[] = [];

beforeAll(async () => {
  for (const [i, organisation] of names.entries()) {
    const people = 50 - 10 * i;
    const made = syntheticSite({ seed: 40 + i, people, servers: 10, days: 10, campaigns: 8 });
    // Campaigns of one number are one campaign that crosses all organisations; what began before the test stays there.
    const truth = made.truth.filter(
      ({ campaign, time }) => phaseOf(campaign) === 'train' || time >= trainUntil,
    );
    const site = await prepareSite(made.events, [], { trainUntil, seed: 1 });
    members.push({ organisation, site, truth });
  }
  facts = Array.from({ length: 8 }, (_, i) => ({
    id: `c${i}`,
    tactic: i % 2 === 0 ? 'even' : 'odd',
    phase: phaseOf(`c${i}`),
    knownTo: i === 0 ? ['large'] : [],
  }));
});

const phaseOf = (campaign: string): 'train' | 'test' => (Number(campaign.slice(1)) < 5 ? 'train' : 'test');

/** Any scores, no two alike; the same for the same seed. */
const anyScores =
  (seed: number): ScoresOf =>
  ({ site }) => {
    const stream = SeededStream.fromNumber(seed);
    const some = (n: number) => Float64Array.from({ length: n }, () => stream.nextUnit());
    return {
      validation: some(site.validation.events.length),
      evaluation: some(site.evaluation.events.length),
    };
  };

/** Scores that know the truth. */
const perfect: ScoresOf = ({ organisation, site }) => {
  const truth = new IncidentIndex(
    members.find((member) => member.organisation === organisation)?.truth ?? [],
  );
  return {
    validation: site.validation.events.map(() => 0),
    evaluation: site.evaluation.events.map((event) => (truth.campaignOf(event) === null ? 0 : 1)),
  };
};

describe('the protocol over any scores', () => {
  test('member recall and alerts follow their plain definition', () => {
    const scoresOf = anyScores(3);
    const result = evaluateScores(frameMembers(members, facts), scoresOf);
    for (const [i, { organisation, site, truth }] of members.entries()) {
      const { validation, evaluation } = scoresOf({ organisation, site });
      const best = (events: typeof site.validation.events, scores: ArrayLike<number>) => {
        const groups = new Map<string, number>();
        events.forEach(({ time, srcHost }, row) => {
          const key = `${Math.floor(time / DAY_MS)} ${srcHost}`;
          groups.set(key, Math.max(groups.get(key) ?? -1, scores[row] ?? -1));
        });
        return groups;
      };
      const held = best(site.validation.events, validation);
      const days = new Set([...held.keys()].map((key) => key.split(' ')[0])).size;
      const threshold = [...held.values()].sort((a, b) => b - a)[Math.floor(days * site.validationShare)];
      const tested = best(site.evaluation.events, evaluation);
      const raised = new Set([...tested].filter(([, score]) => score > (threshold ?? 0)).map(([key]) => key));
      const test = [...truth].filter(({ campaign }) => phaseOf(campaign) === 'test');
      const touching = new Set(test.map(({ campaign }) => campaign));
      const caught = new Set(
        test
          .filter(({ time, srcHost }) => raised.has(`${Math.floor(time / DAY_MS)} ${srcHost}`))
          .map(({ campaign }) => campaign),
      );
      const member = result.members[i];
      expect(member?.threshold).toBe(threshold);
      expect(member?.alerts).toBe(raised.size);
      expect(member?.campaigns).toBe(touching.size);
      expect(member?.recall).toBeCloseTo(caught.size / touching.size, 12);
    }
  });

  test('scores that know the truth catch everything with the first event; scores that know nothing rank at random', () => {
    const world = frameMembers(members, facts);
    const best = evaluateScores(world, perfect);
    expect(best).toMatchObject({ auc: 1, ap: 1, tpr: 1, tprStrict: 1, memberRecall: 1, campaignRecall: 1 });
    expect(best.collapsed).toEqual({ auc: 1, ap: 1, tpr: 1, tprStrict: 1 });
    expect(best.together.ap).toBe(1);
    expect(best.timeToDetect).toBe(0);
    const blind = evaluateScores(world, ({ site }) => ({
      validation: new Float32Array(site.validation.events.length),
      evaluation: new Float32Array(site.evaluation.events.length),
    }));
    expect(blind.auc).toBe(0.5);
    expect(blind.collapsed.auc).toBe(0.5);
  });

  test('splits are of the same pairs: by tactic and by knowledge they add up, and say who knew what', () => {
    const {
      members: rows,
      tactics,
      knowledge,
      campaigns,
    } = evaluateScores(frameMembers(members, facts), perfect);
    const pairs = rows.reduce((sum, row) => sum + row.campaigns, 0);
    expect(pairs).toBe(12);
    expect(campaigns).toBe(3);
    expect(Object.keys(tactics)).toEqual(['even', 'odd']);
    expect(tactics['even']).toEqual({
      pairs: 4,
      caught: 4,
      memberRecall: 1,
      campaigns: 1,
      found: 1,
      campaignRecall: 1,
    });
    // Only `large` labelled one, an even one.
    expect(knowledge.mine.pairs).toBe(1);
    expect(knowledge.others.pairs).toBe(3);
    expect(knowledge.nobody.pairs).toBe(8);
  });

  test('a campaign whose events at a member are not among the scored ones counts as missed there', () => {
    const [first] = members;
    if (first === undefined) throw new Error('no member');
    const time = trainUntil + 1000;
    const unseen = { time, account: 'x', srcHost: 'nowhere', dstHost: 's0', campaign: 'c9' };
    const more: CampaignFacts = { id: 'c9', tactic: 'odd', phase: 'test', knownTo: [] };
    const one = { ...first, truth: [...first.truth, unseen] };
    const { members: rows, campaignRecall } = evaluateScores(frameMembers([one], [...facts, more]), perfect);
    expect(rows[0]).toMatchObject({ campaigns: 4, caught: 3, recall: 0.75 });
    expect(campaignRecall).toBe(0.75);
  });

  test('tracks are means over their members; the three smallest are always there', () => {
    const { members: rows, tracks } = evaluateScores(frameMembers(members, facts), anyScores(5), {
      joined: ['tiny', 'nobody'],
      none: [],
    });
    expect(tracks['smallest']?.organisations).toEqual(['middle', 'small', 'tiny']);
    const three = rows.slice(1).map(({ recall }) => recall ?? NaN);
    expect(tracks['smallest']?.memberRecall).toBeCloseTo(three.reduce((a, b) => a + b) / 3, 12);
    expect(tracks['joined']).toMatchObject({ organisations: ['tiny'], ap: rows[3]?.ap });
    expect(tracks['none']).toEqual({
      organisations: [],
      memberRecall: null,
      auc: null,
      ap: null,
      tpr: null,
      tprStrict: null,
    });
    const byHosts = members.map((member, i) => ({ ...member, size: -i }));
    const turned = evaluateScores(frameMembers(byHosts, facts), anyScores(5));
    expect(turned.tracks['smallest']?.organisations).toEqual(['middle', 'small', 'tiny']);
    const upside = evaluateScores(
      frameMembers(members.map((member, i) => ({ ...member, size: i }))),
      anyScores(5),
    );
    expect(upside.tracks['smallest']?.organisations).toEqual(['large', 'middle', 'small']);
  });

  test('weights are measured by the scores that they give', () => {
    const { model } = demoTask(2, 1);
    const architecture = architectureOf(model);
    const weights = modelWith(architecture).initialWeights(9);
    const direct = evaluate(architecture, members, () => weights);
    expect(
      evaluateScores(
        frameMembers(members),
        scoresByWeights(architecture, () => weights),
      ),
    ).toEqual(direct);
    expect(direct.tactics).toEqual({});
    expect(direct.knowledge.nobody).toEqual({ pairs: 0, caught: 0, memberRecall: null });
  });

  test('scores that are missing or no numbers are refused with the member named', () => {
    const world = frameMembers(members, facts);
    expect(() => evaluateScores(world, () => ({ validation: [], evaluation: [1] }))).toThrow(
      /of large, got 0/,
    );
    const broken: ScoresOf = ({ site }) => ({
      validation: site.validation.events.map(() => 0),
      evaluation: site.evaluation.events.map((_, i) => (i === 7 ? NaN : 0)),
    });
    expect(() => evaluateScores(world, broken)).toThrow(/NOT_FINITE.*large.*NaN at event 7/);
  });
});

test('every figure has a name of its own, and is null where it is undefined', () => {
  const figures = figuresOf(evaluateScores(frameMembers(members, facts), perfect, { none: [] }));
  const named = new Map(figures.map(({ member, metric, value }) => [`${member ?? ''} ${metric}`, value]));
  expect(named.size).toBe(figures.length);
  expect(figures.every(({ metric, value }) => !/[\s,]/.test(metric) && !Number.isNaN(value))).toBe(true);
  expect(named.get(' memberRecall')).toBe(1);
  expect(named.get(' memberRecall:known-to-nobody')).toBe(1);
  expect(named.get(' campaignRecall:odd')).toBe(1);
  expect(named.get(' memberRecall@smallest')).toBe(1);
  expect(named.get(' memberRecall@none')).toBeNull();
  expect(named.get(' collapsed.ap')).toBe(1);
  expect(named.get('tiny campaigns')).toBe(3);
  const blind = evaluateScores(
    frameMembers(members.map((member) => ({ ...member, truth: [] }))),
    anyScores(1),
  );
  const undefinedThere = figuresOf(blind).filter(({ value }) => value === null);
  expect(undefinedThere.map(({ member, metric }) => `${member ?? ''} ${metric}`)).toEqual(
    expect.arrayContaining([' memberRecall', ' campaignRecall', ' timeToDetectMinutes', ' ap', 'tiny ap']),
  );
});

describe('rules that learn nothing', () => {
  test('score by the columns that they are named after', () => {
    const [first] = members;
    if (first === undefined) throw new Error('no member');
    const { list } = first.site.evaluation;
    const { evaluation: unseen } = scoresByRule('unseen-edge')(first);
    const { evaluation: rarity } = scoresByRule('edge-rarity')(first);
    const { evaluation: likelihood } = scoresByRule('degree-likelihood')(first);
    let seen = 0;
    for (let i = 0; i < list.length; i++) {
      const row = list.row(i);
      const isNew = row[AT.edgeNew] === 1 && row[AT.local] === 0;
      if (isNew) seen++;
      expect(unseen[i]).toBe(isNew ? 1 : 0);
      expect(rarity[i]).toBeCloseTo(-(row[AT.edgeTotal] ?? NaN), 12);
      expect(likelihood[i]).toBeCloseTo(-(row[AT.degreeRarity] ?? NaN), 12);
    }
    expect(seen).toBeGreaterThan(10);
    expect(seen).toBeLessThan(list.length / 2);
  });

  test('raise about as many alerts as a model may, though two scores are all that one has', () => {
    for (const rule of UNTRAINED_RULES) {
      const { raisedPerDay, auc } = evaluateScores(frameMembers(members, facts), scoresByRule(rule));
      expect(raisedPerDay).toBeGreaterThan(0);
      expect(raisedPerDay).toBeLessThan(5);
      expect(auc).toBeGreaterThan(0.6);
    }
  });
});
