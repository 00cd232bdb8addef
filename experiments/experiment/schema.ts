import Type, { type Static } from 'typebox';
import { closed } from '../../protocol/messages/fields.ts';
import {
  ColdStart,
  CommonModel,
  Counting,
  Method,
  MethodName,
  Scenarios,
  TrackName,
  Training,
  oneOf,
} from './method-schema.ts';

const whole = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });

/** A moment with its zone. */
const Moment = Type.String({
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$',
  description: 'a moment like 2019-09-23T00:00:00Z',
});
const path = Type.String({ minLength: 1, maxLength: 4096 });
const day = Type.Integer({ minimum: 1, maximum: 1000 });

/** Hosts of a recorded network as members: so many alike, or by the clusters of a block model. */
const Partition = Type.Object(
  {
    balanced: Type.Optional(whole(2, 100)),
    blocks: Type.Optional(path),
    side: Type.Optional(oneOf('bottom', 'top')),
    addresses: Type.Optional(path),
  },
  closed,
);

/** One of them. */
const Data = Type.Object(
  {
    simulator: Type.Optional(
      Type.Object(
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
    ),
    /** `auth.txt` and `redteam.txt`, plain or compressed. */
    lanl2015: Type.Optional(
      Type.Object({ auth: path, redteam: path, days: day, trainDays: day, partition: Partition }, closed),
    ),
    /** eCAR of the hosts, and `optc_redteam.csv`; times as 2019-09-23T00:00:00Z. */
    optc: Type.Optional(
      Type.Object(
        { ecar: path, redteam: path, trainUntil: Moment, until: Moment, partition: Partition },
        closed,
      ),
    ),
  },
  closed,
);

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
    data: Data,
    /** Folders of real recordings that trained weights score as well, with no claim about false alerts. */
    recordings: Type.Optional(
      Type.Object({ mordor: Type.Optional(path), evtx: Type.Optional(path) }, closed),
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
    model: Type.Optional(CommonModel),
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
