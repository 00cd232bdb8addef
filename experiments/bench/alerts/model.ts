import { nodePrimitives } from '../../../crypto/identity/node-primitives.ts';
import { hashObject } from '../../../crypto/public/hash-object.ts';
import { modelHash } from '../../../models/detection/model-hash.ts';
import { architectureOf, modelWith } from '../../../models/detection/models.ts';
import { AT } from '../../../participant/features/edge-v1.ts';
import { writeModel } from '../../../participant/models/model-file.ts';
import { versionOf } from '../../../participant/models/model-version.ts';
import { demoTask } from '../../evaluate/demo-task.ts';

/** A model of the usual size that finds what is new: how long scoring takes does not depend on what was learnt. */
export async function writeNoveltyModel(path: string): Promise<void> {
  const { sha256 } = nodePrimitives;
  const task = demoTask(1, 1);
  const architecture = architectureOf(task.model);
  if (architecture.kind !== 'edge-scorer') throw new TypeError('the demo trains an edge scorer');
  const { inputs, hidden } = architecture;
  const first = modelWith(architecture).initialWeights(task.seed);
  const weights = first.map((value) => value / 100);
  // Unit 0 adds up what is new; the other units do their share of the work and say little.
  for (const name of ['edgeNew', 'accountDestinationNew', 'accountSourceNew'] as const)
    weights[AT[name] * hidden] = 2;
  weights[(inputs + 1) * hidden] = 1;
  const facts = {
    modelHash: modelHash(sha256, architecture, weights),
    architecture,
    parameters: weights.length,
    origin: {
      kind: 'experiment' as const,
      method: 'bench',
      methodHash: hashObject(nodePrimitives, 'cordon/v1/task', task),
      seed: 1,
      weights: 'local' as const,
      encrypted: false,
      members: ['org-1'],
      taskHash: hashObject(nodePrimitives, 'cordon/v1/task', task),
      task,
      firstModel: modelHash(sha256, architecture, first),
    },
    previous: null,
  };
  await writeModel(path, { version: versionOf(nodePrimitives, facts), weights });
}
