/** One row of a Zeek log, whatever it is written in. Names of fields are those of Zeek (`id.orig_h`). */
export interface ZeekRecord {
  /** Name of the log: conn, kerberos, ... or '' where neither the row nor its fields tell. */
  readonly stream: string;
  /** A field as text; '' where it is unset, empty or not there. */
  text(name: string): string;
  /** The elements of a set or vector; one element for a plain value, none where it is unset. */
  list(name: string): readonly string[];
}

/** Fields by which a log is known that does not say its name; the first line that is all there counts. */
const BY_FIELDS: readonly (readonly [stream: string, ...fields: string[]])[] = [
  ['conn', 'conn_state', 'proto'],
  ['dns', 'trans_id', 'qclass'],
  ['dns', 'trans_id', 'rcode'],
  ['ntlm', 'server_nb_computer_name'],
  ['ntlm', 'username', 'domainname'],
  ['ntlm', 'username', 'hostname'],
  ['kerberos', 'request_type'],
  ['kerberos', 'client', 'service', 'success'],
  ['smb_mapping', 'share_type'],
  ['smb_files', 'action', 'name', 'path'],
  ['dce_rpc', 'endpoint', 'operation'],
];

/** The log that has such fields, or ''. */
export function streamOfFields(has: (name: string) => boolean): string {
  return BY_FIELDS.find(([, ...fields]) => fields.every(has))?.[0] ?? '';
}

/** When a row was written. */
export interface ZeekTime {
  /** Milliseconds since 1970, fractions cut. */
  readonly ms: number;
  /** Seconds since 1970 with all their digits, the same however they were written. */
  readonly seconds: string;
}

const EPOCH = /^(\d{1,11})(?:\.(\d{1,12}))?$/;
const ISO_FRACTION = /[.,](\d{1,9})(?=\s*(?:Z|[+-]\d\d:?\d\d)?$)/i;

/**
 * `ts`: seconds since 1970 with a fraction, or ISO 8601; null for anything else.
 * @param parseIso milliseconds since 1970 of ISO 8601, NaN where it is none
 */
export function zeekTime(text: string, parseIso: (text: string) => number): ZeekTime | null {
  const epoch = EPOCH.exec(text);
  if (epoch !== null) return timeOf(Number(epoch[1]), epoch[2] ?? '');
  const ms = parseIso(text);
  return Number.isNaN(ms) ? null : timeOf(Math.floor(ms / 1000), ISO_FRACTION.exec(text)?.[1] ?? '');
}

function timeOf(whole: number, fraction: string): ZeekTime {
  const digits = fraction.replace(/0+$/, '');
  return {
    ms: whole * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0')),
    seconds: digits === '' ? String(whole) : `${whole}.${digits}`,
  };
}

/** A field as an amount of at least 0, or null. */
export function amountOf(record: ZeekRecord, name: string): number | null {
  const text = record.text(name);
  const value = Number(text);
  return text !== '' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** An interval in seconds as milliseconds with microseconds behind the point, or null. */
export function intervalOf(record: ZeekRecord, name: string): number | null {
  const seconds = amountOf(record, name);
  return seconds === null ? null : Math.round(seconds * 1e6) / 1e3;
}

/** A truth value (`T` or `true`), null where it is unset. */
export function flagOf(record: ZeekRecord, name: string): boolean | null {
  const text = record.text(name).toLowerCase();
  if (text === 't' || text === 'true') return true;
  return text === 'f' || text === 'false' ? false : null;
}
