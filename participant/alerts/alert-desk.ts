import { FEATURE_SETS, type FeatureSet } from '../../models/detection/feature-sets.ts';
import { toCordonError } from '../../protocol/errors.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { AT } from '../features/edge-v1.ts';
import { usedAccount } from '../features/event-kind.ts';
import type { IncidentIndex } from '../train/incidents.ts';
import type { Alert } from './alert.ts';
import { AlertGroups, type AlertGroupsSnapshot, type Evidence, type Hit, type Told } from './alert-groups.ts';
import type { AlertStatus } from './alert-status.ts';
import type { AlertStore } from './alert-store.ts';
import { Arrivals, type ArrivalsSnapshot } from './arrivals.ts';
import { Calibration, type CalibrationModules, type CalibrationSnapshot } from './calibration.ts';
import { ModelInUse } from './model-in-use.ts';
import { type ScoringModel, checkModel } from './scoring-model.ts';
import type { Suppressions } from './suppression-book.ts';
import { WithheldCounts, type WithheldSnapshot } from './withheld-counts.ts';

/** How many alerts a site wants. */
export interface AlertOptions {
  readonly member: string;
  /** Alerts a day that the threshold is chosen for. */
  readonly perDay: number;
  /** Alerts that are raised a day at most, whatever the scores are. */
  readonly mostPerDay: number;
  /** What the site's rows hold. */
  readonly features: FeatureSet;
}

/** What the desk works with. */
export interface AlertModules extends CalibrationModules {
  readonly store: AlertStore;
  readonly suppressions: Pick<Suppressions, 'find' | 'refresh'>;
  /** When an account was first seen here, milliseconds; null where it was not. */
  readonly accountSince: (account: string) => number | null;
  /** Gets the lines of alerts, and of findings, that are on disk. */
  readonly onAlerts?: (lines: string) => void;
  readonly onFindings?: (lines: string) => void;
}

/** What has passed since the start of the process. */
export interface AlertCounts {
  scored: number;
  /** Lines written: alerts that are new, and newer versions of others. */
  raised: number;
  updated: number;
  /** Events above the threshold that raise nothing: by a rule, by a benign label, or because the day has enough alerts. */
  suppressed: number;
  dismissed: number;
  limited: number;
}

/** Rows that are scored at once, at most. */
const BATCH = 1024;

/**
 * Scores the rows of a live site as they come and raises alerts. Before the site has caught up with its logs, and without a
 * model, rows are only remembered for thresholds and paths.
 */
export class AlertDesk {
  readonly counts: AlertCounts = {
    scored: 0,
    raised: 0,
    updated: 0,
    suppressed: 0,
    dismissed: 0,
    limited: 0,
  };
  /** Told of the time of each event once its score is there and what it raises is on disk. */
  onScored: (times: readonly number[]) => void = () => undefined;
  readonly #options: AlertOptions;
  readonly #modules: AlertModules;
  readonly #width: number;
  readonly #rows: Float32Array;
  readonly #groups: AlertGroups;
  readonly #calibration: Calibration;
  readonly #arrivals = new Arrivals();
  readonly #withheld = new WithheldCounts();
  #events: AuthEvent[] = [];
  #model: ModelInUse | null = null;
  /** Hash of the model that the checkpoint was made with: with the same one the threshold stays. */
  #lastModel: string | null = null;
  /** Whether the logs that were there at the start have been taken. */
  #armed = false;
  #labels: IncidentIndex | null = null;
  #pending: Told[] = [];
  #settling: Promise<void> = Promise.resolve();
  #scoredTimes: number[] = [];

  constructor(options: AlertOptions, modules: AlertModules) {
    this.#options = options;
    this.#modules = modules;
    this.#width = FEATURE_SETS[options.features];
    this.#rows = new Float32Array(BATCH * this.#width);
    this.#groups = new AlertGroups(options.member, options.mostPerDay);
    this.#calibration = new Calibration(options.perDay, modules);
  }

  /** What must be exceeded now; null where nothing is raised yet. */
  get threshold(): number | null {
    return this.#armed && this.#model !== null ? this.#calibration.threshold : null;
  }

