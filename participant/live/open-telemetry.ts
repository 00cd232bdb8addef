import { stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Logger } from 'pino';
import { type FeatureSet, FEATURE_SETS } from '../../models/detection/feature-sets.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import { writeStatus } from '../alerts/alert-status.ts';
import { DeskModels, deskOf } from '../alerts/open-desk.ts';
import type { ScoringModel } from '../alerts/scoring-model.ts';
import type { ParticipantConfig } from '../config.ts';
import { IncidentSource, openIncidents } from '../telemetry/load-incidents.ts';
import { prepareTelemetry, type SiteSummary } from '../telemetry/prepare.ts';
import type { IncidentIndex } from '../train/incidents.ts';
import type { SiteData } from '../train/site-data.ts';
import { siteMoment } from '../train/site-moment.ts';
import { isThisMachine } from '../api/transport.ts';
import { ocsfLines } from '../../datasets/ocsf-json/format.ts';
import { partSettings } from '../../datasets/read-part.ts';
import { LIVE_FOLDER } from './checkpoint.ts';
import { liveMetrics } from './metrics.ts';
import { Intake } from './intake.ts';
import { listen, type LiveServer } from './server.ts';
import { Spool } from './spool.ts';
import { Token } from './token.ts';
import type { Clocks } from './file-book.ts';
import type { Learning } from './live-options.ts';
import { LiveSite } from './live-site.ts';

/** A site's telemetry, read once or followed. */
export interface Telemetry {
  /** As it was when everything that was there at the start had been taken. */
  readonly summary: SiteSummary;
  /** Ends when the caller's signal does, or when the logs can be followed no more. */
  readonly signal: AbortSignal;
  /** File or folder of the logs themselves. */
  readonly logs: string;
  /** What there is to train on now; null where the rows hold less than this feature set. @throws CordonError DATA_INSUFFICIENT */
  site(features: FeatureSet): SiteData | null;
  /** What people say of events now. */
  labels(): IncidentIndex;
  /** Events are scored by this model from now on, where logs are followed; one that does not fit is told of in the log. */
  useModel(model: ScoringModel): void;
  /** Writes the last checkpoint. @throws what has ended the following of the logs */
  close(): Promise<void>;
}

/** What acts on the world for a site whose logs are followed. */
export interface LiveModules extends Clocks {
  readonly logger: Logger;
  /** Gets lines of alerts, where the configuration asks for them. */
  readonly onAlerts?: (lines: string) => void;
}

/** Before the name of the lane of what came over HTTP; no file's name begins so. */
const SENT = '//';
const POLL_SECONDS = 1;
const HOLD_SECONDS = 1;
const CHECKPOINT_SECONDS = 60;

/**
 * Reads the logs of `telemetry.events`, or begins to follow those of `telemetry.watch`.
 * @throws CordonError CONFIG_INVALID where neither is configured; as `prepareTelemetry` and `LiveSite.run`
 */
export async function openTelemetry(
  config: ParticipantConfig,
  learning: Learning,
  modules: LiveModules,
  signal: AbortSignal,
): Promise<Telemetry> {
  const { events, watch } = config.telemetry;
  if (watch !== undefined) return follow({ ...config, watch }, learning, modules, signal);
  if (events === undefined) {
    throw new CordonError('CONFIG_INVALID', {
      expected: 'telemetry.events or telemetry.watch in the configuration, or --watch',
      got: 'none of them',
      next: 'name the logs of this organisation',
    });
  }
  const files = { ...config.telemetry, events, state: config.state };
  const labels = await openIncidents(files);
  const { site, summary } = await prepareTelemetry(files, learning, modules.elapsed, modules.now());
  return {
    summary,
    signal,
    logs: events,
    site: (features) => (features === 'edge-v1' ? site : null),
    labels: () => labels,
    useModel: () => undefined,
    close: () => Promise.resolve(),
  };
}

