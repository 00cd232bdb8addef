import Type from 'typebox';
import { closed } from '../../protocol/messages/fields.ts';
import { EdgeScorer, Layers, TrainTask } from '../../protocol/task.ts';
import { UNTRAINED_RULES } from '../evaluate/untrained.ts';
import { ATTACKS } from '../attacks/attack.ts';
import { ROBUST } from './robust.ts';

const { training } = TrainTask.properties;

/** Names become file names and columns of tables. */
export const MethodName = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'a name of 1 to 63 lower-case letters, digits and hyphens, the first no hyphen',
});

/** One of them: units of the one hidden layer, or layers as a task has them. */
export const CommonModel = Type.Object(
  {
    hidden: Type.Optional(EdgeScorer.properties.hidden),
    layers: Type.Optional(Layers.properties.layers),
  },
  closed,
);

/** Steps of training; a method's own values stand before those of the experiment. */
export const Training = Type.Object(
  {
    rounds: Type.Optional(TrainTask.properties.rounds),
    /** Local steps a round. Training alone and pooled take `rounds * steps` steps. */
    steps: Type.Optional(training.properties.steps),
    batch: Type.Optional(training.properties.batch),
    learningRate: Type.Optional(training.properties.learningRate),
    solver: training.properties.solver,
    corrupted: Type.Optional(training.properties.corrupted),
    corruptedAlone: training.properties.corruptedAlone,
    incidents: training.properties.incidents,
    novel: training.properties.novel,
    /** Share of the members that take part in a round, drawn by the seed, at least three: simulated. */
    participation: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    /** Greatest norm of a federated update. */
    clipNorm: Type.Optional(TrainTask.properties.quantiser.properties.clipNorm),
  },
  closed,
);

/** How members count together for the features `cross-organisation`. */
export const Counting = Type.Object(
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

export const oneOf = <const T extends string>(...names: T[]) =>
  Type.Unsafe<T>(Type.Union(names.map((name) => Type.Literal(name))));

/** Names of built-in scenarios, or files by their path from this file. */
export const Scenarios = Type.Array(Type.String({ minLength: 1, maxLength: 1024 }), {
  minItems: 1,
  maxItems: 20,
});

/** A set of members that the experiment names. */
export const TrackName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,31}$',
  description: 'a name of 1 to 32 lower-case letters, digits and hyphens, beginning with a letter',
});

/** Members that poison the federation, and with what. */
const Attack = Type.Object(
  {
    kind: oneOf(...ATTACKS),
    members: TrackName,
    /** What an update is multiplied by, before it is clipped like any other. */
    factor: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
    /** Benign logons that a false list of incidents names. */
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 20_000 })),
  },
  closed,
);

/** Groups of members of which each is opened as a sum of its own, and how the groups become one update. */
const Aggregation = Type.Object(
  { kind: oneOf(...ROBUST), groups: Type.Integer({ minimum: 3, maximum: 100 }) },
  closed,
);

/** Differential privacy of all sums of a run, the unit being an organisation with all its data. */
const Privacy = Type.Object(
  {
    epsilon: Type.Number({ minimum: 0.01, maximum: 100_000 }),
    delta: Type.Optional(Type.Number({ minimum: 1e-12, maximum: 1e-2 })),
    unit: Type.Optional(Type.Literal('organisation')),
    /** Least contributors of a round; as many less those that may collude have to give enough noise. */
    atLeast: Type.Optional(Type.Integer({ minimum: 3, maximum: 1024 })),
    colluding: Type.Optional(Type.Integer({ minimum: 0, maximum: 1023 })),
  },
  closed,
);

