import type { DatasetStats } from '../../../datasets/stats.ts';
import { modelWith } from '../../../models/detection/models.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';
import { CordonError } from '../../../protocol/errors.ts';
import type { AnswerBook } from '../../analytics/answer-book.ts';
import { usedAccount } from '../../features/event-kind.ts';
import { FederatedExtractor, type RowExtractor, edgeV1Extractor } from '../../features/edge-v2.ts';
import { readLanes } from '../../telemetry/read-lanes.ts';
import { SitePipeline, type StreamCounts } from '../../telemetry/site-pipeline.ts';
import { isFamiliar } from '../../train/corrupt.ts';
import type { IncidentIndex } from '../../train/incidents.ts';
import { reasonsOf } from '../../train/reasons.ts';
import type { Alert } from '../../train/top-alerts.ts';
import type { Model } from '../model-file.ts';
import { type Evaluation, Evaluator } from './evaluation.ts';
import { GroupBoard, type ScoredGroup } from './group-board.ts';
import { ScoreFile } from './score-file.ts';
import type { ScoreFormat } from './score-lines.ts';

export interface ScoreOptions {
  /** File or folder, in any format that a reader knows. */
  readonly path: string;
  readonly model: Model;
  /** What others have seen, for models on `edge-v2`. */
  readonly answers: AnswerBook;
  /** Milliseconds on the clock of the events: earlier ones are history and get no score; null to score all. */
  readonly trainUntil: number | null;
  /** Alerts that are told. */
  readonly alerts: number;
  /** A new file for the scores, or null for none. */
  readonly out: { readonly path: string; readonly format: ScoreFormat } | null;
  /** What is known to be malicious, or null. */
  readonly labels: IncidentIndex | null;
  readonly timeZone?: string;
  /** As `ReadOptions` has it. */
  readonly maxRejectShare?: number;
  /** The clock, milliseconds of Unix time. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** Told now and then how many events were taken. */
  readonly onEvents: (events: number) => void;
}

/** One of the highest alerts: the events of a source host on a day. */
export interface ScoredAlert extends Alert {
  /** 1 is the highest. */
  readonly rank: number;
  readonly isLabelled: boolean;
}

export interface ScoredLogs {
  readonly stats: DatasetStats;
  readonly counts: StreamCounts;
  /** Events that got a score, and the groups (source host, day) that they make up. */
  readonly scored: number;
  readonly groups: number;
  readonly alerts: readonly ScoredAlert[];
  /** Null without labels. `groups` of those with a labelled event, and how many of these are among the alerts. */
  readonly evaluation: (Evaluation & { readonly groups: number; readonly groupsFound: number }) | null;
}

/** Rows that are scored at once. */
const BATCH = 1024;
/** Events between two reports. */
const REPORT = 65_536;

/**
 * Scores logs as a participant reads them once: merged by time, names resolved, every event seen against the history
 * before it. Memory holds that history, the groups of a day or two and a piece of the output, however long the logs are;
 * with labels five bytes an event more.
 * @throws CordonError as `readDataset`; DATA_INSUFFICIENT where no event gets a score; OUTPUT_EXISTS
 */
export async function scoreLogs(options: ScoreOptions): Promise<ScoredLogs> {
  const { out, path, timeZone, maxRejectShare, now } = options;
  const file = out === null ? null : new ScoreFile(out.path, out.format);
  try {
    const scorer = new Scorer(options, file);
    const pipeline = new SitePipeline({ twin: { apply: () => undefined }, learner: scorer });
    const stats = await readLanes(path, (item, lane) => pipeline.take(item, lane), {
      now,
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(maxRejectShare === undefined ? {} : { maxRejectShare }),
    });
    const result = scorer.finish();
    await file?.finish(endsOf(result.groups));
    const { board, evaluator, scored } = scorer;
    const labelled = result.groups.filter(({ isLabelled }) => isLabelled).length;
    return {
      stats,
      counts: pipeline.counts,
      scored,
      groups: board.groups,
      alerts: result.groups.map(({ alert }) => alert),
      evaluation:
        evaluator === null ? null : { ...evaluator.finish(), groups: board.labelled, groupsFound: labelled },
    };
  } finally {
    file?.discard();
  }
}

/** One of the highest groups, and what is told of it. */
interface Ranked extends ScoredGroup {
  readonly alert: ScoredAlert;
}

function endsOf(groups: readonly Ranked[]): (
  group: number,
  place: number,
) => {
  alert: number | null;
  reasons: readonly string[];
} {
  const known = new Map(groups.map((group) => [group.number, group]));
  return (number, place) => {
    const group = known.get(number);
    if (group === undefined) return { alert: null, reasons: [] };
    const { rank, reasons } = group.alert;
    return { alert: rank, reasons: place === group.place ? reasons : [] };
  };
}