async function follow(
  config: ParticipantConfig & { readonly watch: string },
  learning: Learning,
  modules: LiveModules,
  signal: AbortSignal,
): Promise<Telemetry> {
  const started = modules.elapsed();
  const { telemetry, live = {}, watch } = config;
  const state = join(config.state, LIVE_FOLDER);
  if (`${resolve(state)}${sep}`.startsWith(`${resolve(watch)}${sep}`)) {
    throw new CordonError('CONFIG_INVALID', {
      expected: 'a state folder outside of the watched folder',
      got: `${config.state} in ${watch}`,
      next: 'name another folder: what is written to the one would be read as logs of the other',
    });
  }
  await needsFolder(watch);
  const spool = await Spool.open(join(state, 'spool'));
  const sent = { folder: spool.folder, prefix: SENT, settings: partSettings({ formats: [ocsfLines] }) };
  const incidents = await IncidentSource.open({ incidents: telemetry.incidents, state: config.state });
  const labels = (): IncidentIndex => incidents.index;
  const made: AlertDesk[] = [];
  const site = await LiveSite.open(
    {
      watch,
      state,
      ...(telemetry.timeZone === undefined ? {} : { timeZone: telemetry.timeZone }),
      also: [sent],
      incidents,
      alerts: (followed) => {
        const desk = deskOf(config, followed, { ...modules, labels });
        made.push(desk);
        return desk;
      },
      trainUntil: telemetry.trainUntil,
      learning,
      pollMs: 1000 * (live.pollSeconds ?? POLL_SECONDS),
      holdMs: 1000 * (live.holdSeconds ?? HOLD_SECONDS),
      checkpointMs: 1000 * (live.checkpointSeconds ?? CHECKPOINT_SECONDS),
    },
    modules,
    modules.logger,
  );
  const [desk] = made;
  if (desk === undefined) throw new Error('a live site without its desk');
  const models = await DeskModels.begin(config, desk, modules.logger);
  site.onCheckpoint = async () => {
    await spool.remove(site.follower.taken(SENT));
    await writeStatus(config.state, desk.status(modules.now()));
  };
  const server = await serve(config, site, spool, modules, desk);
  if (server !== null) modules.logger.info({ address: server.address }, 'listening for events or metrics');
  const stop = new AbortController();
  let failure: unknown = null;
  const caughtUp = Promise.withResolvers<void>();
  const running = site
    .run(AbortSignal.any([signal, stop.signal]), caughtUp.resolve)
    .catch((error: unknown) => {
      failure = error;
      stop.abort();
    })
    .finally(caughtUp.resolve);
  await caughtUp.promise;
  const close = async (): Promise<void> => {
    // What is acknowledged until the end is on disk and is taken at the next start.
    await server?.close();
    stop.abort();
    await running;
    await spool.close();
    if (failure !== null) throw toCordonError(failure);
  };
  if (failure !== null) await close();
  return {
    summary: summaryOf(site, modules.elapsed() - started),
    signal: AbortSignal.any([signal, stop.signal]),
    logs: watch,
    // A round trains on what was there when it began; the columns of edge-v1 are the first of edge-v2.
    site: (features) => {
      const width = FEATURE_SETS[features];
      return width <= FEATURE_SETS[site.features] ? siteMoment(site.site(), width) : null;
    },
    labels,
    useModel: (model) => models.offer(model),
    close,
  };
}

/** @throws CordonError DATA_NOT_FOUND before anything is opened for it */
async function needsFolder(watch: string): Promise<void> {
  const found = await stat(watch).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw new CordonError('DATA_NOT_FOUND', {
    expected: `a folder of logs to follow (telemetry.watch or --watch) at ${watch}`,
    got: found === null ? 'nothing that can be read' : 'something else',
    next: 'make the folder, or correct the path',
  });
}

/** @throws CordonError CONFIG_INVALID where others could listen in, or the token file will not do; PORT_IN_USE */
async function serve(
  { live = {}, insecureTransport }: ParticipantConfig,
  site: LiveSite,
  spool: Spool,
  clocks: Clocks,
  desk: AlertDesk,
): Promise<LiveServer | null> {
  if (live.listen === undefined) return null;
  const { host } = live.listen;
  if (insecureTransport !== true && !isThisMachine(host.includes(':') ? `[${host}]` : host)) {
    throw new CordonError('CONFIG_INVALID', {
      expected: 'live.listen.host on this machine: 127.0.0.1, ::1 or localhost',
      got: host,
      next: 'put a tunnel in front of it; or say insecureTransport: true if the line is protected otherwise',
    });
  }
  const token = live.tokenFile === undefined ? null : await Token.load(live.tokenFile);
  const registry = live.metrics === true ? liveMetrics(site, spool, clocks, desk) : null;
  return listen(live.listen, {
    intake:
      token === null
        ? null
        : { token, intake: new Intake(spool, site.pipeline, clocks.now, () => site.wake()) },
    metrics:
      registry === null ? null : async () => ({ type: registry.contentType, text: await registry.metrics() }),
  });
}

function summaryOf({ pipeline, follower, twin, rows, incidents }: LiveSite, ms: number): SiteSummary {
  const { counts } = pipeline;
  return {
    records: follower.stats.records,
    rejects: follower.stats.rejects + follower.ahead,
    events: counts.events.auth,
    late: counts.late,
    duplicates: counts.duplicates,
    twin: twin.sizes(),
    incidents,
    scored: rows,
    ms,
  };
}
