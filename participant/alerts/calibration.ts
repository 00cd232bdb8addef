import type { Logger } from 'pino';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { toCordonError } from '../../protocol/errors.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import type { IncidentIndex } from '../train/incidents.ts';
import type { SiteData } from '../train/site-data.ts';
import { usualRow } from '../train/top-alerts.ts';
import { GroupTops, type GroupTopsSnapshot } from './group-tops.ts';
import type { ModelInUse } from './model-in-use.ts';

/** What thresholds are taken from. */
export interface CalibrationModules {
  readonly labels: () => IncidentIndex;
  /** @throws CordonError DATA_INSUFFICIENT */
  readonly site: () => SiteData;
  /** When the site's history begins, milliseconds; null before the first event. */
  readonly since: () => number | null;
  readonly logger: Logger;
}

/** While no day is over yet the threshold is looked at again after so many rows. */
const LOOK_AGAIN = 10_000;

/** What is usual at a site by the model that scores it now: the threshold, and an ordinary row. */
export class Calibration {
  /** What must be exceeded; null where nothing has been seen. */
  threshold: number | null = null;
  /** The mean of ordinary rows; null where there are none yet. */
  usual: Float32Array | null = null;
  readonly #modules: CalibrationModules;
  readonly #tops: GroupTops;
  #today = -Infinity;
  #sinceLook = 0;

  constructor(perDay: number, modules: CalibrationModules) {
    this.#modules = modules;
    this.#tops = new GroupTops(perDay);
  }

  /** Days that are remembered. */
  get days(): number {
    return this.#tops.days;
  }

  /** Takes the next scored event in. What it is compared with does not depend on its own score. */
  see(event: AuthEvent, row: Float32Array, score: number): void {
    const today = Math.floor(event.time / DAY_MS);
    this.#sinceLook++;
    if (today > this.#today || this.#sinceLook >= LOOK_AGAIN) {
      this.#today = Math.max(this.#today, today);
      this.look();
    }
    this.#tops.offer(event, row, score);
  }

  /** Works the threshold out again: a day is over, or labels are others. */
  look(): void {
    this.#sinceLook = 0;
    const labels = this.#modules.labels();
    const since = this.#modules.since() ?? 0;
    this.threshold = this.#tops.threshold(this.#today, since, (event) => labels.campaignOf(event) !== null);
  }

  /** With another model: what is remembered, and the site's validation events, are scored again. */
  anew(model: ModelInUse): void {
    this.lookAtUsual();
    try {
      const { validation, validationShare } = this.#modules.site();
      this.#tops.rescore((row) => model.scores(row)[0] ?? null);
      const scores = model.scores(validation.list.rows);
      validation.events.forEach((event, i) => {
        this.#tops.offer(event, validation.list.row(i), scores[i] ?? -Infinity, validationShare);
      });
    } catch (error) {
      const { code, expected, got } = toCordonError(error);
      this.#modules.logger.info({ code, expected, got }, 'no threshold yet');
    }
    this.look();
  }

  lookAtUsual(): void {
    try {
      this.usual = usualRow(this.#modules.site());
    } catch {
      this.usual = null;
    }
  }

  snapshot(): CalibrationSnapshot {
    return {
      today: this.#today === -Infinity ? null : this.#today,
      sinceLook: this.#sinceLook,
      threshold: this.threshold === null ? null : String(this.threshold),
      tops: this.#tops.snapshot(),
    };
  }

  restore({ today, sinceLook, threshold, tops }: CalibrationSnapshot): void {
    this.#today = today ?? -Infinity;
    this.#sinceLook = sinceLook;
    this.threshold = threshold === null ? null : Number(threshold);
    this.#tops.restore(tops);
  }
}

export interface CalibrationSnapshot {
  readonly today: number | null;
  readonly sinceLook: number;
  /** As text: it may be -Infinity. */
  readonly threshold: string | null;
  readonly tops: GroupTopsSnapshot;
}
