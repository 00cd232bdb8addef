import type { RandomBytes } from '../../crypto/public/primitives.ts';
import { TaskKey } from '../../crypto/secret/task-key.ts';
import { sketchLength } from '../../models/analytics/count-sketch.ts';
import { answerOf } from '../../models/analytics/sketch-answer.ts';
import { fillSketch } from '../../participant/analytics/fill-sketch.ts';
import type { PeriodCounts } from '../../participant/analytics/period-counts.ts';
import { type StoredAnswer, sparse } from '../../participant/analytics/stored-answer.ts';
import { noisedCells } from '../../participant/privatise/noised-cells.ts';
import type { CountSketchTask } from '../../protocol/task.ts';

const RUN = 'run-0000000000000001';

/** The key of a simulation, where nothing has to stay secret. */
export const SIMULATED_KEY = new TaskKey('0'.repeat(64), new Uint8Array(32).fill(1));

/**
 * The answers of a sketch task as every member keeps them, by the same functions as in a federation, without encryption:
 * all members' counts are at hand, which a federation exists to avoid.
 * @param counts of each member
 * @param random source of the noise; a seeded one makes the answers repeatable
 * @param key that names are counted under
 */
export function plainAnswers(
  task: CountSketchTask,
  counts: ReadonlyMap<string, PeriodCounts>,
  random: RandomBytes,
  key: TaskKey = SIMULATED_KEY,
): Map<string, StoredAnswer[]> {
  const { sketch, encoding, noise, floor, period } = task;
  const answers = new Map([...counts.keys()].map((member) => [member, [] as StoredAnswer[]]));
  for (let round = 1; round <= task.rounds; round++) {
    const from = period.first + (round - 1) * 1000 * period.seconds;
    const to = from + 1000 * period.seconds;
    const sum = new Uint32Array(sketchLength(sketch));
    const own = new Map<string, number[]>();
    for (const [member, one] of counts) {
      const { cells } = fillSketch(sketch, key, one.of(from, to));
      own.set(member, sparse(cells));
      const noised = noisedCells(cells, encoding, noise, random);
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (noised[i] ?? 0);
    }
    const cells = sparse(answerOf(sketch, encoding, sum, { floor, noise, members: counts.size }));
    for (const [member, list] of answers) {
      list.push({
        version: 1,
        epoch: 0,
        run: RUN,
        round,
        keyHash: key.hash,
        sketch,
        noisy: noise !== null,
        from,
        to,
        visibleFrom: to + 1000 * period.delaySeconds,
        members: counts.size,
        cells,
        own: own.get(member) ?? [],
      });
    }
  }
  return answers;
}
