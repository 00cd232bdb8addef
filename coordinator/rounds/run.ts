import { hashObject } from '../../crypto/public/hash-object.ts';
import { rosterHash } from '../../crypto/public/roster.ts';
import { toCordonError } from '../../protocol/errors.ts';
import { type RoundFailure, type RunSummary, plainFailure } from '../../protocol/messages/runs.ts';
import type { Task } from '../../protocol/task.ts';
import type { CoordinatorModules } from '../modules.ts';
import { Round } from '../round.ts';
import type { Keying } from './keying.ts';
import { roundReport } from './round-report.ts';
import { CANCELLED } from './run-failures.ts';
import type { RunWork } from './run-work.ts';
import { SketchWork } from './sketch-work.ts';
import { TrainingWork } from './training-work.ts';

/** Connected committee members answer within milliseconds; one that hangs costs a round no more than this. */
const SETTLE_MS = 3000;

/** A task carried out round after round. */
export class Run {
  readonly id: string;
  readonly task: Task;
  readonly firstRound: number;
  readonly taskHash: string;
  /** Hash of what the last published sum has become (a model, an answer), of what the first round stands on before. */
  model: string;
  status: RunSummary['status'] = 'running';
  failure: RoundFailure | null = null;
  current: Round | null = null;
  private cancelled = false;
  private readonly modules: CoordinatorModules;
  private readonly work: RunWork;
  private readonly onChange: () => void;

  constructor(
    run: { readonly id: string; readonly task: Task; readonly firstRound: number },
    modules: CoordinatorModules,
    onChange: () => void,
  ) {
    this.id = run.id;
    this.task = run.task;
    this.firstRound = run.firstRound;
    this.modules = modules;
    this.onChange = onChange;
    const { id, task, firstRound } = run;
    this.work =
      task.kind === 'count-sketch'
        ? new SketchWork({ id, task }, modules, onChange)
        : new TrainingWork({ task, firstRound }, modules);
    this.model = this.work.first;
    this.taskHash = hashObject(modules.primitives, 'cordon/v1/task', run.task);
  }

  /** Hash of what the first round stands on; of a sketch task once its key is made. */
  get first(): string {
    return this.work.first;
  }

  /** The making of the run's key, while it goes on. */
  get keying(): Keying | null {
    return this.work.keying;
  }

  /** Position of the round in this run, from 1; 0 before the first. */
  get step(): number {
    return this.current ? this.current.round - this.firstRound + 1 : 0;
  }

  /** Runs all rounds; ends early when one fails or the run is cancelled. */
  async carryOut(): Promise<void> {
    const { log } = this.modules;
    await log.append('task', {
      run: this.id,
      taskHash: this.taskHash,
      firstRound: this.firstRound,
      task: this.task,
    });
    await this.prepare();
    for (let step = 1; step <= this.task.rounds && this.status === 'running'; step++) {
      await this.work.due(step);
      await this.oneRound(this.firstRound + step - 1);
    }
    if (this.status === 'running') {
      await this.work.finish(this.model);
      await log.append('finish', { run: this.id, rounds: this.task.rounds, modelHash: this.model });
      this.status = 'finished';
    }
    this.onChange();
  }

  /** Between two rounds the next one starts cancelled, so that the end stands in the log. */
  cancel(): void {
    this.cancelled = true;
    this.work.cancel();
    if (this.current) cancelRound(this.current);
  }

  /** A run that cannot begin ends before its first round. */
  private async prepare(): Promise<void> {
    const failure = await this.work.prepare();
    this.model = this.work.first;
    if (failure === null) return;
    await this.modules.log.append('abort', { run: this.id, round: this.firstRound, ...failure });
    this.modules.logger.warn({ run: this.id, ...failure }, 'run does not begin');
    this.failure = failure;
    this.status = failure.code === 'ROUND_CANCELLED' ? 'cancelled' : 'failed';
  }

  private async oneRound(number: number): Promise<void> {
    const round = new Round(
      {
        config: this.roundConfig(number),
        transcript: this.transcriptFields(number),
        nextModel: (path, members) => this.work.next({ path, members, round: number, before: this.model }),
        onPublished: (modelHash) => {
          this.model = modelHash;
        },
        onChange: this.onChange,
      },
      this.modules,
    );
    this.current = round;
    if (this.cancelled) cancelRound(round);
    this.onChange();
    // Deadlines and graces pass without anybody saying so.
    const timer = setInterval(() => {
      void round.driver.handle({ type: 'tick' }).then(() => round.askStandIns());
    }, 100);
    const state = await round.driver.finished;
    clearInterval(timer);
    // First the report, then the status: whoever sees the run over finds the reports of all its rounds that were kept.
    await this.report(round);
    // What cannot be removed is no reason to end the run; it is tried again after the next round.
    await this.modules.uploads.dropBefore(number).catch((error: unknown) => {
      this.modules.logger.warn(toCordonError(error).toWire(), 'old uploads stay on disk');
    });
    if (state.phase === 'failed') {
      this.failure = state.failure && plainFailure(state.failure);
      this.status = state.failure?.code === 'ROUND_CANCELLED' ? 'cancelled' : 'failed';
    }
  }

  private roundConfig(round: number) {
    const { roster } = this.modules;
    const { deadlines, kMin } = this.task;
    return {
      round,
      members: roster.members.map(({ id }) => id),
      committee: roster.committee,
      threshold: roster.threshold,
      kMin,
      advertiseMs: 1000 * deadlines.advertiseSeconds,
      collectMs: 1000 * deadlines.collectSeconds,
      graceMs: 1000 * deadlines.graceSeconds,
      // Each of the three phases after the close may take as long as the task gives the committee.
      checkMs: 1000 * deadlines.openSeconds,
      openMs: 1000 * deadlines.openSeconds,
      auditMs: 1000 * deadlines.openSeconds,
      auditors: roster.cRoster + 1,
      settleMs: SETTLE_MS,
    };
  }

  private transcriptFields(round: number) {
    const { roster, primitives } = this.modules;
    const { kMin, deadlines } = this.task;
    return {
      consortium: roster.consortium,
      epoch: roster.epoch,
      rosterHash: rosterHash(primitives, roster),
      run: this.id,
      round,
      taskHash: this.taskHash,
      modelHash: this.model,
      ...this.work.shape,
      dp: null,
      groups: null,
      kMin,
      deadline: { collectSeconds: deadlines.collectSeconds, graceSeconds: deadlines.graceSeconds },
    };
  }

  /**
   * Keeps what operators are shown of a round. Nobody else needs it: members go by the log. Where it cannot be kept (a
   * disk that is full) the operator's log says so and the run goes on, with no report of that round. A disk that stays
   * full ends the run all the same, with the next entry of the log or the next model.
   */
  private async report(round: Round): Promise<void> {
    await this.modules.rounds.saveReport(roundReport(round, this)).catch((error: unknown) => {
      this.modules.logger.warn(
        { run: this.id, round: round.round, ...toCordonError(error).toWire() },
        'there is no report of this round',
      );
    });
  }
}

function cancelRound(round: Round): void {
  void round.driver.handle({ type: 'failed', reason: CANCELLED });
}
