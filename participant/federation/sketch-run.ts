import { readFile } from 'node:fs/promises';
import { bytesToUint32, toHex, uint32ToBytes } from '../../crypto/public/encoding.ts';
import { KeyingRecord } from '../../crypto/public/keying-record.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { type Roster, rosterHash } from '../../crypto/public/roster.ts';
import { sketchAfter } from '../../crypto/public/task-key.ts';
import { sketchLength } from '../../models/analytics/count-sketch.ts';
import { answerOf } from '../../models/analytics/sketch-answer.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import type { CountSketchTask } from '../../protocol/task.ts';
import type { AnswerStore } from '../analytics/answer-store.ts';
import { dense, sparse } from '../analytics/stored-answer.ts';
import { type CountingSum, type RoundShape, RunView, otherHash, otherLength } from './run-view.ts';
import type { SumStore } from './sum-store.ts';

export interface SketchRunModules {
  readonly primitives: PublicPrimitives;
  readonly roster: Roster;
  readonly answers: AnswerStore;
  /**
   * Event time, milliseconds, that the features have passed without an answer that comes now; 0 where the answer of such a
   * task is read with all events.
   */
  readonly passedBy: (pace: CountSketchTask['pace']) => number;
}

/** A run of a sketch task: its key as the log tells it, and the answers, each kept before anything is made of it. */
export class SketchRun extends RunView {
  readonly task: CountSketchTask;
  readonly shape: RoundShape;
  readonly keying: KeyingRecord;
  private readonly modules: SketchRunModules;
  private latest: string | null = null;

  /** @throws CordonError LOG_INVALID where the log names another hash than the task has; ModelError for a bad sketch */
  constructor(body: LogBody<'task'> & { readonly task: CountSketchTask }, modules: SketchRunModules) {
    const { primitives, roster } = modules;
    super(body, primitives);
    this.modules = modules;
    this.task = body.task;
    const { sketch, encoding } = body.task;
    const quantiser = { clipNorm: sketch.cap, bits: encoding.bits };
    this.shape = {
      length: sketchLength(sketch),
      layout: encoding.layout,
      valueBits: encoding.bits,
      quantiser,
    };
    this.keying = new KeyingRecord(primitives, roster, {
      consortium: roster.consortium,
      epoch: roster.epoch,
      rosterHash: rosterHash(primitives, roster),
      run: body.run,
      taskHash: this.taskHash,
    });
  }

  get epoch(): number {
    return this.modules.roster.epoch;
  }

  /** Whether all answers that the log has are kept. */
  get settled(): boolean {
    return this.pending.length === 0;
  }

  /** The period of a round, milliseconds on the clock of the events. */
  periodOf(round: number): { readonly from: number; readonly to: number } {
    const { first, seconds } = this.task.period;
    const from = first + (round - this.firstRound) * 1000 * seconds;
    return { from, to: from + 1000 * seconds };
  }

  async standing(sums: SumStore): Promise<string> {
    this.latest ??= this.keying.start;
    for (let next = this.pending[0]; next; next = this.pending[0]) {
      if (this.latest === null) throw noKey(this.run);
      this.latest = await this.take(next, this.latest, sums);
      this.pending.shift();
      sums.clear(next.opened.round);
    }
    if (this.latest === null) throw noKey(this.run);
    return this.latest;
  }

  private async take({ opened, hash, own }: CountingSum, before: string, sums: SumStore): Promise<string> {
    const { round, members } = opened;
    const { answers } = this.modules;
    const stored = await answers.read(this.run, round);
    const cells = stored ? dense(stored.cells, this.shape.length) : await this.cellsOf(opened, sums);
    const digest = toHex(this.primitives.sha256(uint32ToBytes(cells)));
    const after = sketchAfter(this.primitives, before, { round, members, cells: digest });
    if (after !== hash) throw otherHash('answer', round, after, hash);
    if (!stored) {
      const answer = {
        version: 1 as const,
        epoch: this.epoch,
        run: this.run,
        round,
        keyHash: this.keying.keyHash ?? '',
        sketch: this.task.sketch,
        noisy: this.task.noise !== null,
        ...this.periodOf(round),
        members,
        cells: sparse(cells),
        own: own ? await answers.own(this.run, round) : [],
      };
      await answers.put(answer, () => this.visibleFrom(round));
    }
    return after;
  }

  private async cellsOf(opened: LogBody<'opened'>, sums: SumStore): Promise<Uint32Array<ArrayBuffer>> {
    const { sketch, encoding, floor, noise } = this.task;
    if (opened.sumBytes !== 4 * this.shape.length) throw otherLength(4 * this.shape.length, opened.sumBytes);
    const path = await sums.fetch(opened, this.shape.layout);
    const sum = bytesToUint32(new Uint8Array(await readFile(path)));
    return answerOf(sketch, encoding, sum, { floor, noise, members: opened.members });
  }

  /**
   * A set time after the period's end, and never before what the features have passed already, so that a replay of the
   * events, which finds the answer there from the beginning, reads it for the same events.
   */
  private visibleFrom(round: number): number {
    const { pace, period } = this.task;
    const due = this.periodOf(round).to + 1000 * period.delaySeconds;
    // A log may have fractions of a millisecond; an answer has none.
    return Math.max(due, Math.ceil(this.modules.passedBy(pace)));
  }
}

function noKey(run: string): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: `the key of ${run} before its rounds`,
    got: 'a round without it',
    next: 'take no part; the coordinator leaves out how the key was made',
  });
}