/** How training rows are dealt out; which numbers belong to which kind is checked with the method. */
const Partition = Type.Object(
  {
    kind: oneOf('iid', 'dirichlet', 'pathological', 'shards'),
    /** What a row is labelled by: where it comes from, or what kind of row it is. */
    by: Type.Optional(oneOf('organisation', 'kind')),
    alpha: Type.Optional(Type.Number({ minimum: 0.001, maximum: 1e6 })),
    /** Rows that each member has at least, of each kind of row. */
    least: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    labels: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    shards: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  closed,
);

/** A word of a command line, or a path. */
const Word = Type.String({ minLength: 1, maxLength: 4096, pattern: '^[^\\u0000]+$', description: 'a word' });

/** A program of somebody's own, in any language, that scores rows. */
const Program = Type.Object(
  {
    /** Program and arguments, never given to a shell; the folder with the rows comes behind them. */
    command: Type.Array(Word, { minItems: 1, maxItems: 100 }),
    /** Whether it is run for each member with its rows alone, or once with those of all. */
    per: Type.Optional(oneOf('member', 'all')),
    /** More files that decide what it does: their hashes are part of the results, as those of files in the command. */
    files: Type.Optional(Type.Array(Word, { maxItems: 100 })),
    /** Longest time of a run. */
    seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800 })),
    /** Whether the folders with rows and scores stay. */
    keep: Type.Optional(Type.Boolean()),
  },
  closed,
);

export const ColdStart = Type.Object(
  { members: TrackName, days: Type.Integer({ minimum: 1, maximum: 999 }) },
  closed,
);

const size = Type.Optional(Type.Integer({ minimum: 1, maximum: 4096 }));

/** The edge scorer, layers as a task has them, or with `kind: graph-encoder` a graph encoder over windows of the events: simulated, never encrypted. */
const Model = Type.Object(
  {
    kind: Type.Optional(oneOf('edge-scorer', 'layers', 'graph-encoder')),
    /** Units of the edge scorer's hidden layer, or values of a host in the layers of the graph encoder. */
    hidden: Type.Optional(EdgeScorer.properties.hidden),
    layers: Type.Optional(Layers.properties.layers),
    /** Values of a host from window to window, and units of the edge decoder. */
    state: size,
    decoder: size,
    /** The states that authentications are judged by: those before their window, or after it, when it is over. */
    judges: Type.Optional(oneOf('before', 'after')),
    windowSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 86_400 })),
    /** Windows that a step goes back through, and stretches of so many windows in a step. */
    windows: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 })),
    stretches: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    /** Beside the score of an edge scorer of the experiment's own settings, the graph's counts by this much; 0: the graph's alone. */
    fusion: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  },
  closed,
);

export const Method = Type.Object(
  {
    name: MethodName,
    /** Who trains the weights: each member its own, all together by rounds, or one on the rows of all. */
    weights: Type.Optional(oneOf('local', 'federated', 'pooled')),
    /** In place of weights: a rule that learns nothing. */
    rule: Type.Optional(oneOf(...UNTRAINED_RULES)),
    /** In place of both: somebody's own program. */
    program: Type.Optional(Program),
    /** In place of all of these: for each member the best of these methods, by its figures in the test time. */
    bestOf: Type.Optional(Type.Array(MethodName, { minItems: 1, maxItems: 50 })),
    features: Type.Optional(oneOf('own', 'cross-organisation')),
    /**
     * Of cross-organisation features: what a unit of what others have seen adds to a score that a model of own features gives;
     * 0: the model sees the columns itself.
     */
    evidence: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
    /** Incidents before the test time that a member knows: those it has labelled, all that befell it, or none. */
    labels: Type.Optional(oneOf('own', 'all', 'none')),
    model: Type.Optional(Model),
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
    /** Members that have joined late: only their last training days, and no labels; the experiment's where left out. */
    coldStart: Type.Optional(Type.Union([ColdStart, Type.Null()])),
    /** Members whose labels are left out. */
    unlabelled: Type.Optional(Type.Union([TrackName, Type.Null()])),
    /** Training rows of all organisations, dealt out to them anew: simulated. */
    partition: Type.Optional(Partition),
    /** Members that poison federated weights. */
    attack: Type.Optional(Attack),
    /** What becomes of federated updates in place of their mean: simulated, never encrypted. */
    aggregation: Type.Optional(Aggregation),
    /** Noise that each member adds to its update, in whole numbers: simulated. */
    privacy: Type.Optional(Privacy),
    /** How much a member's update counts: as much as any other, or in proportion to its events (simulated). */
    weighting: Type.Optional(oneOf('equal', 'size')),
  },
  closed,
);
