import { implausibleTime, parseTime } from '../time-text.ts';
import type { TimeZone } from '../time-zone.ts';

type Fields = Record<string, unknown>;

/** One eCAR event: what was done (`action`) to what (`object`), where and by whom. */
export interface EcarRecord {
  readonly object: string;
  readonly action: string;
  /** UUID of the event; '' where it has none. */
  readonly id: string;
  /** Lower-case name of the recording host. */
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly principal: string;
  /** A property as text; '' where it is missing, `NULL` or -1, which eCAR has for what is not known. */
  property(name: string): string;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  const plain = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  return plain === 'NULL' || plain === 'null' || plain === '-1' ? '' : plain;
}

/** `timestamp` is milliseconds since 1970 in the model's description, and ISO 8601 with a zone in the data. */
function timeOf(value: unknown, zone: TimeZone): number {
  if (typeof value === 'number') return value;
  const written = text(value);
  return /^\d{1,15}$/.test(written) ? Number(written) : parseTime(written, zone);
}

/** A parsed object as a record, or why it is none. */
export function ecarRecord(json: unknown, zone: TimeZone): EcarRecord | string {
  if (!isFields(json)) return 'not a JSON object';
  const object = text(json['object']);
  const action = text(json['action']);
  if (object === '' || action === '') return 'no object or no action';
  const host = text(json['hostname']).toLowerCase();
  if (host === '') return 'no hostname';
  const time = timeOf(json['timestamp'] ?? json['timestamp_ms'], zone);
  if (!Number.isFinite(time)) return 'no readable timestamp';
  if (implausibleTime(time)) return 'the time lies outside 1970 to 2200';
  const properties = isFields(json['properties']) ? json['properties'] : {};
  return {
    object,
    action,
    id: text(json['id']),
    host,
    time,
    principal: text(json['principal']),
    property: (name) => text(properties[name]),
  };
}
