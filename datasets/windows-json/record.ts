/** One Windows event, whatever the shipper that wrote it. */
export interface WindowsRecord {
  readonly eventId: number;
  /** Lower-case channel; '' where the record has none. */
  readonly channel: string;
  /** Lower-case name of the recording host. */
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly time: number;
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

/** ISO 8601, or `YYYY-MM-DD hh:mm:ss.fff` without a zone, which is taken as UTC. NaN where it is neither. */
export function parseTime(value: string): number {
  if (value === '') return NaN;
  const iso = value.includes('T') ? value : value.replace(' ', 'T');
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
}

/**
 * The flat form (NXLog and Mordor: `EventID`, `Channel`, `Hostname`, fields at the top), winlogbeat 6 (`event_id`,
 * `log_name`, `computer_name`, fields in `event_data`) and winlogbeat 7 (the same inside `winlog`).
 * The time is `@timestamp`, else `TimeCreated`, else `EventTime`. Returns why a record cannot be used as a string.
 */
export function windowsRecord(json: unknown): WindowsRecord | string {
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
  const stamp = json['@timestamp'] ?? envelope['TimeCreated'] ?? envelope['EventTime'];
  const time = parseTime(text(stamp));
  if (Number.isNaN(time)) return 'no readable time';
  return {
    eventId,
    channel: text(envelope['Channel'] ?? envelope['channel'] ?? envelope['log_name']).toLowerCase(),
    host,
    time,
    field: (name) => text(fields[name] ?? userFields[name]),
  };
}
