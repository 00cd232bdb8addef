import Type, { type Static } from 'typebox';
import { closed } from '../../protocol/messages/fields.ts';
import { UNTRAINED_RULES } from '../evaluate/untrained.ts';
import { EdgeScorer, TrainTask } from '../../protocol/task.ts';

const { training } = TrainTask.properties;

/** Names become file names and columns of tables. */
const MethodName = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'a name of 1 to 63 lower-case letters, digits and hyphens, the first no hyphen',
});

/** Steps of training; a method's own values stand before those of the experiment. */
const Training = Type.Object(
  {
    rounds: Type.Optional(TrainTask.properties.rounds),
    /** Local steps a round. Training alone and pooled take `rounds * steps` steps. */
    steps: Type.Optional(training.properties.steps),
    batch: Type.Optional(training.properties.batch),
    learningRate: Type.Optional(training.properties.learningRate),
    corrupted: Type.Optional(training.properties.corrupted),
    corruptedAlone: training.properties.corruptedAlone,
    incidents: training.properties.incidents,
    novel: training.properties.novel,
  },
  closed,
);

/** How members count together for the features `cross-organisation`. */
const Counting = Type.Object(
  {
    /** Seconds of a period. */
    interval: Type.Optional(Type.Union([Type.Literal(600), Type.Literal(3600), Type.Literal(86_400)])),
    /** What fewer members than this could have caused is 0 in the answer. */
    floor: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 })),
    /** Deviation of the noise of a sum, 0 for none. */
    noise: Type.Optional(
      Type.Union([Type.Literal(0), Type.Number({ minimum: 0.5, maximum: 20_000 })], {
        description: '0 or a deviation from 0.5 to 20000',
      }),
    ),
  },
  closed,
);

const oneOf = <const T extends string>(...names: T[]) =>
  Type.Unsafe<T>(Type.Union(names.map((name) => Type.Literal(name))));

/** Names of built-in scenarios, or files by their path from this file. */
const Scenarios = Type.Array(Type.String({ minLength: 1, maxLength: 1024 }), { minItems: 1, maxItems: 20 });

const Method = Type.Object(
  {
    name: MethodName,
    /** Who trains the weights: each member its own, all together by rounds, or one on the rows of all. */
    weights: Type.Optional(oneOf('local', 'federated', 'pooled')),
    /** In place of weights: a rule that learns nothing. */
    rule: Type.Optional(oneOf(...UNTRAINED_RULES)),
    /** In place of both: for each member the best of these methods, by its figures in the test time. */
    bestOf: Type.Optional(Type.Array(MethodName, { minItems: 1, maxItems: 50 })),
    features: Type.Optional(oneOf('own', 'cross-organisation')),
    /** Incidents before the test time that a member knows: those it has labelled, all that befell it, or none. */
    labels: Type.Optional(oneOf('own', 'all', 'none')),
    model: Type.Optional(Type.Object({ hidden: EdgeScorer.properties.hidden }, closed)),
    training: Type.Optional(Training),
    /** How sums become the next model, as in a task; only of federated weights. */
    optimiser: TrainTask.properties.optimiser,
    /** `head`: each member has an output layer of its own, as in a task; only of federated weights. */
    personal: TrainTask.properties.personal,
    counting: Type.Optional(Counting),
    /** Scenarios of another simulated world, whose attacks every member learns from beside its own incidents. */
    publicAttacks: Type.Optional(Scenarios),
    /** Whether federated weights are trained by processes that encrypt their updates; true where left out. */
    encryption: Type.Optional(Type.Boolean()),
  },
  closed,
);

const whole = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });

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
    /** For every method that does not say otherwise. */
    model: Type.Optional(Type.Object({ hidden: EdgeScorer.properties.hidden }, closed)),
    training: Type.Optional(Training),
    counting: Type.Optional(Counting),
    methods: Type.Array(Method, { minItems: 1, maxItems: 50 }),
    /** Pairs of methods whose difference is told, seed by seed. */
    compare: Type.Optional(
      Type.Array(Type.Array(MethodName, { minItems: 2, maxItems: 2 }), { maxItems: 100 }),
    ),
  },
  closed,
);
export type ExperimentFile = Static<typeof ExperimentFile>;
