import { describe, expect, it } from 'vitest';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import { edgeScorerModel } from '../../models/detection/edge-scorer.ts';
import { SeededStream } from '../../models/seeded-stream.ts';
import { AT } from '../../participant/features/edge-v1.ts';
import { FEDERATION_AT } from '../../participant/features/edge-v2.ts';
import { RowList } from '../../participant/train/rows.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { rowsToTrain, scorerOf } from './method-scores.ts';

const WIDTH = 47;
const OWN = 36;
const stream = SeededStream.fromNumber(5);

/** Rows of random own columns in which nothing is new and nobody has seen anything. */
function rows(count: number): RowList {
  const list = new RowList(WIDTH);
  for (let i = 0; i < count; i++) {
    const row = new Float32Array(WIDTH).map((_, column) => (column < OWN ? stream.nextUnit() : 0));
    for (const column of [AT.edgeNew, AT.accountDestinationNew, AT.accountSourceNew]) row[column] = 0;
    list.add(row);
  }
  return list;
}

function site(): SiteData {
  const scored = (count: number) => ({ list: rows(count), events: [] });
  return {
    familiar: rows(4),
    novel: rows(3),
    corrupted: rows(2),
    incidents: rows(1),
    validation: scored(5),
    validationShare: 1,
    evaluation: scored(6),
    events: 21,
    scored: 21,
  };
}

const model = edgeScorerModel(edgeScorer({ features: 'edge-v1', hidden: 4 }));
const weights = model.initialWeights(1);

describe('evidence beside a model', () => {
  it('raises the score of what is new here by its weight, and nothing else', () => {
    const one = site();
    const { list } = one.evaluation;
    for (const i of [1, 2]) list.row(i)[FEDERATION_AT.accountBurstOthers] = 1.5;
    list.row(2)[AT.edgeNew] = 1;
    const scorer = scorerOf({ evidence: 2 }, model, new Map([['a', one]]));
    const alone = model.scores(weights, list.copy(OWN).rows);
    const expected = alone.map((score, i) => (i === 2 ? score + 2 * 1.5 : score));
    expect(scorer.ofRows('a', weights, list.rows)).toEqual(expected);
    const { evaluation, validation } = scorer.ofSites(() => weights)({ organisation: 'a', site: one });
    expect(evaluation).toEqual(expected);
    expect(validation).toHaveLength(5);
  });

  it('leaves training rows of own features, the same ones, and participants need no answers', () => {
    const prepared = {
      sites: new Map([['a', site()]]),
      answers: new Map([['a', []]]),
      files: new Map(),
      graphs: new Map(),
    };
    const narrow = rowsToTrain({ evidence: 1 }, prepared);
    expect(narrow.answers.size).toBe(0);
    const [before, after] = [prepared.sites.get('a'), narrow.sites.get('a')];
    expect(after?.novel.rows).toEqual(before?.novel.copy(OWN).rows);
    expect(after?.incidents.width).toBe(OWN);
    expect(rowsToTrain({ evidence: 0 }, prepared)).toBe(prepared);
  });
});
