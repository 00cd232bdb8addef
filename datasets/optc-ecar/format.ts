import { shareOf, type Format } from '../format.ts';
import { domainOf } from '../host-book.ts';
import type { Naming } from '../host-facts.ts';
import { jsonLayout, jsonReader } from '../input/json-records.ts';
import { notJson } from '../input/lines.ts';
import { LONGEST_NAME } from '../name-lengths.ts';
import { ECAR_EVENTS } from './map.ts';
import { ecarRecord } from './record.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const HEAD_BYTES = 64 * 1024;
const OBJECT = Buffer.from('"object":"');
const ACTION = Buffer.from('"action":"');
const KIND = /^[A-Z_]{1,30} [A-Z_]{1,30}$/;
/** Hosts whose terms are remembered; beyond it they are told again. */
const MAX_RECORDERS = 100_000;

function looksLikeEcar(text: string): boolean {
  return (
    /"object"\s*:\s*"[A-Z_]+"/.test(text) &&
    /"action"\s*:\s*"[A-Z_]+"/.test(text) &&
    /"(?:actorID|objectID)"\s*:/.test(text)
  );
}

/**
 * eCAR as in DARPA OpTC: events of Windows hosts, one object a line; also written over several lines. Of many objects
 * flows, processes and sessions are used, so object and action are looked for in the bytes, and only records of used
 * kinds are parsed; of the others it is checked that they begin and end as an object does.
 */
export const optcEcar: Format = {
  name: 'optc-ecar',
  title: 'OpTC host events (eCAR), JSON',

  recognise({ bytes, lines }) {
    const head = bytes.toString('utf8', 0, HEAD_BYTES);
    if (lines.length > 0 && jsonLayout(head) !== 'lines') return looksLikeEcar(head) ? 1 : 0;
    return shareOf(lines, (line) => line.startsWith('{') && looksLikeEcar(line));
  },

  open(context) {
    const naming = new Map<string, Naming>();
    return jsonReader(context, (buffer, start, end, line) => {
      const bytes = trimmed(buffer, start, end);
      if (bytes[0] !== OPEN) return 'does not begin with {';
      if (bytes[bytes.length - 1] !== CLOSE) return 'does not end with }: cut short';
      const kind = `${valueAfter(bytes, OBJECT)} ${valueAfter(bytes, ACTION)}`;
      if (KIND.test(kind) && !ECAR_EVENTS.has(kind)) {
        context.ignore(kind);
        return null;
      }
      let json: unknown;
      try {
        json = JSON.parse(bytes.toString('utf8'));
      } catch (error) {
        return notJson(error);
      }
      const record = ecarRecord(json, context.timeZone);
      if (typeof record === 'string') return record;
      const found = `${record.object} ${record.action}`;
      const map = ECAR_EVENTS.get(found);
      if (map === undefined) {
        context.ignore(KIND.test(found) ? found : 'eCAR of another kind');
        return null;
      }
      const { host, time } = record;
      const mapped = map(record, { dataset: context.dataset, record: line, uid: record.id });
      if (typeof mapped === 'string') return mapped;
      let terms = naming.get(host);
      if (terms === undefined) {
        terms = { network: domainOf(host) };
        if (naming.size >= MAX_RECORDERS) naming.clear();
        if (host.length <= LONGEST_NAME) naming.set(host, terms);
        context.learn({ type: 'recorder', time, host });
      }
      if (mapped.ownAddress !== undefined) {
        context.learn({ type: 'address', time, address: mapped.ownAddress, host, network: terms.network });
      }
      if (mapped.event.type === 'process') context.emit(mapped.event);
      else context.emit(mapped.event, terms);
      return null;
    });
  },
};

function trimmed(buffer: Buffer, start: number, end: number): Buffer {
  let [from, to] = [start, end];
  while (from < to && (buffer[from] ?? 0) <= 0x20) from++;
  while (to > from && (buffer[to - 1] ?? 0) <= 0x20) to--;
  return buffer.subarray(from, to);
}

/** The text value of a field in the bytes; '' where it is not written so. A quote in a string would be escaped. */
function valueAfter(bytes: Buffer, field: Buffer): string {
  const at = bytes.indexOf(field);
  if (at < 0) return '';
  const from = at + field.length;
  const to = bytes.indexOf(QUOTE, from);
  return to < 0 || to - from > 40 ? '' : bytes.toString('latin1', from, to);
}
