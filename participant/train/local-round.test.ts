import { describe, expect, it } from 'vitest';
import { type BatchShares, batches } from './local-round.ts';
import { RowList } from './rows.ts';
import { seededStream } from './seeded-stream.ts';
import type { SiteData } from './site-data.ts';

/** One row of one value, which says which list it came from. */
function listOf(value: number, length = 1): RowList {
  const list = new RowList(1);
  for (let i = 0; i < length; i++) list.add(Float32Array.of(value));
  return list;
}

const [FAMILIAR, NOVEL, CORRUPTED, INCIDENT] = [1, 2, 3, 4];

function site(lengths: { incidents: number; corrupted: number }): SiteData {
  const nothing = { list: listOf(0, 0), events: [] };
  return {
    familiar: listOf(FAMILIAR, 5),
    novel: listOf(NOVEL, 5),
    corrupted: listOf(CORRUPTED, lengths.corrupted),
    incidents: listOf(INCIDENT, lengths.incidents),
    validation: nothing,
    validationShare: 0,
    evaluation: nothing,
    events: 0,
    scored: 0,
  };
}

/** How often each value stands in a batch of 100, and how many rows have label 1. */
function drawn(data: SiteData, shares: BatchShares) {
  const [x, y, weight] = [new Float32Array(100), new Float32Array(100), new Float32Array(100)];
  batches(data, shares, seededStream('test', 1))(x, y, weight);
  const count = (value: number) => x.filter((other) => other === value).length;
  return {
    familiar: count(FAMILIAR),
    novel: count(NOVEL),
    corrupted: count(CORRUPTED),
    incidents: count(INCIDENT),
    labelled: y.filter((label) => label === 1).length,
    weight: weight.reduce((sum, value) => sum + value, 0),
  };
}

describe('a batch', () => {
  const both = { incidents: 3, corrupted: 3 };

  it('has the shares that the task names', () => {
    const shares = { corrupted: 0.05, corruptedAlone: 0.4, incidents: 0.3, novel: 1 };
    expect(drawn(site(both), shares)).toEqual({
      familiar: 0,
      novel: 65,
      corrupted: 5,
      incidents: 30,
      labelled: 35,
      weight: 100,
    });
    const alone = drawn(site({ ...both, incidents: 0 }), shares);
    expect(alone).toMatchObject({ corrupted: 40, incidents: 0, labelled: 40, novel: 60 });
  });

  it('has a quarter of incidents, or half of corrupted copies, where the task says nothing', () => {
    expect(drawn(site(both), { corrupted: 0.1 })).toMatchObject({ incidents: 25, corrupted: 10 });
    expect(drawn(site({ ...both, incidents: 0 }), { corrupted: 0.1 })).toMatchObject({ corrupted: 50 });
  });

  it('weighs nothing where contrast is wanted and there is none', () => {
    const nothing = drawn(site({ incidents: 0, corrupted: 0 }), { corrupted: 0.1 });
    expect(nothing).toMatchObject({ labelled: 0, weight: 0 });
  });

  it('is of ordinary rows that count where no contrast is wanted', () => {
    const unwanted = drawn(site({ ...both, incidents: 0 }), { corrupted: 0.1, corruptedAlone: 0 });
    expect(unwanted).toMatchObject({ corrupted: 0, labelled: 0, weight: 100 });
  });

  it('has no benign rows where the others take all of it', () => {
    const full = drawn(site(both), { corrupted: 0.9, incidents: 0.5 });
    expect(full).toMatchObject({ incidents: 50, corrupted: 50, labelled: 100 });
  });
});
