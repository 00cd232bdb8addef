import type { EventSource } from '../../protocol/events/canonical.ts';
import { cleanAddress, domainOf } from '../host-book.ts';
import type { StreamItem } from '../host-facts.ts';
import { implausibleTime, parseTime } from '../time-text.ts';
import { UTC, type TimeZone } from '../time-zone.ts';
import { MAPPINGS } from './classes.ts';
import { classOfCaption } from './enums.ts';
import { integer, isFields, object, objects, text, type Fields } from './fields.ts';
import { hostOf } from './names.ts';
import { OWN_PRODUCT } from './write.ts';

/** What one OCSF object is: events, a record of a kind that is not used, or something that cannot be read. */
export type OcsfMapping =
  /** What it tells of names and addresses, then its events; for `HostResolver.take`. */
  | { readonly outcome: 'events'; readonly items: readonly StreamItem[] }
  /** `kind` for counting: the class, with the activity where it is that which is not used. */
  | { readonly outcome: 'ignored'; readonly kind: string }
  | { readonly outcome: 'rejected'; readonly reason: string };

/** Evidences whose endpoints are looked at for names and addresses. */
const MAX_EVIDENCES = 64;

/**
 * Maps one parsed OCSF object (1.0 to 1.8) to canonical events; docs/events.md has the mapping. Numbers decide where
 * number and caption are given. An event that `toOcsf` wrote comes back exactly; names of others are made canonical
 * (lower-case hosts, `account@domain`, cleaned addresses).
 * @param origin data set and record of events that were not written by `toOcsf`; their uid is `metadata.uid`
 * @param timeZone of times without a zone, which RFC 3339 does not allow
 */
export function fromOcsf(
  value: unknown,
  origin: Omit<EventSource, 'uid'>,
  timeZone: TimeZone = UTC,
): OcsfMapping {
  if (!isFields(value)) return rejected('not a JSON object');
  const typeUid = integer(value, 'type_uid');
  const classUid =
    integer(value, 'class_uid') ??
    (typeUid === null ? classOfCaption(text(value, 'class_name')) : Math.floor(typeUid / 100));
  if (classUid === null) return rejected('no class_uid');
  const map = MAPPINGS.get(classUid);
  if (map === undefined) return { outcome: 'ignored', kind: `OCSF class ${classUid}` };

  const metadata = object(value, 'metadata');
  const product = object(metadata, 'product');
  const own = text(product, 'name') === OWN_PRODUCT && text(product, 'vendor_name') === OWN_PRODUCT;
  const time = timeOf(value, timeZone);
  if (Number.isNaN(time)) return rejected('no readable time');
  if (!own && implausibleTime(time)) return rejected('the time lies outside 1970 to 2200: not milliseconds');
  const uid = text(metadata, 'uid');
  const source = own
    ? { dataset: text(metadata, 'log_name'), record: integer(metadata, 'sequence') ?? origin.record, uid }
    : { ...origin, uid };
  const activity = integer(value, 'activity_id') ?? (typeUid === null ? null : typeUid % 100);
  const mapped = map({ value, own, time, source, activity, version: text(metadata, 'version') });
  if ('rejected' in mapped) return rejected(mapped.rejected);
  if ('ignored' in mapped) return { outcome: 'ignored', kind: mapped.ignored };
  if (own) return { outcome: 'events', items: mapped };
  const network = networkOf(value);
  const events = mapped.map((event): StreamItem => ({ type: 'unresolved', event, naming: { network } }));
  return { outcome: 'events', items: [...facts(value, time, network), ...events] };
}

function rejected(reason: string): OcsfMapping {
  return { outcome: 'rejected', reason };
}

/** `time` in milliseconds, else `time_dt` (RFC 3339); text in `time` too, as some collectors write it. */
function timeOf(value: Fields, timeZone: TimeZone): number {
  const time = value['time'];
  if (typeof time === 'number') return Number.isFinite(time) ? time : NaN;
  const milliseconds = integer(value, 'time');
  if (milliseconds !== null) return milliseconds;
  return parseTime(text(value, 'time') || text(value, 'time_dt'), timeZone);
}

const PLACES = ['device', 'dst_endpoint', 'src_endpoint'] as const;

/** The network in whose terms hosts are named: that of the recording device, else of the first full name. */
function networkOf(value: Fields): string {
  for (const place of PLACES) {
    const domain = domainOf(hostOf(object(value, place), false));
    if (domain !== '') return domain;
  }
  return '';
}

/** A device that records, and every endpoint that is named with its address. */
function facts(value: Fields, time: number, network: string): StreamItem[] {
  const items: StreamItem[] = [];
  const device = hostOf(object(value, 'device'), false);
  if (domainOf(device) !== '') items.push({ type: 'recorder', time, host: device });
  const holders = [value, ...objects(value, 'evidences').slice(0, MAX_EVIDENCES)];
  for (const holder of holders) {
    for (const place of PLACES) {
      const endpoint = object(holder, place);
      const address = cleanAddress(text(endpoint, 'ip'));
      const host = hostOf(endpoint, false);
      if (address !== '' && host !== '' && host !== address) {
        items.push({ type: 'address', time, address, host, network });
      }
    }
  }
  return items;
}
