import { hashObject } from '../../crypto/public/hash-object.ts';
import { fits } from '../../crypto/public/params.ts';
import { rosterHash } from '../../crypto/public/roster.ts';
import { type EdgeScorerArchitecture, weightCount } from '../../models/detection/architecture.ts';
import { initialWeights } from '../../models/detection/edge-scorer.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { type RoundFailure, type RunSummary, plainFailure } from '../../protocol/messages/runs.ts';
import type { Task } from '../../protocol/task.ts';
import type { CoordinatorModules } from '../modules.ts';
import { nextModel } from '../aggregation/next-model.ts';
import { Round } from '../round.ts';
import { roundReport } from './round-report.ts';

/** Connected committee members answer within milliseconds; one that hangs costs a round no more than this. */
const SETTLE_MS = 3000;

const CANCELLED: RoundFailure = {
  code: 'ROUND_CANCELLED',
  expected: 'the round to go on',
  got: 'an operator cancelled the run',
  next: 'start a new run when you like',
};

/** A task carried out round after round. */
export class Run {
  readonly id: string;
  readonly task: Task;
  readonly firstRound: number;
  readonly taskHash: string;
  readonly firstModel: string;
  /** Hash of the last model that was published, the first one before. */
  model: string;
  status: RunSummary['status'] = 'running';
  failure: RoundFailure | null = null;
  current: Round | null = null;
  private cancelled = false;
  private readonly modules: CoordinatorModules;
  private readonly architecture: EdgeScorerArchitecture;
  /** Weights of the first model until they stand on disk; the later ones are never held. */
  private first: Float32Array | null;
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
    this.architecture = edgeScorer(run.task.model);
    this.first = initialWeights(this.architecture, run.task.seed);
    this.model = modelHash(modules.primitives.sha256, this.architecture, this.first);
    this.firstModel = this.model;
    this.taskHash = hashObject(modules.primitives, 'cordon/v1/task', run.task);
  }

  /** Position of the round in this run, from 1; 0 before the first. */
  get step(): number {
    return this.current ? this.current.round - this.firstRound + 1 : 0;
  }

  /** Runs all rounds; ends early when one fails or the run is cancelled. */
  async carryOut(): Promise<void> {
    const { log, models } = this.modules;
    await log.append('task', {
      run: this.id,
      taskHash: this.taskHash,
      firstRound: this.firstRound,
      task: this.task,
    });
    if (this.first) await models.save(this.model, this.first);
    this.first = null;
    for (let step = 1; step <= this.task.rounds && this.status === 'running'; step++) {
      await this.oneRound(this.firstRound + step - 1);
    }
    if (this.status === 'running') {
      await models.keep(this.model);
      await log.append('finish', { run: this.id, rounds: this.task.rounds, modelHash: this.model });
      this.status = 'finished';
    }
    this.onChange();
  }

  /** Between two rounds the next one starts cancelled, so that the end stands in the log. */
  cancel(): void {
    this.cancelled = true;
    if (this.current) cancelRound(this.current);
  }

  private async oneRound(number: number): Promise<void> {
    const round = new Round(
      {
        config: this.roundConfig(number),
        transcript: this.transcriptFields(number),
        nextModel: (sumPath, members) => this.nextModel(sumPath, members),
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

  private nextModel(sumPath: string, members: number): Promise<string> {
    const { architecture, model: before, task } = this;
    return nextModel(
      { architecture, quantiser: task.quantiser, before, sumPath, members },
      this.modules.models,
    );
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
    const { quantiser, kMin, deadlines } = this.task;
    return {
      consortium: roster.consortium,
      epoch: roster.epoch,
      rosterHash: rosterHash(primitives, roster),
      run: this.id,
      round,
      taskHash: this.taskHash,
      modelHash: this.model,
      length: weightCount(this.architecture),
      layout: quantiser.layout,
      valueBits: quantiser.bits,
      quantiser: { clipNorm: quantiser.clipNorm, bits: quantiser.bits },
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

/** @throws CordonError CONFIG_INVALID for a task that this roster cannot carry out */
export function checkTask(task: Task, { roster }: CoordinatorModules): void {
  const n = roster.members.length;
  const { layout, bits } = task.quantiser;
  const need = (ok: boolean, expected: string, got: string) => {
    if (!ok) throw new CordonError('CONFIG_INVALID', { expected, got, next: 'correct the task file' });
  };
  need(
    task.kMin >= roster.kMin && task.kMin <= n,
    `kMin from ${roster.kMin} (the roster's floor) to ${n} (its members)`,
    String(task.kMin),
  );
  need(
    fits(layout, bits, n),
    `room in a slot for the sum of ${n} members`,
    `${bits} bits in layout ${layout}`,
  );
}
