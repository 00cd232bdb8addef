import type { Logger } from 'pino';
import { toCordonError } from '../../protocol/errors.ts';
import type { ParticipantConfig } from '../config.ts';
import type { IncidentIndex } from '../train/incidents.ts';
import type { SiteData } from '../train/site-data.ts';
import type { TwinGraph } from '../twin/twin-graph.ts';
import type { FeatureSet } from '../../models/detection/feature-sets.ts';
import { AlertDesk } from './alert-desk.ts';
import { AlertStore } from './alert-store.ts';
import { modelOfFile, newestModel } from './newest-model.ts';
import type { ScoringModel } from './scoring-model.ts';
import { Suppressions } from './suppression-book.ts';

const ALERTS_PER_DAY = 1;
const MOST_ALERTS_PER_DAY = 100;

/** What of a live site the scoring of its rows goes by. */
export interface AlertedSite {
  readonly features: FeatureSet;
  readonly twin: TwinGraph;
  site(): SiteData;
}

export interface DeskModules {
  readonly labels: () => IncidentIndex;
  /** Unix time, milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  /** Gets lines of alerts, where the configuration asks for them. */
  readonly onAlerts?: (lines: string) => void;
}

/** The desk of a participant's configuration. @throws CordonError ENCODING_INVALID where the alerts are damaged */
export function deskOf(
  { member, state, alerts = {} }: ParticipantConfig,
  followed: AlertedSite,
  { labels, now, logger, onAlerts }: DeskModules,
): AlertDesk {
  const { perDay = ALERTS_PER_DAY, mostPerDay = MOST_ALERTS_PER_DAY, stdout } = alerts;
  return new AlertDesk(
    { member, perDay, mostPerDay, features: followed.features },
    {
      store: AlertStore.open(state, member, now),
      suppressions: new Suppressions(state),
      labels,
      site: () => followed.site(),
      since: () => followed.twin.sizes().first,
      accountSince: (account) => followed.twin.account(account)?.first ?? null,
      ...(stdout === 'alerts' && onAlerts ? { onAlerts } : {}),
      ...(stdout === 'findings' && onAlerts ? { onFindings: onAlerts } : {}),
      logger,
    },
  );
}

/** Which model a desk scores by: the one that the configuration names, or the newest of the participant's own. */
export class DeskModels {
  readonly #desk: AlertDesk;
  readonly #logger: Logger;
  readonly #chosen: boolean;

  private constructor(desk: AlertDesk, logger: Logger, chosen: boolean) {
    this.#desk = desk;
    this.#logger = logger;
    this.#chosen = chosen;
  }

  /** @throws CordonError as `modelOfFile`, MODEL_MISMATCH: for the model that the configuration names */
  static async begin(
    { state, alerts = {} }: ParticipantConfig,
    desk: AlertDesk,
    logger: Logger,
  ): Promise<DeskModels> {
    const models = new DeskModels(desk, logger, alerts.model !== undefined);
    if (alerts.model !== undefined) desk.useModel(await modelOfFile(alerts.model));
    const newest = alerts.model === undefined ? await newestModel(state, logger) : null;
    if (newest !== null) models.offer(newest);
    return models;
  }

  /** A newer model of the participant's own; one that does not fit is told of in the log. */
  offer(model: ScoringModel): void {
    if (this.#chosen) return;
    try {
      this.#desk.useModel(model);
      this.#logger.info({ from: model.from, hash: model.hash }, 'events are scored by this model');
    } catch (error) {
      const refusal = toCordonError(error).toWire();
      this.#logger.warn({ ...refusal }, 'a model does not fit; alerts go on as before');
    }
  }
}
