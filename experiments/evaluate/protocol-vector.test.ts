import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { RowList, type ScoredRows } from '../../participant/train/rows.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { logon } from '../../test/auth-event.ts';
import { evaluateScores, type EvaluatedMember } from './evaluate.ts';
import { frameMembers } from './framed-members.ts';
import type { CampaignFacts } from './knowledge.ts';

interface VectorEvent {
  readonly time: number;
  readonly src: string;
  readonly dst: string;
  readonly account: string;
  readonly campaign: string | null;
  readonly score: number;
}

interface Member {
  readonly organisation: string;
  readonly validation: readonly VectorEvent[];
  readonly evaluation: readonly VectorEvent[];
}

// Made by vectors/protocol.py, which has nothing in common with the code under test.
const vector = JSON.parse(
  gunzipSync(readFileSync(new URL('./vectors/protocol.json.gz', import.meta.url))).toString('utf8'),
) as {
  campaigns: CampaignFacts[];
  share: number;
  members: Member[];
  figures: Record<string, unknown> & { members: Record<string, unknown>[] };
};

const empty = new RowList(1);

function rows(events: readonly VectorEvent[]): ScoredRows {
  return {
    list: empty,
    events: events.map(({ time, src, dst, account }) => logon(0, src, dst, account, { time })),
  };
}

function evaluated({ organisation, validation, evaluation }: Member): EvaluatedMember {
  const site: SiteData = {
    familiar: empty,
    novel: empty,
    corrupted: empty,
    incidents: empty,
    validation: rows(validation),
    validationShare: vector.share,
    evaluation: rows(evaluation),
    events: validation.length + evaluation.length,
    scored: validation.length + evaluation.length,
  };
  const truth = evaluation.flatMap(({ time, account, src, dst, campaign }) =>
    campaign === null ? [] : [{ time, account, srcHost: src, dstHost: dst, campaign }],
  );
  return { organisation, site, truth };
}

/** The same structure with numbers rounded to ten digits: sums in another order differ in the last ones. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(10));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, rounded(part)]));
}

test('every figure of a made-up federation is that of slow independent code', () => {
  const scores = new Map(vector.members.map((member) => [member.organisation, member]));
  const of = (events: readonly VectorEvent[] = []) => events.map(({ score }) => score);
  const result = evaluateScores(
    frameMembers(vector.members.map(evaluated), vector.campaigns),
    ({ organisation }) => ({
      validation: of(scores.get(organisation)?.validation),
      evaluation: of(scores.get(organisation)?.evaluation),
    }),
  );
  expect(rounded(result)).toMatchObject(rounded(vector.figures) as object);
  expect(vector.figures.members.map(({ organisation }) => organisation)).toHaveLength(4);
});
