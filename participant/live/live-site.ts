import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { writeWhole } from '../../crypto/identity/durable-file.ts';
import { makeFolder } from '../../crypto/identity/make-folder.ts';
import type { StreamItem } from '../../datasets/host-facts.ts';
import { partSettings } from '../../datasets/read-part.ts';
import { toCordonError } from '../../protocol/errors.ts';
import type { FeatureSet } from '../../models/detection/feature-sets.ts';
import { SitePipeline } from '../telemetry/site-pipeline.ts';
import { SiteBuilder } from '../train/site-builder.ts';
import type { SiteData } from '../train/site-data.ts';
import { TwinGraph } from '../twin/twin-graph.ts';
import { changeHints } from './change-hints.ts';
import { CHECKPOINT_FILE, writeCheckpoint } from './checkpoint.ts';
import type { Clocks } from './file-book.ts';
import { Follower } from './follower.ts';
import { type LiveAlerts, type LiveOptions, featuresOf } from './live-options.ts';
import { type StoredSite, storedSite } from './stored-site.ts';
import { toBytes } from './stream-state.ts';

/** A file that has not changed for so long is at rest. */
const SETTLE_MS = 500;
/** What is read before others get their turn. */
const TURN_BYTES = 1024 * 1024;
/** Rows kept for thresholds and alerts: the last ones. */
const SCORED_ROWS = 100_000;
/** Between two looks at the logs there is at least so much time, unless the system tells of something new. */
const LEAST_PAUSE_MS = 20;
/** Writing checkpoints takes at most this share of the time. */
const CHECKPOINT_SHARE = 0.1;
/** Rejects that are listed; readers keep no more. */
const REJECTS_KEPT = 1000;

/** Twin, features and samples of a site, kept in step with its logs; goes on where it was after any end. */
export class LiveSite {
  readonly twin: TwinGraph;
  readonly pipeline: SitePipeline;
  readonly follower: Follower;
  /** When the last checkpoint was on disk, on the clock that never goes back; null before the first. */
  lastCheckpoint: number | null = null;
  /** Called with everything that a checkpoint holds once it is on disk. */
  onCheckpoint: () => Promise<void> = () => Promise.resolve();
  /** Rows of features so far in this process. */
  rows = 0;
  /** Feature set of the rows. */
  readonly features: FeatureSet;
  readonly #learner: SiteBuilder;
  readonly #options: LiveOptions;
  readonly #clocks: Clocks;
  readonly #logger: Logger;
  #alerts: LiveAlerts | null = null;
  /** Whether the last alerts could not be written. */
  #stuck = false;
  #nextCheckpoint: number;
  #wake = new AbortController();
  #over = false;

