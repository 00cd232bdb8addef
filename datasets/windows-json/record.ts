import { hasZone, implausibleTime, parseTime } from '../time-text.ts';
import { UTC, type TimeZone } from '../time-zone.ts';

/** One Windows event, whatever the shipper that wrote it. */
export interface WindowsRecord {
  readonly eventId: number;
  /** Lower-case channel; '' where the record has none. */
  readonly channel: string;
  /** Lower-case name of the recording host. */
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /**
   * Channel, host, record number and the time written by the host: a record number alone comes again where a log was
   * cleared or a machine was set back. '' where the record has no number.
   */
  readonly uid: string;
  /** Where `time` has a zone and the host wrote one by its wall clock too: that, as if it were UTC; else null. */
  readonly wall: number | null;
  /** A field of the event as text; '' where it is missing, '-' or '(null)'. */
  field(name: string): string;
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  if (typeof value === 'string') return value === '-' || value === '(null)' ? '' : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return '';
}

/**
 * The flat form (NXLog and Mordor: `EventID`, `Channel`, `Hostname`, fields at the top), winlogbeat 6 (`event_id`,
 * `log_name`, `computer_name`, fields in `event_data`) and winlogbeat 7 (the same inside `winlog`).
 * The time is `@timestamp`, else `TimeCreated`, else `EventTime`; without a zone it is by the wall clock of `zone`.
 * Returns why a record cannot be used as a string.
 */
export function windowsRecord(json: unknown, zone: TimeZone): WindowsRecord | string {
  if (!isFields(json)) return 'not a JSON object';
  const winlog = json['winlog'];
  const envelope = isFields(winlog) ? winlog : json;
  const data = envelope['event_data'];
  const fields = isFields(data) ? data : envelope;
  const user = envelope['user_data'];
  const userFields: Fields = isFields(user) ? user : {};

  const eventId = Number(text(envelope['EventID'] ?? envelope['event_id']) || NaN);
  if (!Number.isInteger(eventId)) return 'no event id';
  const host = text(envelope['Hostname'] ?? envelope['computer_name'] ?? envelope['Computer']).toLowerCase();
  if (host === '') return 'no host name';
  const stamp = text(json['@timestamp'] ?? envelope['TimeCreated'] ?? envelope['EventTime']);
  const time = parseTime(stamp, zone);
  if (Number.isNaN(time)) return 'no readable time';
  if (implausibleTime(time)) return `a time before 1970 or after 2199: ${stamp}`;
  const channel = text(envelope['Channel'] ?? envelope['channel'] ?? envelope['log_name']).toLowerCase();
  const number = text(
    envelope['RecordNumber'] ??
      envelope['record_number'] ??
      envelope['record_id'] ??
      envelope['EventRecordID'],
  );
  const written = text(envelope['EventTime']);
  const wall =
    written === '' || written === stamp || !hasZone(stamp) || hasZone(written)
      ? NaN
      : parseTime(written, UTC);
  return {
    eventId,
    channel,
    host,
    time,
    uid: number === '' ? '' : `${channel}/${host}/${number}@${written || new Date(time).toISOString()}`,
    wall: Number.isNaN(wall) ? null : wall,
    field: (name) => text(fields[name] ?? userFields[name]),
  };
}
