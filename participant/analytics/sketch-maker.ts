import { setImmediate } from 'node:timers/promises';
import type { RandomBytes } from '../../crypto/public/primitives.ts';
import { sketchPrivacy } from '../../models/analytics/sketch-privacy.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { AnalyticsPolicy } from '../federation/site-policy.ts';
import type { SketchRun } from '../federation/sketch-run.ts';
import { noisedCells } from '../privatise/noised-cells.ts';
import type { AnswerStore } from './answer-store.ts';
import { fillSketch } from './fill-sketch.ts';
import type { PeriodCounts } from './period-counts.ts';
import type { PrivacyLedger } from './privacy-ledger.ts';
import { sparse } from './stored-answer.ts';
import type { TaskKeys } from './task-keys.ts';

export interface SketchMakerModules {
  readonly keys: TaskKeys;
  readonly counts: PeriodCounts;
  readonly ledger: PrivacyLedger;
  readonly answers: AnswerStore;
  /** Source of the noise. */
  readonly random: RandomBytes;
  readonly policy: AnalyticsPolicy;
  readonly elapsed: () => number;
  /** The clock, milliseconds of Unix time. */
  readonly now: () => number;
}

/** One member's vector for a round of a sketch task. */
export interface MadeSketch {
  readonly values: Uint32Array;
  readonly costs: { readonly trainMs: number; readonly quantiseMs: number };
}

/**
 * The sketch of a round's period with this member's share of the noise. Its cost is debited, on disk, before anything of
 * it is made; the round's vector leaves once, so a crash afterwards costs budget and never more than was debited.
 * @throws CordonError TASK_KEY_INVALID, BUDGET_EXHAUSTED; STALE_ROUND where the period is not over by this site's clock, to
 *   be tried again; DATA_INSUFFICIENT where it is not kept any more
 */
export async function makeSketch(
  run: SketchRun,
  round: number,
  modules: SketchMakerModules,
): Promise<MadeSketch> {
  const { keys, counts, ledger, answers, random, policy, elapsed, now } = modules;
  const { task } = run;
  const started = elapsed();
  const key = keys.keyOf(run);
  const { from, to } = run.periodOf(round);
  if (task.pace === 'clock' && now() < to) throw tooEarly(to, now());
  if (from < counts.completeFrom) throw tooOld(from, counts.completeFrom);
  const { rho } = sketchPrivacy(task, policy.delta);
  const budget = { epsilon: policy.mostEpsilon, delta: policy.delta };
  const debit = { run: run.run, round, epoch: run.epoch, from, rho: rho === Infinity ? null : rho };
  await ledger.debit(debit, budget);
  const sketch = fillSketch(task.sketch, key, counts.of(from, to));
  await answers.putOwn(run.run, round, { epoch: run.epoch, cells: sparse(sketch.cells) });
  const filled = elapsed();
  await setImmediate();
  const values = noisedCells(sketch.cells, task.encoding, task.noise, random);
  return { values, costs: { trainMs: filled - started, quantiseMs: elapsed() - filled } };
}

function tooEarly(to: number, now: number): CordonError {
  return new CordonError('STALE_ROUND', {
    expected: `a period that is over, at ${to} ms`,
    got: `${now} ms by the clock of this site`,
    next: 'the participant tries again; should it take long, compare the clocks',
  });
}

function tooOld(from: number, completeFrom: number): CordonError {
  return new CordonError('DATA_INSUFFICIENT', {
    expected: `the events from ${from} ms on`,
    got: `counts from ${completeFrom} ms on; older ones have made room`,
    next: 'begin the task at a later period',
  });
}
