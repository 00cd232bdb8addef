import Type, { type Static } from 'typebox';
import { closed } from '../../protocol/messages/fields.ts';
import { EdgeScorer } from '../../protocol/task.ts';
import { ColdStart, Counting, Method, MethodName, Scenarios, TrackName, Training } from './method-schema.ts';

const whole = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });

const count = Type.Optional(whole(1, 100));

/** A set of members: by name, or so many of the largest, of the smallest, or drawn by the seed. */
const Track = Type.Object(
  {
    name: TrackName,
    members: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 100 }),
    ),
    largest: count,
    smallest: count,
    random: count,
  },
  closed,
);

/** An experiment file (YAML). The simulator's own ranges hold beside these. */
export const ExperimentFile = Type.Object(
  {
    name: MethodName,
    title: Type.String({ minLength: 1, maxLength: 200 }),
    data: Type.Object(
      {
        simulator: Type.Object(
          {
            orgs: whole(1, 100),
            hosts: whole(20, 300_000),
            accounts: whole(20, 1_000_000),
            days: whole(2, 1000),
            trainDays: whole(1, 999),
            scenarios: Type.Optional(Scenarios),
          },
          closed,
        ),
      },
      closed,
    ),
    /** Each is the seed of a world and of all training in it. */
    seeds: Type.Union(
      [
        whole(0, 2 ** 32 - 1),
        Type.Array(whole(0, 2 ** 32 - 1), { minItems: 1, maxItems: 1000 }),
        Type.String({ minLength: 1, maxLength: 1000 }),
      ],
      { description: 'a list of whole numbers, or text like 1-3,7' },
    ),
    /** Members that are named together: each set has figures of its own, and methods make it special. */
    tracks: Type.Optional(Type.Array(Track, { maxItems: 20 })),
    /** For every method that does not say otherwise. */
    model: Type.Optional(Type.Object({ hidden: EdgeScorer.properties.hidden }, closed)),
    training: Type.Optional(Training),
    counting: Type.Optional(Counting),
    coldStart: Type.Optional(ColdStart),
    methods: Type.Array(Method, { minItems: 1, maxItems: 50 }),
    /** Pairs of methods whose difference is told, seed by seed. */
    compare: Type.Optional(
      Type.Array(Type.Array(MethodName, { minItems: 2, maxItems: 2 }), { maxItems: 100 }),
    ),
  },
  closed,
);
export type ExperimentFile = Static<typeof ExperimentFile>;
