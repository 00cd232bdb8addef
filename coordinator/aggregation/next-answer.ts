import { readFile } from 'node:fs/promises';
import { bytesToUint32, toHex, uint32ToBytes } from '../../crypto/public/encoding.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { sketchAfter } from '../../crypto/public/task-key.ts';
import { answerOf } from '../../models/analytics/sketch-answer.ts';
import type { CountSketchTask } from '../../protocol/task.ts';

export interface AnswerStep {
  readonly task: CountSketchTask;
  /** What the round stood on. */
  readonly before: string;
  readonly round: number;
  /** File of the opened sum. */
  readonly path: string;
  /** Contributors in the sum. */
  readonly members: number;
}

/**
 * What the next round of a sketch task stands on, from the file of an opened sum: the hash over the answer and those before.
 * @throws ModelError as `answerOf`
 */
export async function nextAnswer(step: AnswerStep, primitives: PublicPrimitives): Promise<string> {
  const { task, before, round, path, members } = step;
  const { sketch, encoding, floor, noise } = task;
  const sum = bytesToUint32(new Uint8Array(await readFile(path)));
  const cells = answerOf(sketch, encoding, sum, { floor, noise, members });
  const digest = toHex(primitives.sha256(uint32ToBytes(cells)));
  return sketchAfter(primitives, before, { round, members, cells: digest });
}
