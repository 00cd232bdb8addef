import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { modelWith } from '../../models/detection/models.ts';
import type { TrainingRun } from '../federation/training-run.ts';
import type { VersionFacts } from './model-version.ts';
import type { RunRecord } from './run-record.ts';

/** What there is to say of the last model of a run that is over, but which version was before it. */
export function federatedVersion(
  { sha256 }: Pick<PublicPrimitives, 'sha256'>,
  consortium: string,
  { run, task, taskHash, architecture }: TrainingRun,
  weights: Float32Array,
  record: RunRecord,
): Omit<VersionFacts, 'previous'> {
  return {
    modelHash: modelHash(sha256, architecture, weights),
    architecture,
    parameters: weights.length,
    origin: {
      kind: 'federation',
      consortium,
      epoch: record.rounds.at(-1)?.epoch ?? 0,
      run,
      taskHash,
      task,
      firstModel: modelHash(sha256, architecture, modelWith(architecture).initialWeights(task.seed)),
      ...record,
    },
  };
}
