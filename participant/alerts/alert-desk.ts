import type { Logger } from 'pino';
import { FEATURE_SETS, type FeatureSet } from '../../models/detection/feature-sets.ts';
import { modelWith } from '../../models/detection/models.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { toCordonError } from '../../protocol/errors.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { AT } from '../features/edge-v1.ts';
import { usedAccount } from '../features/event-kind.ts';
import type { IncidentIndex } from '../train/incidents.ts';
import { findReasons } from '../train/reasons.ts';
import type { SiteData } from '../train/site-data.ts';
import { usualRow } from '../train/top-alerts.ts';
import { against } from './against.ts';
import type { Alert } from './alert.ts';
import { AlertGroups, type AlertGroupsSnapshot, type Evidence, type Hit, type Told } from './alert-groups.ts';
import type { AlertStatus, Withheld } from './alert-status.ts';
import type { AlertStore } from './alert-store.ts';
import { Arrivals, type ArrivalsSnapshot } from './arrivals.ts';
import { GroupTops, type GroupTopsSnapshot } from './group-tops.ts';
import { type ScoringModel, checkModel } from './scoring-model.ts';
import type { Suppressions } from './suppression-book.ts';

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
export interface AlertModules {
  readonly store: AlertStore;
  readonly suppressions: Pick<Suppressions, 'find' | 'refresh'>;
  readonly labels: () => IncidentIndex;
  /** What there is to take thresholds from. @throws CordonError DATA_INSUFFICIENT */
  readonly site: () => SiteData;
  /** When the site's history begins, milliseconds; null before the first event. */
  readonly since: () => number | null;
  /** When an account was first seen here, milliseconds; null where it was not. */
  readonly accountSince: (account: string) => number | null;
  /** Gets the lines of alerts, and of findings, that are on disk. */
  readonly onAlerts?: (lines: string) => void;
  readonly onFindings?: (lines: string) => void;
  readonly logger: Logger;
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
/** Suppressions that are counted apart. */
const MOST_RULES = 1000;
/** While no day is over yet the threshold is looked at again after so many rows. */
const LOOK_AGAIN = 10_000;

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
  readonly #tops: GroupTops;
  readonly #arrivals = new Arrivals();
  #events: AuthEvent[] = [];
  #model: ScoringModel | null = null;
  #threshold: number | null = null;
  #usual: Float32Array | null = null;
  /** Whether the logs that were there at the start have been taken. */
  #armed = false;
  #today = -Infinity;
  #sinceLook = 0;
  #labels: IncidentIndex | null = null;
  #pending: Told[] = [];
  #settling: Promise<void> = Promise.resolve();
  /** By the id of a suppression. */
  readonly #withheld = new Map<string, Withheld>();
  #scoredTimes: number[] = [];
  /** What a snapshot was made with: the same model goes on with the same threshold. */
  #last: { readonly hash: string; readonly threshold: number | null } | null = null;

  constructor(options: AlertOptions, modules: AlertModules) {
    this.#options = options;
    this.#modules = modules;
    this.#width = FEATURE_SETS[options.features];
    this.#rows = new Float32Array(BATCH * this.#width);
    this.#groups = new AlertGroups(options.member, options.mostPerDay);
    this.#tops = new GroupTops(options.perDay);
  }

  /** What must be exceeded now; null where nothing is raised yet. */
  get threshold(): number | null {
    return this.#armed && this.#model !== null ? this.#threshold : null;
  }

  get model(): ScoringModel | null {
    return this.#model;
  }

