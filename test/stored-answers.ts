import { TaskKey } from '../crypto/secret/task-key.ts';
import { CountSketch, STATISTICS, type SketchShape } from '../models/analytics/count-sketch.ts';
import { AnswerBook } from '../participant/analytics/answer-book.ts';
import { type StoredAnswer, sparse } from '../participant/analytics/stored-answer.ts';
import { HOUR_MS } from './sketch-task.ts';

const SHAPE: SketchShape = { width: 1024, depth: 3, statistics: [...STATISTICS], cap: 8, sources: 8 };
/** Between a period's end and when its answer is visible, milliseconds. */
export const DELAY = 120_000;
const keys = new Map(
  [1, 2].map((seed) => {
    const hash = String(seed).repeat(64);
    return [hash, new TaskKey(hash, new Uint8Array(32).fill(seed))] as const;
  }),
);
/** The keys named '111...' and '222...'. */
export const keyOf = (hash: string): TaskKey | null => keys.get(hash) ?? null;
export const bookOf = (answers: readonly StoredAnswer[] = []) => new AnswerBook(keyOf, answers);

export type Seen = Partial<Record<'members' | 'failures' | 'fresh', number>> & {
  account: string;
  source: string;
};

/** An answer in which so many have seen these names, this member once where it says so. */
export function answer(
  hour: number,
  seen: readonly Seen[],
  more: Partial<StoredAnswer> = {},
  own: readonly Seen[] = [],
): StoredAnswer {
  const keyHash = more.keyHash ?? '1'.repeat(64);
  const cellsOf = (all: readonly Seen[]): number[] => {
    const cells = new Uint32Array(new CountSketch(SHAPE).cells.length);
    for (const { account, source, members = 1, failures = 0, fresh = 0 } of all) {
      const one = new CountSketch({ ...SHAPE, cap: 255 });
      const key = keys.get(keyHash);
      if (!key) continue;
      const [a, s, p] = [
        key.mac('account', account),
        key.mac('source', source),
        key.mac('pair', account, source),
      ];
      one.add('account-failures', a, failures);
      one.add('source-failures', s, failures);
      one.add('account-new-pairs', a, fresh);
      one.add('source-new-pairs', s, fresh);
      one.cells.forEach((value, i) => (cells[i] = (cells[i] ?? 0) + value));
      const presence = new CountSketch(SHAPE);
      presence.add('account-prevalence', a, 1);
      presence.add('source-prevalence', s, 1);
      presence.add('pair-prevalence', p, 1);
      presence.cells.forEach((value, i) => (cells[i] = (cells[i] ?? 0) + value * members));
    }
    return sparse(cells);
  };
  const from = hour * HOUR_MS;
  return {
    version: 1,
    epoch: 0,
    run: 'run-0123456789abcdef',
    round: hour + 1,
    keyHash,
    sketch: { ...SHAPE, statistics: [...STATISTICS] },
    noisy: false,
    from,
    to: from + HOUR_MS,
    visibleFrom: from + HOUR_MS + DELAY,
    members: 5,
    cells: cellsOf(seen),
    own: cellsOf(own),
    ...more,
  };
}
