import { createHash } from 'node:crypto';
import { OpenFile } from '../../crypto/identity/open-file.ts';
import { bytesToUint32 } from '../../crypto/public/encoding.ts';
import { bytesToFloat32, float32ToBytes } from '../../models/detection/model-hash.ts';
import type { FederatedModel } from '../../models/federated/federated-model.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { ModelStore } from '../store/model-store.ts';

/** Values that are held at once of each file and vector. */
const PIECE = 64 * 1024;

export interface ModelStep {
  readonly federated: FederatedModel;
  /** Hash of the state that the members trained from. */
  readonly before: string;
  /** File of the opened sum. */
  readonly sumPath: string;
  /** Contributors in the sum. */
  readonly members: number;
  /** Whether it is the sum of the run's last round. */
  readonly isLast: boolean;
}

/**
 * The next state (weights, and what the optimiser keeps) from the file of the one before and the file of the sum, piece by
 * piece, into the store: one vector after the other, each in a pass over both files.
 * @returns its hash
 * @throws CordonError INTERNAL where the files are not of the task's lengths; ModelError as `FederatedModel.pieces`
 */
export async function nextModel(step: ModelStep, models: ModelStore): Promise<string> {
  const { federated, isLast } = step;
  const { shape, sent } = federated;
  const sections = federated.sectionsAfter(isLast);
  const hash = createHash('sha256').update(federated.hashStart(sections));
  const state = OpenFile.open(models.path(step.before), 'r');
  const sum = await openBeside(state, step.sumPath);
  const written = await models.create();
  try {
    const starts = startsOf(step, state.size);
    if (sum.size !== 4 * sent.length) throw otherLength(step);
    const behind = bytesToUint32(await readAt(sum, shape.length, sent.length - shape.length, step));
    const update = federated.pieces(step.members, behind);
    for (let section = 0; section < sections; section++) {
      const length = federated.sectionLength(section);
      for (let from = 0; from < length; from += PIECE) {
        const count = Math.min(PIECE, length - from);
        const before: Float32Array[] = [];
        for (const [vector, start] of starts.entries()) {
          const [place, values] = federated.isSingle(vector) ? [start, 1] : [start + from, count];
          before.push(bytesToFloat32(await readAt(state, place, values, step)));
        }
        const added = federated.isSingle(section)
          ? behind
          : bytesToUint32(await readAt(sum, from, count, step));
        const next = new Float32Array(count);
        update(section, before, added, next, from);
        const bytes = float32ToBytes(next);
        hash.update(bytes);
        await written.write(bytes);
      }
    }
    const digest = hash.digest('hex');
    await written.seal(models.path(digest), false);
    return digest;
  } finally {
    await written.discard();
    await state.close();
    await sum.close();
  }
}

/** Where the vectors of a state's file begin, in values: all of them, or the weights alone. */
function startsOf(step: ModelStep, bytes: number): number[] {
  const { federated } = step;
  const starts: number[] = [];
  let end = 0;
  for (let section = 0; section < federated.sectionsAfter(false); section++) {
    starts.push(end);
    end += federated.sectionLength(section);
  }
  if (bytes === 4 * end) return starts;
  if (bytes === 4 * federated.shape.length) return [0];
  throw otherLength(step);
}

/** @param from,count in values of four bytes */
async function readAt(file: OpenFile, from: number, count: number, step: ModelStep): Promise<Uint8Array> {
  const bytes = new Uint8Array(4 * count);
  if ((await file.read(bytes, 4 * from)) < bytes.length) throw otherLength(step);
  return bytes;
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

function otherLength({ before, sumPath, federated }: ModelStep): CordonError {
  return new CordonError('INTERNAL', {
    expected: `vectors of ${federated.shape.length} values in the model ${before} and its sum`,
    got: `another length there or in ${sumPath}`,
    next: 'check the disk of the coordinator',
  });
}
