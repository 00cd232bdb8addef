import Type, { type Static } from 'typebox';
import { closed, Name, Time } from './messages/fields.ts';
import { Layout } from './messages/transcript.ts';

const rounds = Type.Integer({ minimum: 1, maximum: 100_000 });
const kMin = Type.Integer({ minimum: 3, maximum: 1024 });
const share = Type.Number({ minimum: 0, maximum: 1 });
const deadlines = Type.Object(
  {
    advertiseSeconds: Type.Number({ minimum: 1, maximum: 86_400 }),
    collectSeconds: Type.Number({ minimum: 1, maximum: 604_800 }),
    /** How long a member that lost its connection is waited for. */
    graceSeconds: Type.Number({ minimum: 0, maximum: 86_400 }),
    openSeconds: Type.Number({ minimum: 1, maximum: 604_800 }),
  },
  closed,
);

const rate = Type.Number({ exclusiveMinimum: 0, maximum: 10 });
const decay = Type.Number({ minimum: 0, exclusiveMaximum: 1 });
/** Added to the root of the second moment. */
const tau = Type.Number({ minimum: 1e-6, maximum: 1 });

/**
 * How a sum becomes the next model, and what that asks of local steps; `learningRate` is the server's, 1 to take the mean
 * of the updates as it is. `models/federated/optimiser.ts` says which rule of which paper each is.
 */
export const Optimiser = Type.Union([
  Type.Object({ kind: Type.Literal('fedavg') }, closed),
  Type.Object({ kind: Type.Literal('fedprox'), mu: Type.Number({ minimum: 0, maximum: 1000 }) }, closed),
  Type.Object({ kind: Type.Literal('momentum'), momentum: decay, learningRate: rate }, closed),
  Type.Object({ kind: Type.Literal('fedadagrad'), learningRate: rate, beta1: decay, tau }, closed),
  Type.Object({ kind: Type.Literal('fedadam'), learningRate: rate, beta1: decay, beta2: decay, tau }, closed),
  Type.Object({ kind: Type.Literal('fedyogi'), learningRate: rate, beta1: decay, beta2: decay, tau }, closed),
  Type.Object({ kind: Type.Literal('scaffold'), learningRate: rate }, closed),
  Type.Object({ kind: Type.Literal('entente'), share: Type.Number({ minimum: 0.01, maximum: 1 }) }, closed),
]);

const features = Type.Union([Type.Literal('edge-v1'), Type.Literal('edge-v2')]);

export const EdgeScorer = Type.Object(
  {
    kind: Type.Literal('edge-scorer'),
    features,
    /** Units of the hidden layer, 0 for a logistic model. */
    hidden: Type.Integer({ minimum: 0, maximum: 65_536 }),
  },
  closed,
);

/** Dense layers, the last of one linear unit. `cordon model import-tfjs` writes this from a TensorFlow.js model. */
export const Layers = Type.Object(
  {
    kind: Type.Literal('layers'),
    features,
    layers: Type.Array(
      Type.Object(
        {
          units: Type.Integer({ minimum: 1, maximum: 65_536 }),
          activation: Type.Union([
            Type.Literal('linear'),
            Type.Literal('relu'),
            Type.Literal('sigmoid'),
            Type.Literal('tanh'),
          ]),
        },
        closed,
      ),
      { minItems: 1, maxItems: 16 },
    ),
  },
  closed,
);

