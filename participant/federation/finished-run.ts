import { wholeWeights } from '../../models/federated/own-state.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { RunRecord } from '../models/run-record.ts';
import type { MemberModules } from './member.ts';
import type { RunView } from './run-view.ts';
import { TrainingRun } from './training-run.ts';

/** Attempts to get the last sums of a finished run before its results are given up. */
const ATTEMPTS = 20;

/** The newest run that is over, until its results are worked out. */
export class FinishedRun {
  private readonly modules: Pick<MemberModules, 'isHandled' | 'logger' | 'onFinished' | 'own' | 'sums'>;
  private pending: {
    readonly run: RunView;
    readonly modelHash: string;
    readonly record: RunRecord;
    attempts: number;
  } | null = null;

  constructor(modules: Pick<MemberModules, 'isHandled' | 'logger' | 'onFinished' | 'own' | 'sums'>) {
    this.modules = modules;
  }

  /**
   * @param modelHash of the last model, as the log names it
   * @param record what the log says of its rounds
   */
  put(run: RunView, modelHash: string, record: RunRecord): void {
    this.pending = { run, modelHash, record, attempts: 0 };
  }

  /** The run whose results are still to be worked out. */
  get run(): string | null {
    return this.pending?.run.run ?? null;
  }

  /** Nothing is to be made of a run any more for which this is so. */
  drop(which: (run: RunView) => boolean): void {
    if (this.pending && which(this.pending.run)) this.pending = null;
  }

  /**
   * Works out what the run leaves; a sum that cannot be had keeps nobody from the next run.
   * @throws CordonError MODEL_MISMATCH; what fetching a sum throws, to be tried again
   */
  async workOut(): Promise<void> {
    const { pending, modules } = this;
    if (!pending) return;
    const { run, modelHash, record } = pending;
    if (await modules.isHandled(run.run)) {
      this.pending = null;
      return;
    }
    if (pending.attempts >= ATTEMPTS) {
      this.pending = null;
      const what = 'the sums of a finished run cannot be had; its results are given up';
      modules.logger.error({ run: run.run }, what);
      return;
    }
    pending.attempts += 1;
    const standing = await run.standing(modules.sums);
    if (standing !== modelHash) throw otherModel(standing, modelHash);
    if (run instanceof TrainingRun) {
      await modules.onFinished(run, wholeWeights(await run.start(modules), run.task), record);
    }
    this.pending = null;
  }
}

function otherModel(expected: string, got: string): CordonError {
  return new CordonError('MODEL_MISMATCH', {
    expected: `model ${expected} at the end of the run`,
    got,
    next: 'the coordinator names a model that does not follow from the sums: take no part, tell the consortium',
  });
}