  /** How things stand. @param at Unix time, milliseconds */
  status(at: number): AlertStatus {
    const { threshold } = this;
    return {
      at,
      raising: threshold !== null,
      model: this.#model === null ? null : namedIn(this.#model),
      threshold: threshold === null || !Number.isFinite(threshold) ? null : threshold,
      perDay: this.#options.perDay,
      days: this.#tops.days,
      withheld: Object.fromEntries(this.#withheld),
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
    if (model.hash === this.#model?.hash) return;
    this.#score();
    this.#model = model;
    const last = this.#last;
    this.#last = null;
    if (last?.hash !== model.hash) return this.#calibrateAnew();
    this.#threshold = last.threshold;
    this.#usual = this.#usualRow();
  }

  /** From the next row on alerts are raised. @returns whether that is new */
  arm(): boolean {
    if (this.#armed) return false;
    this.#score();
    this.#armed = true;
    this.#calibrateAnew();
    return true;
  }

  /** Takes up other labels and other rules. */
  async refresh(): Promise<void> {
    const labels = this.#modules.labels();
    if (this.#labels !== null && labels !== this.#labels) this.#calibrate();
    this.#labels = labels;
    try {
      await this.#modules.suppressions.refresh();
    } catch (error) {
      const refusal = toCordonError(error).toWire();
      this.#modules.logger.warn(
        { ...refusal },
        'the suppressions cannot be read; those from before still count',
      );
    }
  }

  /**
   * Scores what has been taken; what it raises is on disk before this returns.
   * @throws CordonError where it cannot be written; the same lines are tried again the next time
   */
  async settle(): Promise<void> {
    // One after the other: a checkpoint may be asked for while lines are on their way to the disk.
    const before = this.#settling;
    const settling = before.then(() => this.#settle());
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
      today: this.#today === -Infinity ? null : this.#today,
      sinceLook: this.#sinceLook,
      model: this.#model?.hash ?? null,
      threshold: this.#threshold === null ? null : String(this.#threshold),
      sequence: this.#modules.store.sequence,
      withheld: [...this.#withheld],
      groups: this.#groups.snapshot(),
      tops: this.#tops.snapshot(),
      arrivals: this.#arrivals.snapshot(),
    };
  }

  /**
   * Takes up where a snapshot was taken, or begins; either way what was written since is told no second time.
   * @throws CordonError where the findings cannot be brought up to the alerts
   */
  async begin(from: AlertDeskSnapshot | null): Promise<void> {
    if (from !== null) {
      this.#armed = from.armed;
      this.#today = from.today ?? -Infinity;
      this.#sinceLook = from.sinceLook;
      const { model, threshold } = from;
      if (model !== null)
        this.#last = { hash: model, threshold: threshold === null ? null : Number(threshold) };
      for (const [rule, withheld] of from.withheld) this.#withheld.set(rule, withheld);
      this.#groups.restore(from.groups);
      this.#tops.restore(from.tops);
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
    const { length } = this.#events;
    if (length === 0) return;
    const model = this.#model;
    const scores =
      model === null ? null : this.#scoresOf(model, this.#rows.subarray(0, length * this.#width));
    const events = this.#events;
    this.#events = [];
    for (const [i, event] of events.entries()) {
      const row = this.#rows.subarray(i * this.#width, (i + 1) * this.#width);
      const score = scores?.[i];
      if (score !== undefined) this.#judge(event, row, score);
      const fresh = row[AT.edgeNew] === 1 || row[AT.accountDestinationNew] === 1;
      this.#arrivals.add(event, fresh, score ?? 0);
    }
    if (scores === null) return;
    this.counts.scored += length;
    for (const { time } of events) this.#scoredTimes.push(time);
  }

  /** Rows of the site, of which the model reads the first columns. */
  #scoresOf({ architecture, weights }: ScoringModel, rows: Float32Array): Float32Array {
    const { inputs } = architecture;
    if (inputs === this.#width) return modelWith(architecture).scores(weights, rows);
    const count = rows.length / this.#width;
    const narrow = new Float32Array(count * inputs);
    for (let i = 0; i < count; i++)
      narrow.set(rows.subarray(i * this.#width, i * this.#width + inputs), i * inputs);
    return modelWith(architecture).scores(weights, narrow);
  }

  #judge(event: AuthEvent, row: Float32Array, score: number): void {
    const today = Math.floor(event.time / DAY_MS);
    this.#sinceLook++;
    if (today > this.#today || this.#sinceLook >= LOOK_AGAIN) {
      this.#today = Math.max(this.#today, today);
      this.#calibrate();
    }
    this.#tops.offer(event, row, score);
    if (!this.#armed || this.#threshold === null || score <= this.#threshold) return;
    if (this.#modules.labels().isBenign(event)) this.counts.dismissed++;
    else if (this.#isSuppressed(event)) this.counts.suppressed++;
    else this.#raise({ event, score, threshold: this.#threshold }, row);
  }

  #isSuppressed(event: AuthEvent): boolean {
    const rule = this.#modules.suppressions.find(event);
    if (rule === null) return false;
    const { events } = this.#withheld.get(rule) ?? { events: 0 };
    // The rules of the last time come last: those that nobody needs any more are forgotten first.
    this.#withheld.delete(rule);
    this.#withheld.set(rule, { events: events + 1, last: event.time });
    if (this.#withheld.size > MOST_RULES) this.#withheld.delete(this.#withheld.keys().next().value ?? '');
    return true;
  }

  #raise(hit: Hit, row: Float32Array): void {
    const outcome = this.#groups.take(hit, () => this.#evidence(hit, row));
    if (outcome === 'limited') this.counts.limited++;
    else if (outcome !== 'same') this.#pending.push(outcome);
  }

  #evidence({ event }: Hit, row: Float32Array): Evidence {
    const model = this.#model;
    if (model === null) throw new Error('an alert without a model');
    const { architecture, weights } = model;
    const width = architecture.inputs;
    const usual = this.#usual ?? new Float32Array(this.#width);
    const found = findReasons(architecture, weights, row.subarray(0, width), usual.subarray(0, width));
    const account = usedAccount(event);
    const facts = { event, row, accountSince: this.#modules.accountSince(account) };
    return {
      reasons: found.map((reason) => ({ ...reason, against: against(reason.feature, facts) })),
      path: this.#arrivals.pathTo(event.srcHost, account, event.time),
      model: namedIn(model),
    };
  }

  /** With another model, or all at once: the rows that are kept are scored again. */
  #calibrateAnew(): void {
    const model = this.#model;
    if (model === null) return;
    this.#usual = this.#usualRow();
    try {
      const { validation, validationShare } = this.#modules.site();
      this.#tops.rescore((row) => this.#scoresOf(model, row)[0] ?? null);
      const scores = this.#scoresOf(model, validation.list.rows);
      validation.events.forEach((event, i) => {
        this.#tops.offer(event, validation.list.row(i), scores[i] ?? -Infinity, validationShare);
      });
    } catch (error) {
      const { code, expected, got } = toCordonError(error);
      this.#modules.logger.info({ code, expected, got }, 'no threshold yet');
    }
    this.#calibrate();
  }

  /** What ordinary rows look like; null where there are none yet. */
  #usualRow(): Float32Array | null {
    try {
      return usualRow(this.#modules.site());
    } catch {
      return null;
    }
  }

  #calibrate(): void {
    this.#sinceLook = 0;
    const labels = this.#modules.labels();
    const since = this.#modules.since() ?? 0;
    this.#threshold = this.#tops.threshold(this.#today, since, (event) => labels.campaignOf(event) !== null);
  }
}

function namedIn({ from, hash, architecture }: ScoringModel): Alert['model'] {
  return { from, hash, features: architecture.features };
}

export interface AlertDeskSnapshot {
  readonly armed: boolean;
  readonly today: number | null;
  readonly sinceLook: number;
  /** Hash of the model, and what had to be exceeded by its scores, as text. */
  readonly model: string | null;
  readonly threshold: string | null;
  /** Of the last line that was written. */
  readonly sequence: number;
  readonly withheld: readonly (readonly [string, Withheld])[];
  readonly groups: AlertGroupsSnapshot;
  readonly tops: GroupTopsSnapshot;
  readonly arrivals: ArrivalsSnapshot;
}