/** Rounds of federated training; each sum becomes the next model. */
export const TrainTask = Type.Object(
  {
    kind: Type.Literal('train-edge-scorer'),
    name: Name,
    rounds,
    /** Seed of the first model, which every member makes by itself. */
    seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
    model: Type.Union([EdgeScorer, Layers]),
    training: Type.Object(
      {
        /** Local steps a round. */
        steps: Type.Integer({ minimum: 1, maximum: 10_000 }),
        batch: Type.Integer({ minimum: 1, maximum: 65_536 }),
        learningRate: Type.Number({ exclusiveMinimum: 0, maximum: 10 }),
        /** How a local step goes; `adam`, which begins anew in every round, where left out. */
        solver: Type.Optional(Type.Union([Type.Literal('adam'), Type.Literal('sgd')])),
        /** Share of corrupted events in a batch where a member has labelled incidents of its own. */
        corrupted: share,
        /** The same where it has none; half where left out. 0: such a member shows what is ordinary and nothing else. */
        corruptedAlone: Type.Optional(share),
        /** Share of own labelled incidents in a batch where there are any; a quarter where left out. */
        incidents: Type.Optional(share),
        /** Share of the benign rows with something new; three in five where left out. */
        novel: Type.Optional(share),
      },
      closed,
    ),
    /** Federated averaging where left out. */
    optimiser: Type.Optional(Optimiser),
    /** `head`: the output layer is each member's own and never leaves it; what is summed is the rest. */
    personal: Type.Optional(Type.Literal('head')),
    quantiser: Type.Object(
      {
        /** Greatest L2 norm of one member's update. */
        clipNorm: Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }),
        bits: Type.Integer({ minimum: 2, maximum: 16 }),
        layout: Layout,
      },
      closed,
    ),
    kMin,
    deadlines,
  },
  closed,
);
export type TrainTask = Static<typeof TrainTask>;

export const StatisticName = Type.Union([
  Type.Literal('account-prevalence'),
  Type.Literal('source-prevalence'),
  Type.Literal('pair-prevalence'),
  Type.Literal('account-failures'),
  Type.Literal('source-failures'),
  Type.Literal('account-new-pairs'),
  Type.Literal('source-new-pairs'),
]);

/** Count sketches of one period of event time after another; each sum becomes an answer, which the features read. */
export const CountSketchTask = Type.Object(
  {
    kind: Type.Literal('count-sketch'),
    name: Name,
    /** Periods, one a round. */
    rounds,
    /** `replay`: past periods one after the other; `clock`: each when it is over by the coordinator's clock. */
    pace: Type.Union([Type.Literal('clock'), Type.Literal('replay')]),
    period: Type.Object(
      {
        seconds: Type.Union([Type.Literal(600), Type.Literal(3600), Type.Literal(86_400)]),
        /** Beginning of the first period, milliseconds on the clock of the events; a multiple of the period. */
        first: Time,
        /** How long after its end a period's answer becomes visible to the features. */
        delaySeconds: Type.Integer({ minimum: 0, maximum: 604_800 }),
      },
      closed,
    ),
    sketch: Type.Object(
      {
        /** Cells of a row, a power of two. */
        width: Type.Integer({ minimum: 2, maximum: 65_536 }),
        depth: Type.Integer({ minimum: 1, maximum: 8 }),
        statistics: Type.Array(StatisticName, { minItems: 1, maxItems: 7, uniqueItems: true }),
        /** Most that a member puts into one cell of failures or new pairs. */
        cap: Type.Integer({ minimum: 1, maximum: 255 }),
        /** Most sources of one account that a member counts in a period. */
        sources: Type.Integer({ minimum: 1, maximum: 1024 }),
      },
      closed,
    ),
    /** null: none, the exact sums are opened. */
    noise: Type.Union([
      Type.Null(),
      Type.Object(
        {
          mechanism: Type.Literal('discrete-gaussian'),
          /** Deviation of the noise that honest members alone give the sum. */
          sigma: Type.Number({ minimum: 0.5, maximum: 20_000 }),
          /** Over how many honest contributors it is spread: at most kMin less those that may collude. */
          shares: Type.Integer({ minimum: 1, maximum: 1023 }),
          /** Probability for which the stated epsilon does not hold. */
          delta: Type.Number({ minimum: 1e-12, maximum: 1e-2 }),
        },
        closed,
      ),
    ]),
    /** What fewer members than this could have caused is 0 in the answer. */
    floor: Type.Integer({ minimum: 1, maximum: 1024 }),
    encoding: Type.Object({ bits: Type.Integer({ minimum: 2, maximum: 16 }), layout: Layout }, closed),
    kMin,
    deadlines,
  },
  closed,
);
export type CountSketchTask = Static<typeof CountSketchTask>;

/** What a run does: one typed object for the command line, the coordinator and every member. */
export const Task = Type.Union([TrainTask, CountSketchTask]);
export type Task = Static<typeof Task>;

/** The schema of each kind, for errors that name the field. */
export const TASK_KINDS = { 'train-edge-scorer': TrainTask, 'count-sketch': CountSketchTask } as const;
