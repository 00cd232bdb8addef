import { toHex } from '../../crypto/public/encoding.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import type { LogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { type RunSummary, plainFailure } from '../../protocol/messages/runs.ts';
import type { Task } from '../../protocol/task.ts';
import type { CoordinatorModules } from '../modules.ts';
import { checkTask } from './check-task.ts';
import { Run } from './run.ts';

/** Opened sums are kept of the run in progress and of so many before it: members that were away still need them. */
const RUNS_WITH_SUMS = 2;

/** All runs of this coordinator, one at a time; what is over is known from the log alone. */
export class RunBook {
  active: Run | null = null;
  private readonly modules: CoordinatorModules;
  private readonly onChange: () => void;
  private readonly summaries = new Map<string, RunSummary>();
  private nextRound = 1;
  /** The last round that the log announces of a run; only for the past. */
  private readonly announced = new Map<string, number>();
  /** Hashes of the first and the last model of every run: what is kept of it. */
  private readonly models = new Map<string, { readonly first: string; readonly last: string }>();
  private ended: Promise<void> = Promise.resolve();

  constructor(modules: CoordinatorModules, onChange: () => void) {
    this.modules = modules;
    this.onChange = onChange;
  }

  /** Learns the past from the log. */
  replay(entries: readonly LogEntryMessage[]): void {
    for (const entry of entries) this.remember(entry);
  }

  /**
   * A run that a crash of the coordinator cut off is closed as failed: its members have kept their bytes, and a new run
   * starts from a clean round.
   */
  async closeCutOff(): Promise<void> {
    for (const summary of this.summaries.values()) {
      if (summary.status !== 'running') continue;
      const reason = {
        code: 'ROUND_FAILED',
        expected: 'the coordinator to stay up',
        got: 'it was stopped during the run',
        next: 'start the run again',
      };
      const round = this.announced.get(summary.run) ?? summary.firstRound;
      await this.modules.log.append('abort', { run: summary.run, round, ...reason });
      this.summaries.set(summary.run, { ...summary, status: 'failed', failure: reason });
    }
  }

  list(): RunSummary[] {
    return [...this.summaries.keys()].map((run) => this.find(run));
  }

  find(run: string): RunSummary {
    const summary = this.summaries.get(run);
    if (!summary) {
      throw new CordonError('NOT_FOUND', {
        expected: 'a run of this coordinator',
        got: run.slice(0, 40),
        next: 'see them with cordon round ls',
      });
    }
    return this.active?.id === run ? { ...summary, ...this.live(this.active) } : summary;
  }

  /** @throws CordonError RUN_ACTIVE, CONFIG_INVALID */
  async start(task: Task): Promise<RunSummary> {
    if (this.active) {
      throw new CordonError('RUN_ACTIVE', {
        expected: 'no run in progress',
        got: this.active.id,
        next: `wait for it, or stop it with cordon round cancel ${this.active.id}`,
      });
    }
    checkTask(task, this.modules);
    const id = `run-${toHex(this.modules.random(8))}`;
    const run = new Run({ id, task, firstRound: this.nextRound }, this.modules, this.onChange);
    this.active = run;
    const summary = { run: id, name: task.name, firstRound: this.nextRound, rounds: task.rounds };
    this.nextRound += task.rounds;
    this.summaries.set(id, { ...summary, ...this.live(run) });
    this.ended = this.carryOut(run);
    return this.find(id);
  }

  /** Resolves when the run is over; nothing of its open round is published. */
  async cancel(id: string): Promise<RunSummary> {
    if (this.active?.id === id) await this.stop();
    return this.find(id);
  }

  /** Ends the active run, for a graceful stop. */
  async stop(): Promise<void> {
    this.active?.cancel();
    await this.ended;
  }

  private async carryOut(run: Run): Promise<void> {
    try {
      await this.dropOldSums(run);
      await run.carryOut();
    } catch (error) {
      await this.stopped(run, toCordonError(error));
    }
    this.summaries.set(run.id, { ...this.find(run.id), ...this.live(run) });
    this.models.set(run.id, { first: run.first, last: run.model });
    await this.dropMiddleModels();
    this.active = null;
    this.onChange();
  }

  private async dropOldSums(run: Run): Promise<void> {
    const before = [...this.summaries.values()].filter(({ firstRound }) => firstRound < run.firstRound);
    const oldest = before.map(({ firstRound }) => firstRound).at(-RUNS_WITH_SUMS);
    if (oldest !== undefined) await this.tidy(this.modules.rounds.dropSumsBefore(oldest));
  }

  /** The models between the first and the last follow from the log and the sums; nobody needs them after the run. */
  private async dropMiddleModels(): Promise<void> {
    const kept = new Set([...this.models.values()].flatMap(({ first, last }) => [first, last]));
    await this.tidy(this.modules.models.dropExcept(kept));
  }

  /** What cannot be removed is no reason to end a run. */
  private async tidy(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => {
      this.modules.logger.warn(toCordonError(error).toWire(), 'old sums or models stay on disk');
    });
  }

  /** The run cannot go on (a disk that is full, say); the members hear of it if the log still takes an entry. */
  private async stopped(run: Run, error: CordonError): Promise<void> {
    const reason = plainFailure(error);
    this.modules.logger.error({ run: run.id, ...reason }, 'run stopped');
    const round = run.current?.round ?? run.firstRound;
    await this.modules.log.append('abort', { run: run.id, round, ...reason }).catch((cause: unknown) => {
      this.modules.logger.error(
        { run: run.id, ...toCordonError(cause).toWire() },
        'the end is not in the log',
      );
    });
    // Only now: whoever sees the run over finds its end in the log.
    run.failure ??= reason;
    run.status = 'failed';
  }

  private live(run: Run): Pick<RunSummary, 'status' | 'published' | 'modelHash' | 'failure'> {
    const over = run.current?.progress.phase === 'published' ? 1 : 0;
    return {
      status: run.status,
      published: Math.max(0, run.step - 1) + over,
      modelHash: run.model,
      failure: run.failure,
    };
  }

  private remember({ kind, body }: LogEntryMessage): void {
    if (kind === 'task') {
      const { run, task, firstRound } = body;
      this.nextRound = firstRound + task.rounds;
      this.summaries.set(run, {
        run,
        name: task.name,
        status: 'running',
        firstRound,
        rounds: task.rounds,
        published: 0,
        modelHash: null,
        failure: null,
      });
    }
    if (kind === 'announce') {
      const { run, round, modelHash } = body.transcript;
      this.announced.set(run, round);
      const first = this.models.get(run)?.first ?? modelHash;
      this.models.set(run, { first, last: modelHash });
    }
    const known = 'run' in body ? this.summaries.get(body.run) : undefined;
    if (!known) return;
    if (kind === 'publish') {
      this.models.set(known.run, {
        first: this.models.get(known.run)?.first ?? body.modelHash,
        last: body.modelHash,
      });
      this.summaries.set(known.run, { ...known, published: known.published + 1, modelHash: body.modelHash });
    } else if (kind === 'finish') {
      this.summaries.set(known.run, { ...known, status: 'finished' });
    } else if (kind === 'abort') {
      const { code, expected, got, next } = body;
      const status = code === 'ROUND_CANCELLED' ? 'cancelled' : 'failed';
      this.summaries.set(known.run, { ...known, status, failure: { code, expected, got, next } });
    }
  }
}
