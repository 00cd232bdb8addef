import { join } from 'node:path';
import { makeFolder } from '../../crypto/identity/make-folder.ts';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { hashObject } from '../../crypto/public/hash-object.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { architectureOf, modelOf } from '../../models/detection/models.ts';
import { MODEL_SUFFIX, writeModel } from '../../participant/models/model-file.ts';
import { type ExperimentOrigin, versionOf } from '../../participant/models/model-version.ts';
import { type Experiment, type TrainedMethod, trainTask } from './experiment.ts';
import { methodHash } from './hash.ts';

/** Whose models they are: the same fields decide where their files stand. */
interface KeptPlace {
  /** Folder of the experiment's results. */
  readonly out: string;
  readonly experiment: Experiment;
  readonly seed: number;
  readonly sites: { readonly sites: ReadonlyMap<string, unknown> };
}

/**
 * Leaves the last weights of a method and seed as model files beside its result: `seeds/SEED/METHOD.cordon`, or
 * `METHOD.MEMBER.cordon` where every member has its own.
 */
export async function keepModels(
  method: TrainedMethod,
  { out, experiment, seed, sites }: KeptPlace,
  weightsOf: (member: string) => Float32Array,
): Promise<void> {
  const { sha256 } = nodePrimitives;
  const task = trainTask(method, seed);
  const architecture = architectureOf(task.model);
  const members = [...sites.sites.keys()].toSorted();
  const folder = join(out, 'seeds', String(seed));
  await makeFolder(folder);
  const keep = async (name: string, whose: readonly string[], weights: Float32Array): Promise<void> => {
    const origin: ExperimentOrigin = {
      kind: 'experiment',
      method: method.name,
      methodHash: methodHash(experiment, method),
      seed,
      weights: method.weights,
      encrypted: method.encryption,
      members: [...whose],
      taskHash: hashObject(nodePrimitives, 'cordon/v1/task', task),
      task,
      firstModel: modelHash(sha256, architecture, modelOf(task.model).initialWeights(task.seed)),
    };
    const facts = { modelHash: modelHash(sha256, architecture, weights), architecture, origin };
    const version = versionOf(nodePrimitives, { ...facts, parameters: weights.length, previous: null });
    await writeModel(join(folder, `${name}${MODEL_SUFFIX}`), { version, weights });
  };
  const [first] = members;
  if (method.weights !== 'local' && method.personal === undefined)
    return keep(method.name, members, weightsOf(first ?? ''));
  for (const member of members) await keep(`${method.name}.${member}`, [member], weightsOf(member));
}
