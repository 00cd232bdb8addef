import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import Type, { type Static } from 'typebox';
import { parseConfig } from '../protocol/codec/config-text.ts';
import { CordonError, toCordonError } from '../protocol/errors.ts';
import { CoordinatorUrl, MemberId, closed } from '../protocol/messages/fields.ts';
import { checkTransport } from './api/transport.ts';
import { TimeZone } from '../datasets/time-zone.ts';
import { SitePolicy } from './federation/site-policy.ts';

const Path = Type.String({ minLength: 1 });

/** How logs are followed; all of it may be left out. */
export const LiveConfig = Type.Object(
  {
    /** How often the folder is looked at. */
    pollSeconds: Type.Optional(Type.Number({ minimum: 0.05, maximum: 3600 })),
    /** How long an event waits for logs that have nothing, so that events of several logs come in order. */
    holdSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 3600 })),
    /** How often twin, features and positions are written to the state folder. */
    checkpointSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: 86_400 })),
    /** Where events are taken over HTTP, and metrics are given; nowhere where left out. */
    listen: Type.Optional(
      Type.Object(
        { host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 0, maximum: 65535 }) },
        closed,
      ),
    ),
    /** File of the token that whoever sends events must show (mode 600); without it none are taken. */
    tokenFile: Type.Optional(Path),
    /** Whether `/metrics` is given; `false` where left out. */
    metrics: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type LiveConfig = Static<typeof LiveConfig>;

/** How events are scored and alerts raised where logs are followed; all of it may be left out. */
export const AlertsConfig = Type.Object(
  {
    /** Alerts a day that the threshold is chosen for: 1 where left out. */
    perDay: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100 })),
    /** Alerts raised a day at most, whatever the scores are: 100 where left out. */
    mostPerDay: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /** File of the model that scores (`cordon model`); that of the newest run where left out. */
    model: Type.Optional(Path),
    /** Whether alerts, or the same as OCSF findings, are written to standard output too. */
    stdout: Type.Optional(Type.Union([Type.Literal('alerts'), Type.Literal('findings')])),
  },
  closed,
);
export type AlertsConfig = Static<typeof AlertsConfig>;

/** A participant's configuration file (YAML). Paths are relative to the file. */
export const ParticipantConfig = Type.Object(
  {
    member: MemberId,
    /** Address of the coordinator, http or https. */
    coordinator: CoordinatorUrl,
    /** File of the member's own key (PEM, mode 600). */
    key: Path,
    /** Roster of the consortium (JSON). */
    roster: Path,
    /** Folder of the journal, the outbox, the log head and the results. */
    state: Path,
    telemetry: Type.Object(
      {
        /** File or folder of logs in any format that `cordon datasets inspect` recognises; not read where `watch` is. */
        events: Type.Optional(Path),
        /** Folder whose growing and rotating logs are followed in place of reading `events` once. */
        watch: Type.Optional(Path),
        /** Whose wall clock times without a zone are read by, as an IANA name; UTC where left out. */
        timeZone: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
        /** Confirmed incidents (LANL red-team format), or null. */
        incidents: Type.Union([Path, Type.Null()]),
        /** Milliseconds on the clock of the events: earlier ones train, later ones are scored; null: all do both. */
        trainUntil: Type.Union([Type.Number(), Type.Null()]),
      },
      closed,
    ),
    /** How logs are followed; only with `telemetry.watch`. */
    live: Type.Optional(LiveConfig),
    /** Alerts in live use; only with `telemetry.watch`. */
    alerts: Type.Optional(AlertsConfig),
    /** Seed of sampling and rounding; null takes one from the system at every start. */
    seed: Type.Union([Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }), Type.Null()]),
    /** For the demo and tests only: writes every quantised update in clear to the own state folder. */
    recordVectors: Type.Boolean(),
    /** Threads that encrypt an update, beside the one that rounds and writes it; none where left out. */
    threads: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    /** The site's word that plain HTTP to another machine is protected otherwise. */
    insecureTransport: Type.Optional(Type.Boolean()),
    policy: SitePolicy,
  },
  closed,
);
export type ParticipantConfig = Static<typeof ParticipantConfig>;

/** @throws CordonError DATA_NOT_FOUND, CONFIG_INVALID */
export async function loadParticipantConfig(path: string): Promise<ParticipantConfig> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw toCordonError(error);
  });
  const config = parseConfig(ParticipantConfig, text, `participant configuration ${path}`);
  checkTransport(config.coordinator, config.insecureTransport ?? false);
  const from = (relative: string) => resolve(dirname(resolve(path)), relative);
  const { events, watch, timeZone, incidents, trainUntil } = config.telemetry;
  if (timeZone !== undefined) checkZone(timeZone, path);
  const token = config.live?.tokenFile;
  const model = config.alerts?.model;
  return {
    ...config,
    key: from(config.key),
    roster: from(config.roster),
    state: from(config.state),
    telemetry: {
      ...(events === undefined ? {} : { events: from(events) }),
      ...(watch === undefined ? {} : { watch: from(watch) }),
      ...(timeZone === undefined ? {} : { timeZone }),
      incidents: incidents === null ? null : from(incidents),
      trainUntil,
    },
    ...(model === undefined ? {} : { alerts: { ...config.alerts, model: from(model) } }),
    ...(config.live === undefined
      ? {}
      : { live: { ...config.live, ...(token === undefined ? {} : { tokenFile: from(token) }) } }),
  };
}

function checkZone(name: string, path: string): void {
  try {
    void new TimeZone(name);
  } catch (error) {
    const { got, next } = toCordonError(error);
    throw new CordonError('CONFIG_INVALID', {
      expected: `telemetry.timeZone in participant configuration ${path} to be an IANA name, for example Europe/Berlin`,
      got,
      next,
    });
  }
}