/** Behind the pipeline: features, scores, groups. */
class Scorer {
  readonly board: GroupBoard;
  readonly evaluator: Evaluator | null;
  scored = 0;
  readonly #options: ScoreOptions;
  readonly #file: ScoreFile | null;
  readonly #extractor: RowExtractor;
  readonly #familiar: MeanRow;
  readonly #novel: MeanRow;
  readonly #rows: Float32Array;
  readonly #waiting: AuthEvent[] = [];
  #events = 0;

  constructor(options: ScoreOptions, file: ScoreFile | null) {
    const { model, answers, alerts, labels } = options;
    const { features, inputs } = model.version.architecture;
    this.#options = options;
    this.#file = file;
    this.#extractor = features === 'edge-v2' ? new FederatedExtractor(answers) : edgeV1Extractor();
    if (this.#extractor.width !== inputs || (features !== 'edge-v1' && features !== 'edge-v2')) {
      throw new CordonError('MODEL_MISMATCH', {
        expected: 'a model on edge-v1 or edge-v2, whose rows this version makes',
        got: `${features} with ${inputs} inputs`,
        next: 'use the version of the software that the model comes from',
      });
    }
    this.#familiar = new MeanRow(inputs);
    this.#novel = new MeanRow(inputs);
    this.#rows = new Float32Array(BATCH * inputs);
    this.board = new GroupBoard(alerts);
    this.evaluator = labels === null ? null : new Evaluator();
  }

  add(event: AuthEvent): void {
    const { signal, trainUntil, onEvents } = this.#options;
    if (++this.#events % REPORT === 0) {
      signal.throwIfAborted();
      onEvents(this.#events);
    }
    const row = this.#extractor.push(event);
    if (row === null) return;
    const isHistory = trainUntil !== null && event.time < trainUntil;
    if (isHistory || trainUntil === null) (isFamiliar(row) ? this.#familiar : this.#novel).add(row);
    if (isHistory) return;
    this.#rows.set(row, this.#waiting.length * row.length);
    this.#waiting.push(event);
    if (this.#waiting.length === BATCH) this.#score();
  }

  finish(): { readonly groups: readonly Ranked[] } {
    this.#score();
    if (this.scored === 0) {
      throw new CordonError('DATA_INSUFFICIENT', {
        expected: 'at least one logon or ticket to be scored',
        got: `${this.#events} authentications, none of them one${this.#options.trainUntil === null ? '' : ' after --train-until'}`,
        next: 'see cordon datasets inspect for what the logs hold, and from when to when',
      });
    }
    return {
      groups: this.board.finish().map((group, i) => ({ ...group, alert: this.#alertOf(group, i + 1) })),
    };
  }

  #score(): void {
    const { model, labels } = this.#options;
    const { architecture } = model.version;
    const width = architecture.inputs;
    const rows = this.#rows.subarray(0, this.#waiting.length * width);
    const scores = modelWith(architecture).scores(model.weights, rows);
    this.#waiting.forEach((event, i) => {
      const score = scores[i] ?? NaN;
      const isLabelled = labels !== null && labels.campaignOf(event) !== null;
      const row = rows.subarray(i * width, (i + 1) * width);
      const group = this.board.offer(event, row, score, this.scored++, isLabelled);
      this.evaluator?.add(score, isLabelled);
      this.#file?.add(event, score, group);
    });
    this.#waiting.length = 0;
  }

  #alertOf(
    { top, row, score, events, srcHost, destinations, isLabelled }: ScoredGroup,
    rank: number,
  ): ScoredAlert {
    const { model } = this.#options;
    const usual = (this.#familiar.rows > 0 ? this.#familiar : this.#novel).mean();
    return {
      rank,
      time: top.time,
      srcHost,
      dstHosts: destinations.map(({ host }) => host),
      account: usedAccount(top),
      score,
      events,
      reasons: reasonsOf(model.version.architecture, model.weights, row, usual),
      dataset: top.source.dataset,
      isLabelled,
    };
  }
}

/** The mean of the rows that it was given; zeros before the first. */
class MeanRow {
  rows = 0;
  readonly #sums: Float64Array;

  constructor(width: number) {
    this.#sums = new Float64Array(width);
  }

  add(row: Float32Array): void {
    this.rows++;
    for (let i = 0; i < row.length; i++) this.#sums[i] = (this.#sums[i] ?? 0) + (row[i] ?? 0);
  }

  mean(): Float32Array {
    return Float32Array.from(this.#sums, (sum) => sum / Math.max(1, this.rows));
  }
}