  /** How things stand. @param at Unix time, milliseconds */
  status(at: number): AlertStatus {
    const { threshold } = this;
    return {
      at,
      raising: threshold !== null,
      model: this.#model?.named ?? null,
      threshold: threshold === null || !Number.isFinite(threshold) ? null : threshold,
      perDay: this.#options.perDay,
      days: this.#calibration.days,
      withheld: Object.fromEntries(this.#withheld.snapshot()),
    };
  }

  /** Takes the next row in; it is copied. */
  take(row: Float32Array, event: AuthEvent): void {
    this.#rows.set(row, this.#events.length * this.#width);
    this.#events.push(event);
    if (this.#events.length >= BATCH) this.#score();
  }

  /** Another model, from the next row on. @throws CordonError MODEL_MISMATCH; the one before then stays */
  useModel(model: ScoringModel): void {
    checkModel(model, this.#options.features);
    if (model.hash === this.#model?.named.hash) return;
    this.#score();
    this.#model = new ModelInUse(model, this.#width);
    const isLast = model.hash === this.#lastModel;
    this.#lastModel = null;
    if (isLast) this.#calibration.lookAtUsual();
    else this.#calibration.anew(this.#model);
  }

  /** From the next row on alerts are raised. @returns whether that is new */
  arm(): boolean {
    if (this.#armed) return false;
    this.#score();
    this.#armed = true;
    if (this.#model !== null) this.#calibration.anew(this.#model);
    return true;
  }

  /** Takes up other labels and other rules. */
  async refresh(): Promise<void> {
    const labels = this.#modules.labels();
    if (this.#labels !== null && labels !== this.#labels) this.#calibration.look();
    this.#labels = labels;
    try {
      await this.#modules.suppressions.refresh();
    } catch (error) {
      const refusal = toCordonError(error).toWire();
      const text = 'the suppressions cannot be read; those from before still count';
      this.#modules.logger.warn({ ...refusal }, text);
    }
  }

  /**
   * Scores what has been taken; what it raises is on disk before this returns.
   * @throws CordonError where it cannot be written; the same lines are tried again the next time
   */
  async settle(): Promise<void> {
    // One after the other: a checkpoint may be asked for while lines are on their way to the disk.
    const settling = this.#settling.then(() => this.#settle());
    this.#settling = settling.catch(() => undefined);
    await settling;
  }

  async #settle(): Promise<void> {
    this.#score();
    const { store, onAlerts, onFindings } = this.#modules;
    const told = this.#pending;
    this.#pending = [];
    if (told.length > 0) {
      const { lines, text } = await store.put(told).catch((error: unknown) => {
        this.#pending = [...told, ...this.#pending];
        throw error;
      });
      for (const line of lines) this.#tell(line);
      onAlerts?.(text);
    }
    if (store.isBehind) {
      const findings = await store.follow();
      onFindings?.(findings);
    }
    const times = this.#scoredTimes;
    this.#scoredTimes = [];
    if (times.length > 0) this.onScored(times);
  }

  /** Everything from which it goes on, after `settle`. @throws Error where a line is not on disk: it would be lost */
  snapshot(): AlertDeskSnapshot {
    if (this.#pending.length > 0) throw new Error('alerts that are not on disk');
    return {
      armed: this.#armed,
      model: this.#model?.named.hash ?? null,
      sequence: this.#modules.store.sequence,
      withheld: this.#withheld.snapshot(),
      groups: this.#groups.snapshot(),
      calibration: this.#calibration.snapshot(),
      arrivals: this.#arrivals.snapshot(),
    };
  }

  /** Takes up where a snapshot was taken, or begins; either way what was written since is told no second time. */
  async begin(from: AlertDeskSnapshot | null): Promise<void> {
    if (from !== null) {
      this.#armed = from.armed;
      this.#lastModel = from.model;
      this.#withheld.restore(from.withheld);
      this.#groups.restore(from.groups);
      this.#calibration.restore(from.calibration);
      this.#arrivals.restore(from.arrivals);
    }
    const { store } = this.#modules;
    const sequence = from?.sequence ?? 0;
    for (const line of store.before) if (line.sequence > sequence) this.#groups.written(line);
    store.recover(sequence);
    await this.refresh();
  }

  #tell({ id, number, version, srcHost, score, threshold }: Alert): void {
    if (version === 1) this.counts.raised++;
    else this.counts.updated++;
    const what = version === 1 ? 'an alert is raised' : 'an alert has grown';
    this.#modules.logger.info({ id, number, version, srcHost, score, threshold }, what);
  }

  #score(): void {
    const events = this.#events;
    if (events.length === 0) return;
    this.#events = [];
    const model = this.#model;
    const scores = model?.scores(this.#rows.subarray(0, events.length * this.#width));
    for (const [i, event] of events.entries()) {
      const row = this.#rows.subarray(i * this.#width, (i + 1) * this.#width);
      const score = scores?.[i];
      if (model !== null && score !== undefined) this.#judge(model, event, row, score);
      const fresh = row[AT.edgeNew] === 1 || row[AT.accountDestinationNew] === 1;
      this.#arrivals.add(event, fresh, score ?? 0);
    }
    if (model === null) return;
    this.counts.scored += events.length;
    for (const { time } of events) this.#scoredTimes.push(time);
  }

  #judge(model: ModelInUse, event: AuthEvent, row: Float32Array, score: number): void {
    this.#calibration.see(event, row, score);
    const { threshold } = this;
    if (threshold === null || score <= threshold) return;
    if (this.#modules.labels().isBenign(event)) this.counts.dismissed++;
    else if (this.#isSuppressed(event)) this.counts.suppressed++;
    else {
      const outcome = this.#groups.take({ event, score, threshold }, (hit) =>
        this.#evidence(model, hit, row),
      );
      if (outcome === 'limited') this.counts.limited++;
      else if (outcome !== 'same') this.#pending.push(outcome);
    }
  }

  #isSuppressed(event: AuthEvent): boolean {
    const rule = this.#modules.suppressions.find(event);
    if (rule !== null) this.#withheld.count(rule, event.time);
    return rule !== null;
  }

  #evidence(model: ModelInUse, { event }: Hit, row: Float32Array): Evidence {
    const account = usedAccount(event);
    const facts = { event, row, accountSince: this.#modules.accountSince(account) };
    return {
      reasons: model.reasons(facts, this.#calibration.usual),
      path: this.#arrivals.pathTo(event.srcHost, account, event.time),
      model: model.named,
    };
  }
}

export interface AlertDeskSnapshot {
  readonly armed: boolean;
  /** Hash of the model. */
  readonly model: string | null;
  /** Of the last line that was written. */
  readonly sequence: number;
  readonly withheld: WithheldSnapshot;
  readonly groups: AlertGroupsSnapshot;
  readonly calibration: CalibrationSnapshot;
  readonly arrivals: ArrivalsSnapshot;
}
