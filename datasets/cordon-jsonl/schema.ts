import {
  AUTH_ACTIONS,
  AUTH_PROTOCOLS,
  LOGON_TYPES,
  type CanonicalEvent,
} from '../../protocol/events/canonical.ts';
import { MAX_PORT } from '../input/transport.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const time: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const port: Check = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_PORT;
const count: Check = (value) =>
  value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0);
const flag: Check = (value) => typeof value === 'boolean';
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value);

/** Fields of each event type in the order in which they are written; `type` comes first and `source` last. */
export const EVENT_FIELDS: Readonly<Record<CanonicalEvent['type'], Readonly<Record<string, Check>>>> = {
  auth: {
    time,
    srcHost: text,
    dstHost: text,
    srcAccount: text,
    dstAccount: text,
    protocol: oneOf(...AUTH_PROTOCOLS),
    logonType: oneOf(...LOGON_TYPES),
    action: oneOf(...AUTH_ACTIONS),
    success: flag,
  },
  process: {
    time,
    host: text,
    account: text,
    image: text,
    parentImage: text,
    action: oneOf('Start', 'End'),
  },
  flow: {
    time,
    srcHost: text,
    dstHost: text,
    srcPort: port,
    dstPort: port,
    transport: oneOf('tcp', 'udp', 'other'),
    image: text,
    service: text,
    operation: text,
    durationMs: count,
    bytesOut: count,
    bytesIn: count,
    packets: count,
  },
  dns: { time, host: text, query: text },
  detection: { time, srcHost: text, dstHost: text, account: text, technique: text, label: text },
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEventType(value: unknown): value is CanonicalEvent['type'] {
  return typeof value === 'string' && Object.hasOwn(EVENT_FIELDS, value);
}

/** Why a parsed line is not exactly one canonical event, or null when it is. */
export function eventProblem(value: unknown): string | null {
  if (!isObject(value)) return 'not a JSON object';
  const type = value['type'];
  if (!isEventType(type)) return 'the field type is not auth, process, flow, dns or detection';
  const fields = EVENT_FIELDS[type];
  for (const [name, check] of Object.entries(fields)) {
    if (!check(value[name])) return `the field ${name} is missing or not valid`;
  }
  const source = value['source'];
  if (
    !isObject(source) ||
    !text(source['dataset']) ||
    !Number.isSafeInteger(source['record']) ||
    !text(source['uid'])
  ) {
    return 'the field source is missing or not valid';
  }
  if (Object.keys(source).length !== 3) return 'the field source has unknown fields';
  const unknown = Object.keys(value).find(
    (name) => name !== 'type' && name !== 'source' && !Object.hasOwn(fields, name),
  );
  return unknown === undefined ? null : `unknown field ${unknown}`;
}

/** Same as `eventProblem`, as a type guard. */
export function isCanonicalEvent(value: unknown): value is CanonicalEvent {
  return eventProblem(value) === null;
}
