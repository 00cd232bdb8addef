import { createHash } from 'node:crypto';
import { OpenFile } from '../../crypto/identity/open-file.ts';
import { bytesToUint32 } from '../../crypto/public/encoding.ts';
import { updateInPieces } from '../../models/detection/apply-update.ts';
import type { EdgeScorerArchitecture } from '../../models/detection/architecture.ts';
import { bytesToFloat32, float32ToBytes, modelHashStart } from '../../models/detection/model-hash.ts';
import type { Quantiser } from '../../models/detection/quantiser.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { ModelStore } from '../store/model-store.ts';

/** Values that are held at once. */
const PIECE = 64 * 1024;

export interface ModelStep {
  readonly architecture: EdgeScorerArchitecture;
  readonly quantiser: Quantiser;
  /** Hash of the model that the members trained from. */
  readonly before: string;
  /** File of the opened sum. */
  readonly sumPath: string;
  /** Contributors in the sum. */
  readonly members: number;
}

/**
 * The next model from the file of the one before and the file of the sum, piece by piece, into the store.
 * @returns its hash
 * @throws CordonError INTERNAL where the two files are not of one length; ModelError as `applyUpdate`
 */
export async function nextModel(step: ModelStep, models: ModelStore): Promise<string> {
  const hash = createHash('sha256').update(modelHashStart(step.architecture));
  const update = updateInPieces(step.architecture, step.members, step.quantiser);
  const weights = OpenFile.open(models.path(step.before), 'r');
  const sum = await openBeside(weights, step.sumPath);
  const written = await models.create();
  try {
    const { size } = weights;
    if (sum.size !== size) throw differentLengths(step);
    for (let at = 0; at < size; at += 4 * PIECE) {
      const length = Math.min(4 * PIECE, size - at);
      const [old, added] = [new Uint8Array(length), new Uint8Array(length)];
      const read = [await weights.read(old, at), await sum.read(added, at)];
      if (read.some((bytes) => bytes < length)) throw differentLengths(step);
      const next = new Float32Array(old.length / 4);
      update(bytesToFloat32(old), bytesToUint32(added), next);
      const bytes = float32ToBytes(next);
      hash.update(bytes);
      await written.write(bytes);
    }
    const digest = hash.digest('hex');
    await written.seal(models.path(digest), false);
    return digest;
  } finally {
    await written.discard();
    await weights.close();
    await sum.close();
  }
}

/** Opens a second file; where it cannot be opened, the first one is closed. */
async function openBeside(first: OpenFile, path: string): Promise<OpenFile> {
  try {
    return OpenFile.open(path, 'r');
  } catch (error) {
    await first.close();
    throw error;
  }
}

function differentLengths({ before, sumPath }: ModelStep): CordonError {
  return new CordonError('INTERNAL', {
    expected: `a sum as long as the model ${before}`,
    got: `another length in ${sumPath}`,
    next: 'check the disk of the coordinator',
  });
}
