import type { SeededStream } from '../../models/seeded-stream.ts';
import { seededStream } from '../train/seeded-stream.ts';

/** The stream that rounds a member's update in one round; `seed` is the member's own, as for `localRound`. */
export function roundingStream(seed: number | string, round: number): SeededStream {
  return seededStream('rounding', seed, round);
}
