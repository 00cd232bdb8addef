import { setTimeout as sleep } from 'node:timers/promises';
import { hashObject } from '../../crypto/public/hash-object.ts';
import { rosterHash } from '../../crypto/public/roster.ts';
import { sketchLength } from '../../models/analytics/count-sketch.ts';
import type { RoundFailure } from '../../protocol/messages/runs.ts';
import type { CountSketchTask } from '../../protocol/task.ts';
import { nextAnswer } from '../aggregation/next-answer.ts';
import type { CoordinatorModules } from '../modules.ts';
import { Keying } from './keying.ts';
import type { RoundShape, RunWork } from './run-work.ts';

/** The clock is looked at so often while a period is waited for. */
const LOOK_MS = 250;

/** Count sketches of one period after another; each sum becomes an answer. First the members make the key of the run. */
export class SketchWork implements RunWork {
  readonly shape: RoundShape;
  private readonly task: CountSketchTask;
  private readonly modules: CoordinatorModules;
  private readonly making: Keying;
  private cancelled = false;

  constructor(
    run: { readonly id: string; readonly task: CountSketchTask },
    modules: CoordinatorModules,
    onChange: () => void,
  ) {
    const { task } = run;
    const { roster, primitives } = modules;
    const { bits, layout } = task.encoding;
    this.task = task;
    this.modules = modules;
    const length = sketchLength(task.sketch);
    // There is no norm here; what stands in its place is the most that a member puts into a cell.
    this.shape = { length, layout, valueBits: bits, quantiser: { clipNorm: task.sketch.cap, bits } };
    const place = {
      consortium: roster.consortium,
      epoch: roster.epoch,
      rosterHash: rosterHash(primitives, roster),
      run: run.id,
      taskHash: hashObject(primitives, 'cordon/v1/task', task),
    };
    this.making = new Keying({ place, kMin: task.kMin, deadlines: task.deadlines, onChange }, modules);
  }

  get keying(): Keying | null {
    return this.making.over ? null : this.making;
  }

  get first(): string {
    return this.making.record.start ?? '0'.repeat(64);
  }

  prepare(): Promise<RoundFailure | null> {
    return this.making.carryOut();
  }

  async due(step: number): Promise<void> {
    if (this.task.pace === 'replay') return;
    const { first, seconds, delaySeconds } = this.task.period;
    const at = first + 1000 * (step * seconds + delaySeconds);
    while (!this.cancelled && this.modules.now() < at) {
      await sleep(Math.min(LOOK_MS, Math.max(1, at - this.modules.now())));
    }
  }

  next(sum: { path: string; members: number; round: number; before: string }): Promise<string> {
    return nextAnswer({ ...sum, task: this.task }, this.modules.primitives);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  cancel(): void {
    this.cancelled = true;
    this.making.cancel();
  }
}
