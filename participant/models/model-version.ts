import Type, { type Static } from 'typebox';
import { hashObject } from '../../crypto/public/hash-object.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import type { Architecture } from '../../models/detection/model.ts';
import { EdgeScorer, Layers } from '../../protocol/task.ts';
import { closed, Hash, MemberId, Name, RoundNumber, RunId, Time } from '../../protocol/messages/fields.ts';

export const ModelId = Type.String({ pattern: '^model-[0-9a-f]{16}$' });

/** As the model's hash covers it; what sizes it may have is checked where weights are laid out. */
const rows = { features: Name, inputs: Type.Integer({ minimum: 1, maximum: 4096 }) };
const AnyArchitecture = Type.Unsafe<Architecture>(
  Type.Union([
    Type.Object({ ...EdgeScorer.properties, ...rows }, closed),
    Type.Object({ ...Layers.properties, ...rows }, closed),
  ]),
);

/** The task as it was, in whatever version of the protocol; `taskHash` says that it is that. */
const PastTask = Type.Object({
  name: Name,
  optimiser: Type.Optional(Type.Object({ kind: Name })),
});

/** Rounds in a row with the same contributors, under the same roster. */
const Rounds = Type.Object(
  {
    from: RoundNumber,
    to: RoundNumber,
    epoch: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }),
    contributors: Type.Array(MemberId, { maxItems: 1024 }),
  },
  closed,
);
export type Rounds = Static<typeof Rounds>;

const ofTask = {
  taskHash: Hash,
  task: PastTask,
  /** Hash of the model that training began from. */
  firstModel: Hash,
};

/** What a participant has recomputed itself from the sums of a run. */
const FromFederation = Type.Object(
  {
    kind: Type.Literal('federation'),
    consortium: MemberId,
    /** In force at the end. */
    epoch: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }),
    run: RunId,
    ...ofTask,
    /** Those whose sums make the model, in order. */
    rounds: Type.Array(Rounds, { maxItems: 100_000 }),
    /** The entry of the coordinator's log that ends the run: its place, its hash, and its time by the coordinator's clock. */
    ended: Type.Object(
      { index: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), hash: Hash, time: Time },
      closed,
    ),
  },
  closed,
);

/** What a method of an experiment has come to. */
const FromExperiment = Type.Object(
  {
    kind: Type.Literal('experiment'),
    method: MemberId,
    /** Of all that decides the method's figures, beside the seed. */
    methodHash: Hash,
    seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
    weights: Type.Union([Type.Literal('local'), Type.Literal('federated'), Type.Literal('pooled')]),
    encrypted: Type.Boolean(),
    /** Whose data it was trained on; one of them where it is a member's own. */
    members: Type.Array(MemberId, { minItems: 1, maxItems: 1024 }),
    ...ofTask,
  },
  closed,
);

const facts = {
  /** SHA-256 of architecture and weights, as the log of a consortium names it. */
  modelHash: Hash,
  architecture: AnyArchitecture,
  /** Values in the weight vector. */
  parameters: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }),
  origin: Type.Union([FromFederation, FromExperiment]),
  /** The version that was the newest of its participant before this one; training does not begin from it. */
  previous: Type.Union([Type.Null(), ModelId]),
};

/** A version of a model and where it comes from: the header of its file. */
export const ModelVersion = Type.Object({ id: ModelId, ...facts }, closed);
export type ModelVersion = Static<typeof ModelVersion>;
export type VersionFacts = Omit<ModelVersion, 'id'>;
export type FederationOrigin = Static<typeof FromFederation>;
export type ExperimentOrigin = Static<typeof FromExperiment>;

/** A version by its content: the same facts have the same id everywhere. */
export function versionOf(primitives: PublicPrimitives, version: VersionFacts): ModelVersion {
  const hash = hashObject(primitives, 'cordon/v1/model-version', version);
  return { id: `model-${hash.slice(0, 16)}`, ...version };
}