  private constructor(
    options: LiveOptions,
    clocks: Clocks,
    logger: Logger,
    learner: SiteBuilder,
    from: StoredSite | null,
  ) {
    this.#options = options;
    this.features = featuresOf(options.learning);
    this.#clocks = clocks;
    this.#logger = logger;
    this.#learner = learner;
    this.twin = from === null ? new TwinGraph() : TwinGraph.restore(from.twin);
    this.pipeline = new SitePipeline({
      twin: this.twin,
      learner: {
        add: (event) => {
          const row = learner.add(event);
          if (row === null) return;
          this.rows++;
          options.onRow?.(row, event);
          this.#alerts?.take(row, event);
        },
      },
    });
    const watched = {
      folder: options.watch,
      prefix: '',
      settings: partSettings(options.timeZone === undefined ? {} : { timeZone: options.timeZone }),
    };
    this.follower = new Follower(
      {
        watched: [watched, ...(options.also ?? [])],
        holdMs: options.holdMs,
        settleMs: Math.min(SETTLE_MS, Math.max(options.holdMs, options.pollMs)),
        onTrouble: (file, reason) => logger.warn({ file, reason }, 'a file is not followed'),
      },
      clocks,
    );
    if (from !== null) {
      learner.restore(from);
      // What was labelled since the checkpoint.
      learner.relabel(options.incidents.index);
      const { pipeline, follower, counts } = from.state;
      if (counts.length > 0) options.learning.counts?.restore(counts);
      this.pipeline.restore(pipeline);
      this.follower.restore(follower);
    }
    this.#nextCheckpoint = clocks.elapsed() + options.checkpointMs;
    const { answers } = options.learning;
    // Rows that were made with answers cannot be made again without: they are kept before the answers go.
    if (answers) answers.onForget = () => (this.#over ? Promise.resolve() : this.#checkpoint());
  }

  /**
   * Takes up where the last checkpoint was taken, or begins with the logs that are there.
   * @throws CordonError ENCODING_INVALID where the checkpoint is damaged, CONFIG_INVALID where its rows are of another
   *   feature set
   */
  static async open(options: LiveOptions, clocks: Clocks, logger: Logger): Promise<LiveSite> {
    await makeFolder(options.state);
    const { incidents, trainUntil, learning } = options;
    const kept = { scoredRows: SCORED_ROWS, scored: 'recent' } as const;
    const from = await storedSite(join(options.state, CHECKPOINT_FILE), featuresOf(learning));
    const extractor = learning.answers ? { extractor: learning.answers.extractor } : {};
    const learner = new SiteBuilder(incidents.index, { ...learning, ...kept, ...extractor, trainUntil });
    const site = new LiveSite(options, clocks, logger, learner, from);
    site.#alerts = options.alerts?.(site) ?? null;
    await site.#alerts?.begin(from?.state.alerts ?? null);
    return site;
  }

  /** Looks at the logs at once. */
  wake(): void {
    this.#wake.abort();
  }

  /** Rows of incidents by now. */
  get incidents(): number {
    return this.#learner.incidents;
  }

  /** What there is to train on by now. @throws CordonError DATA_INSUFFICIENT */
  site(): SiteData {
    return this.#learner.site();
  }

  /**
   * Follows the logs until the signal, then writes a last checkpoint.
   * @param onIdle called once, when everything that was there at the start has been taken
   * @throws CordonError DATA_NOT_FOUND where the folder cannot be read at the start
   */
  async run(signal: AbortSignal, onIdle: () => void): Promise<void> {
    const stop = (): void => this.#wake.abort();
    const hint = changeHints(this.#options.watch, this.#options.pollMs / 5, stop);
    signal.addEventListener('abort', stop);
    let first = true;
    let idleBefore = false;
    try {
      while (!signal.aborted) {
        await this.#scan(first);
        first = false;
        await this.#relabel();
        await this.#alerts?.refresh();
        const idle = await this.#turns(signal);
        if (idle && !idleBefore) await this.#caughtUp(onIdle);
        idleBefore ||= idle;
        await this.#pause();
      }
      await this.#inTurn(() => this.#checkpoint());
    } finally {
      this.#over = true;
      signal.removeEventListener('abort', stop);
      hint?.close();
      await this.follower.close();
    }
  }

  /** Everything that can be had now, in turns; whether nothing is left and nothing is waited for. */
  async #turns(signal: AbortSignal): Promise<boolean> {
    const scanned = this.#clocks.elapsed();
    for (;;) {
      const advanced = await this.#inTurn(() => this.follower.advance(this.#take, TURN_BYTES));
      await this.#settle();
      if (this.#clocks.elapsed() >= this.#nextCheckpoint) await this.#inTurn(() => this.#checkpoint());
      if (advanced !== 'more') return advanced === 'idle';
      if (signal.aborted || this.#clocks.elapsed() - scanned > this.#options.pollMs) return false;
      await new Promise(setImmediate);
    }
  }

  /** No answer comes or goes while events are handed on, or while a checkpoint is written. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { answers } = this.#options.learning;
    return answers ? answers.inTurn(work) : work();
  }

  /** What comes from now on raises alerts; a checkpoint says so, or a crash would take it for what was there before. */
  async #caughtUp(onIdle: () => void): Promise<void> {
    if (this.#alerts?.arm() === true) await this.#inTurn(() => this.#checkpoint());
    onIdle();
  }

  /** Scores and alerts are out before the next piece is read. */
  async #settle(): Promise<void> {
    try {
      await this.#alerts?.settle();
      this.#stuck = false;
    } catch (error) {
      if (!this.#stuck)
        this.#logger.error({ ...toCordonError(error).toWire() }, 'alerts cannot be written; trying again');
      this.#stuck = true;
    }
  }

  readonly #take = (item: StreamItem, lane: string): void => this.pipeline.take(item, lane);

  async #scan(first: boolean): Promise<void> {
    try {
      await this.follower.scan();
    } catch (error) {
      if (first) throw toCordonError(error);
      this.#logger.warn({ ...toCordonError(error).toWire() }, 'the logs cannot be looked at; trying again');
    }
  }

  async #relabel(): Promise<void> {
    try {
      const index = await this.#options.incidents.changed();
      if (index === null) return;
      this.#learner.relabel(index);
      this.#logger.info({ incidents: this.incidents }, 'labels have changed');
    } catch (error) {
      const refusal = toCordonError(error).toWire();
      this.#logger.warn({ ...refusal }, 'the labels cannot be read; those from before still count');
    }
  }

  /** Until it is time to look again, or something says that there is something new. */
  async #pause(): Promise<void> {
    const due = this.follower.heldUntil - this.#clocks.elapsed();
    const ms = Math.min(this.#options.pollMs, Math.max(LEAST_PAUSE_MS, due));
    await sleep(ms, undefined, { signal: this.#wake.signal }).catch(() => undefined);
    this.#wake = new AbortController();
  }

  /** The last rejects, for whoever looks into them; not what a restart goes by. */
  async #writeRejects(): Promise<void> {
    const { rejectList } = this.follower.stats;
    if (rejectList.length === 0) return;
    const text = rejectList.map((reject) => `${JSON.stringify(reject)}\n`).join('');
    await writeWhole(join(this.#options.state, 'rejects.jsonl'), text);
    if (rejectList.length >= REJECTS_KEPT) rejectList.splice(0, rejectList.length - REJECTS_KEPT / 2);
  }

  async #checkpoint(): Promise<void> {
    const began = this.#clocks.elapsed();
    try {
      // What a checkpoint has passed is not raised again.
      await this.#alerts?.settle();
      const { samples, history } = this.#learner.snapshot();
      const twin = this.twin.snapshot();
      const counts = this.#options.learning.counts?.snapshot() ?? new Uint8Array();
      const alerts = this.#alerts?.snapshot() ?? null;
      const positions = { pipeline: this.pipeline.snapshot(), follower: this.follower.snapshot() };
      const stream = toBytes({ ...positions, counts, features: this.features, alerts });
      await writeCheckpoint(join(this.#options.state, CHECKPOINT_FILE), { stream, twin, samples, history });
      this.lastCheckpoint = this.#clocks.elapsed();
      await this.#writeRejects();
      await this.onCheckpoint();
    } catch (error) {
      this.#logger.error(
        { ...toCordonError(error).toWire() },
        'no checkpoint could be written; trying again',
      );
    }
    const took = this.#clocks.elapsed() - began;
    this.#nextCheckpoint =
      this.#clocks.elapsed() + Math.max(this.#options.checkpointMs, took / CHECKPOINT_SHARE);
  }
}
