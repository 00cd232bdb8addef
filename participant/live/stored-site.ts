import type { FeatureSet } from '../../models/detection/feature-sets.ts';
import { CordonError } from '../../protocol/errors.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { type StreamState, fromBytes } from './stream-state.ts';

/** A checkpoint, with where it stands in the logs. */
export interface StoredSite extends Checkpoint {
  readonly state: StreamState;
}

/**
 * The last checkpoint, or null where there is none.
 * @param features what the rows of this site hold: bytes of another set would be misread
 * @throws CordonError ENCODING_INVALID where it is damaged; CONFIG_INVALID where its rows are of another set
 */
export async function storedSite(path: string, features: FeatureSet): Promise<StoredSite | null> {
  const checkpoint = await readCheckpoint(path);
  if (checkpoint === null) return null;
  const state = fromBytes(checkpoint.stream);
  if (state.features === features) return { ...checkpoint, state };
  throw new CordonError('CONFIG_INVALID', {
    expected: `a checkpoint with rows of ${features}, as policy.analytics is ${features === 'edge-v2' ? 'set' : 'not set'}`,
    got: `rows of ${state.features} in ${path}`,
    next: 'set policy.analytics as it was to go on from it; or remove that file: twin, history and samples are then made again from the logs that are still there',
  });
}
