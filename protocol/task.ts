import Type, { type Static } from 'typebox';
import { Name, closed } from './messages/fields.ts';
import { Layout } from './messages/transcript.ts';

/** What a run does: one typed object for the command line, the coordinator and every member. */
export const Task = Type.Object(
  {
    kind: Type.Literal('train-edge-scorer'),
    name: Name,
    rounds: Type.Integer({ minimum: 1, maximum: 100_000 }),
    /** Seed of the first model, which every member makes by itself. */
    seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
    model: Type.Object(
      {
        kind: Type.Literal('edge-scorer'),
        features: Type.Literal('edge-v1'),
        hidden: Type.Integer({ minimum: 1, maximum: 65_536 }),
      },
      closed,
    ),
    training: Type.Object(
      {
        /** Local steps a round. */
        steps: Type.Integer({ minimum: 1, maximum: 10_000 }),
        batch: Type.Integer({ minimum: 1, maximum: 65_536 }),
        learningRate: Type.Number({ exclusiveMinimum: 0, maximum: 10 }),
        /** Share of corrupted events in a batch where a member has labelled incidents of its own. */
        corrupted: Type.Number({ minimum: 0, maximum: 1 }),
      },
      closed,
    ),
    quantiser: Type.Object(
      {
        /** Greatest L2 norm of one member's update. */
        clipNorm: Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }),
        bits: Type.Integer({ minimum: 2, maximum: 16 }),
        layout: Layout,
      },
      closed,
    ),
    kMin: Type.Integer({ minimum: 3, maximum: 1024 }),
    deadlines: Type.Object(
      {
        advertiseSeconds: Type.Number({ minimum: 1, maximum: 86_400 }),
        collectSeconds: Type.Number({ minimum: 1, maximum: 604_800 }),
        /** How long a member that lost its connection is waited for. */
        graceSeconds: Type.Number({ minimum: 0, maximum: 86_400 }),
        openSeconds: Type.Number({ minimum: 1, maximum: 604_800 }),
      },
      closed,
    ),
  },
  closed,
);
export type Task = Static<typeof Task>;
