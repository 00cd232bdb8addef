import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
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
  const weights = await open(models.path(step.before), 'r');
  const sum = await open(step.sumPath, 'r').catch(async (error: unknown) => {
    await weights.close();
    throw error;
  });
  const written = await models.create();
  try {
    for (;;) {
      const [old, added] = [await piece(weights), await piece(sum)];
      if (old.length !== added.length) throw differentLengths(step);
      if (old.length === 0) break;
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

/** The next values of a file, PIECE of them unless it ends. */
async function piece(file: FileHandle): Promise<Uint8Array> {
  const bytes = new Uint8Array(4 * PIECE);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function differentLengths({ before, sumPath }: ModelStep): CordonError {
  return new CordonError('INTERNAL', {
    expected: `a sum as long as the model ${before}`,
    got: `another length in ${sumPath}`,
    next: 'check the disk of the coordinator',
  });
}
