import { fits } from '../../crypto/public/params.ts';
import { MOST_KEY_HOLDERS } from '../../crypto/public/task-key.ts';
import { checkShape } from '../../models/analytics/count-sketch.ts';
import { bitsNeeded } from '../../models/analytics/sketch-answer.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { CountSketchTask, Task } from '../../protocol/task.ts';
import type { CoordinatorModules } from '../modules.ts';

function need(ok: boolean, expected: string, got: string): void {
  if (!ok) throw new CordonError('CONFIG_INVALID', { expected, got, next: 'correct the task file' });
}

/** @throws CordonError CONFIG_INVALID for a task that this roster cannot carry out; ModelError VALUE_OUT_OF_RANGE */
export function checkTask(task: Task, { roster }: Pick<CoordinatorModules, 'roster'>): void {
  const n = roster.members.length;
  const { layout, bits } = task.kind === 'count-sketch' ? task.encoding : task.quantiser;
  need(
    task.kMin >= roster.kMin && task.kMin <= n,
    `kMin from ${roster.kMin} (the roster's floor) to ${n} (its members)`,
    String(task.kMin),
  );
  const most = Math.max(
    0,
    ...Array.from({ length: bits }, (_, i) => i).filter((some) => fits(layout, some, n)),
  );
  need(
    fits(layout, bits, n),
    `at most ${most} bits in layout ${layout}: the sum of ${n} members must fit in one slot`,
    `${bits} bits`,
  );
  if (task.kind === 'count-sketch') checkSketch(task, n, roster.cRoster);
}

function checkSketch(task: CountSketchTask, members: number, cRoster: number): void {
  const { period, sketch, noise, floor, encoding, kMin } = task;
  checkShape(sketch);
  need(members <= MOST_KEY_HOLDERS, `at most ${MOST_KEY_HOLDERS} members in a sketch task`, String(members));
  const length = 1000 * period.seconds;
  need(
    period.first % length === 0,
    `a first period that begins at a multiple of ${length} ms`,
    String(period.first),
  );
  need(floor <= members, `a floor of at most ${members}, the members`, String(floor));
  const bits = bitsNeeded(sketch, noise);
  need(
    encoding.bits >= bits,
    `at least ${bits} bits for counts of ${sketch.cap} with their noise`,
    `${encoding.bits} bits`,
  );
  if (noise === null) return;
  const honest = kMin - cRoster;
  need(
    noise.shares <= honest,
    `noise in at most ${honest} shares: kMin less the ${cRoster} members that may collude`,
    String(noise.shares),
  );
}
