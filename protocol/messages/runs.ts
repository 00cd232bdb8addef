import Type, { type Static } from 'typebox';
import { closed, Hash, MemberId, Name, RoundNumber, RunId, Text } from './fields.ts';
import { plainText } from './text.ts';

/*
 * What operators read about runs and rounds (JSON on the bulk plane). The coordinator writes it, the command line and the
 * demo read it; what counts as proof stands in the log alone.
 */

/** Why a round or run ended without a result. */
export const RoundFailure = Type.Object({ code: Name, expected: Text, got: Text, next: Text }, closed);
export type RoundFailure = Static<typeof RoundFailure>;

/** A reason whose texts may be logged, sent and shown, whoever wrote them. */
export function plainFailure({ code, expected, got, next }: RoundFailure): RoundFailure {
  return { code, expected: plainText(expected), got: plainText(got), next: plainText(next) };
}

/** One run. */
export const RunSummary = Type.Object(
  {
    run: RunId,
    name: Name,
    status: Type.Union([
      Type.Literal('running'),
      Type.Literal('finished'),
      Type.Literal('failed'),
      Type.Literal('cancelled'),
    ]),
    firstRound: RoundNumber,
    rounds: Type.Integer({ minimum: 1 }),
    /** Rounds published so far. */
    published: Type.Integer({ minimum: 0 }),
    modelHash: Type.Union([Hash, Type.Null()]),
    failure: Type.Union([RoundFailure, Type.Null()]),
  },
  closed,
);
export type RunSummary = Static<typeof RunSummary>;

const Members = Type.Array(MemberId, { maxItems: 1024 });
const Milliseconds = Type.Number({ minimum: 0 });

/** What one round cost the coordinator; bytes are those of the bulk plane. */
export const RoundReport = Type.Object(
  {
    round: RoundNumber,
    run: RunId,
    /** Position of the round in its run, from 1. */
    step: Type.Integer({ minimum: 1 }),
    outcome: Type.Union([Type.Literal('published'), Type.Literal('failed')]),
    members: Members,
    contributors: Members,
    committee: Members,
    answers: Members,
    bytesUp: Type.Integer({ minimum: 0 }),
    bytesDown: Type.Integer({ minimum: 0 }),
    ms: Type.Object(
      {
        advertise: Milliseconds,
        collect: Milliseconds,
        check: Milliseconds,
        answer: Milliseconds,
        sum: Milliseconds,
        open: Milliseconds,
        audit: Milliseconds,
        total: Milliseconds,
      },
      closed,
    ),
    /** Greatest noise coefficient of the opened sum and the bound it was checked against. */
    noise: Type.Union([
      Type.Object({ greatest: Type.Number({ minimum: 0 }), bound: Type.Number({ minimum: 0 }) }, closed),
      Type.Null(),
    ]),
    modelHash: Type.Union([Hash, Type.Null()]),
    failure: Type.Union([RoundFailure, Type.Null()]),
  },
  closed,
);
export type RoundReport = Static<typeof RoundReport>;

/** All runs of a coordinator, oldest first. */
export const RunList = Type.Object({ runs: Type.Array(RunSummary) }, closed);

/** One run with the reports of its rounds so far. */
export const RunDetail = Type.Object({ ...RunSummary.properties, reports: Type.Array(RoundReport) }, closed);
export type RunDetail = Static<typeof RunDetail>;
