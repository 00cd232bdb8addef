import { expect, it } from 'vitest';
import type { PeriodCounts } from '../../participant/analytics/period-counts.ts';
import type { CountSketchTask } from '../../protocol/task.ts';
import { SketchFederation } from '../../test/sketch-federation.ts';
import { SKETCH_TASK } from '../../test/sketch-task.ts';
import { plainAnswers } from './plain-answers.ts';

it('answers without encryption are those that the members of a federation keep, cell for cell', async () => {
  const federation = await SketchFederation.start();
  try {
    await federation.ended(await federation.begin());
    const stored = await Promise.all(federation.members.map((_, i) => federation.answersOf(i)));
    const names = federation.members.map((_, i) => `org-${i + 1}`);
    const { keys } = federation.member(0).analytics.forMember;
    const key = await keys.find(stored[0]?.[0]?.keyHash ?? '');
    if (key === null) throw new Error('no key');
    const counts = new Map<string, PeriodCounts>(
      federation.members.map(({ analytics }, i) => [names[i] ?? '', analytics.counts]),
    );
    const task: CountSketchTask = SKETCH_TASK;
    const plain = plainAnswers(task, counts, () => new Uint8Array(), key);
    for (const [i, name] of names.entries()) {
      expect(stored[i]).toHaveLength(task.rounds);
      expect(stored[i]?.every(({ cells, own }) => cells.length > 0 && own.length > 0)).toBe(true);
      // Only the run and its number differ.
      expect(plain.get(name)?.map((answer) => ({ ...answer, run: '' }))).toEqual(
        stored[i]?.map((answer) => ({ ...answer, run: '' })),
      );
    }
  } finally {
    await federation.stop();
  }
});
