import type { CanonicalEvent, EventSource } from '../../protocol/events/canonical.ts';
import { account } from '../windows-json/names.ts';
import { parseTime } from '../windows-json/record.ts';
import { cleanAddress, isAddress, isLoopback } from '../host-book.ts';
import { authAction, CLASS, classOfCaption, ocsfLogonType, ocsfProtocol } from './enums.ts';
import { amount, integer, isFields, object, objects, text, type Fields } from './fields.ts';
import { OWN_PRODUCT } from './write.ts';

/** What one OCSF object is: events, a record of a kind that is not used, or something that cannot be read. */
export type OcsfMapping =
  | { readonly outcome: 'events'; readonly events: readonly CanonicalEvent[] }
  /** `kind` for counting: the class, with the activity where it is that which is not used. */
  | { readonly outcome: 'ignored'; readonly kind: string }
  | { readonly outcome: 'rejected'; readonly reason: string };

/** Detections of one finding: distinct pairs of evidence and technique. */
const MAX_DETECTIONS = 64;

/**
 * Maps one parsed OCSF object (1.0 to 1.8) to canonical events; docs/events.md has the mapping. Numbers decide where
 * number and caption are given. An event that `toOcsf` wrote comes back exactly; names of others are made canonical
 * (lower-case hosts, `account@domain`, cleaned addresses).
 * @param origin data set and record of events that were not written by `toOcsf`; their uid is `metadata.uid`
 */
export function fromOcsf(value: unknown, origin: Omit<EventSource, 'uid'>): OcsfMapping {
  if (!isFields(value)) return rejected('not a JSON object');
  const typeUid = integer(value, 'type_uid');
  const classUid =
    integer(value, 'class_uid') ??
    (typeUid === null ? classOfCaption(text(value, 'class_name')) : Math.floor(typeUid / 100));
  if (classUid === null) return rejected('no class_uid');
  const map = MAPPINGS.get(classUid);
  if (map === undefined) return { outcome: 'ignored', kind: `OCSF class ${classUid}` };

  const metadata = object(value, 'metadata');
  const time = timeOf(value);
  if (Number.isNaN(time)) return rejected('no readable time');
  const product = object(metadata, 'product');
  const own = text(product, 'name') === OWN_PRODUCT && text(product, 'vendor_name') === OWN_PRODUCT;
  const uid = text(metadata, 'uid');
  const source = own
    ? { dataset: text(metadata, 'log_name'), record: integer(metadata, 'sequence') ?? origin.record, uid }
    : { ...origin, uid };
  const activity = integer(value, 'activity_id') ?? (typeUid === null ? null : typeUid % 100);
  return map({ value, own, time, source, activity, version: text(metadata, 'version') });
}

/** What the mappings of the classes are given. */
interface Parsed {
  readonly value: Fields;
  /** Written by `toOcsf`: its names are canonical already. */
  readonly own: boolean;
  readonly time: number;
  readonly source: EventSource;
  readonly activity: number | null;
  readonly version: string;
}

/** Destination: `dst_endpoint`, else the recording device. Source: `src_endpoint`; without one the same host. */
function auth({ value, own, time, source, activity, version }: Parsed): OcsfMapping {
  const device = hostOf(object(value, 'device'), own);
  const dstHost = hostOf(object(value, 'dst_endpoint'), own) || device;
  const srcHost = hostOf(object(value, 'src_endpoint'), own) || (own ? '' : device || dstHost);
  const subject = accountOf(object(object(value, 'actor'), 'user'), own);
  const target = accountOf(object(value, 'user'), own);
  if (!own && dstHost === '' && srcHost === '')
    return rejected('neither dst_endpoint, src_endpoint nor device');
  if (!own && target === '' && subject === '') return rejected('neither user nor actor.user');
  return one({
    type: 'auth',
    time,
    srcHost,
    dstHost: own ? dstHost : dstHost || srcHost,
    srcAccount: own ? subject : subject || target,
    dstAccount: own ? target : target || subject,
    protocol: ocsfProtocol(integer(value, 'auth_protocol_id'), text(value, 'auth_protocol')),
    logonType: ocsfLogonType(integer(value, 'logon_type_id'), text(value, 'logon_type'), version),
    action: authAction(activity, text(value, 'activity_name') || text(value, 'activity')),
    success: succeeded(value),
    source,
  });
}

/** Whatever does not say that it failed succeeded. */
function succeeded(value: Fields): boolean {
  const id = integer(value, 'status_id');
  if (id === 1 || id === 2) return id === 1;
  return !/^fail/i.test(text(value, 'status').trim());
}

function process({ value, own, time, source, activity }: Parsed): OcsfMapping {
  const name = text(value, 'activity_name').toLowerCase();
  const id = activity ?? (name === 'launch' ? 1 : name === 'terminate' ? 2 : null);
  if (id !== 1 && id !== 2) return { outcome: 'ignored', kind: `OCSF class 1007 activity ${id ?? name}` };
  const host = hostOf(object(value, 'device'), own);
  if (!own && host === '') return rejected('no device');
  const started = object(value, 'process');
  const actor = object(value, 'actor');
  const parent = imageOf(object(started, 'parent_process'));
  return one({
    type: 'process',
    time,
    host,
    account: (own ? '' : accountOf(object(started, 'user'), own)) || accountOf(object(actor, 'user'), own),
    image: imageOf(started),
    parentImage: parent === '' && id === 1 && !own ? imageOf(object(actor, 'process')) : parent,
    action: id === 1 ? 'Start' : 'End',
    source,
  });
}

function flow({ value, own, time, source, activity }: Parsed): OcsfMapping {
  if (activity === 7) return { outcome: 'ignored', kind: 'OCSF class 4001 activity 7' };
  const src = object(value, 'src_endpoint');
  const dst = object(value, 'dst_endpoint');
  const device = hostOf(object(value, 'device'), own);
  const srcHost = hostOf(src, own) || device;
  const dstHost = hostOf(dst, own) || device;
  if (!own && (srcHost === '' || dstHost === '')) return rejected('no src_endpoint or no dst_endpoint');
  const connection = object(value, 'connection_info');
  const traffic = object(value, 'traffic');
  const service = text(value, 'app_name') || (own ? '' : text(dst, 'svc_name'));
  return one({
    type: 'flow',
    time,
    srcHost,
    dstHost,
    srcPort: portOf(src),
    dstPort: portOf(dst),
    transport: transportOf(connection),
    image: imageOf(object(object(value, 'actor'), 'process')),
    service: own ? service : service.toLowerCase(),
    operation: activity === 99 ? text(value, 'activity_name') : '',
    durationMs: amount(value, 'duration'),
    bytesOut: amount(traffic, 'bytes_out'),
    bytesIn: amount(traffic, 'bytes_in'),
    packets: amount(traffic, 'packets'),
    source,
  });
}

function dns({ value, own, time, source }: Parsed): OcsfMapping {
  const host = hostOf(object(value, 'src_endpoint'), own) || hostOf(object(value, 'device'), own);
  const query = text(object(value, 'query'), 'hostname');
  if (!own && host === '') return rejected('no src_endpoint');
  if (!own && query === '') return rejected('no query.hostname');
  return one({ type: 'dns', time, host, query: own ? query : query.toLowerCase(), source });
}

/** One detection for every pair of distinct evidence and technique; a change or the end of a finding is not one. */
function detection({ value, own, time, source, activity }: Parsed): OcsfMapping {
  if (activity === 2 || activity === 3) {
    return { outcome: 'ignored', kind: `OCSF class 2004 activity ${activity}` };
  }
  const finding = object(value, 'finding_info');
  const attacks = objects(finding, 'attacks').concat(objects(value, 'attacks'));
  const techniques = new Set(attacks.map(techniqueOf).filter((technique) => technique !== ''));
  const device = hostOf(object(value, 'device'), own);
  const places = new Map<string, { srcHost: string; dstHost: string; account: string }>();
  const evidences = objects(value, 'evidences');
  for (const evidence of evidences.length === 0 ? [{}] : evidences) {
    const place = {
      srcHost: hostOf(object(evidence, 'src_endpoint'), own),
      dstHost:
        hostOf(object(evidence, 'dst_endpoint'), own) || hostOf(object(evidence, 'device'), own) || device,
      account:
        accountOf(object(object(evidence, 'actor'), 'user'), own) || accountOf(object(evidence, 'user'), own),
    };
    places.set(JSON.stringify(place), place);
  }
  if (places.size > 1) places.delete(JSON.stringify({ srcHost: '', dstHost: device, account: '' }));
  if (techniques.size === 0) techniques.add('');
  if (places.size * techniques.size > MAX_DETECTIONS) {
    return rejected(
      `${places.size} evidences with ${techniques.size} techniques: more than ${MAX_DETECTIONS} detections`,
    );
  }
  const uid = source.uid || (own ? '' : text(finding, 'uid'));
  const events: CanonicalEvent[] = [];
  for (const place of places.values()) {
    for (const technique of techniques) {
      events.push({
        type: 'detection',
        time,
        ...place,
        technique,
        label: text(finding, 'title'),
        source: { ...source, uid: uid === '' || events.length === 0 ? uid : `${uid}#${events.length + 1}` },
      });
    }
  }
  return { outcome: 'events', events };
}

const MAPPINGS: ReadonlyMap<number, (parsed: Parsed) => OcsfMapping> = new Map([
  [CLASS.auth, auth],
  [CLASS.process, process],
  [CLASS.flow, flow],
  [CLASS.dns, dns],
  [CLASS.detection, detection],
]);

function one(event: CanonicalEvent): OcsfMapping {
  return { outcome: 'events', events: [event] };
}

function rejected(reason: string): OcsfMapping {
  return { outcome: 'rejected', reason };
}

/** `time` in milliseconds, else `time_dt` (RFC 3339); text in `time` too, as some collectors write it. */
function timeOf(value: Fields): number {
  const time = value['time'];
  if (typeof time === 'number') return Number.isFinite(time) ? time : NaN;
  const milliseconds = integer(value, 'time');
  if (milliseconds !== null) return milliseconds;
  return parseTime(text(value, 'time') || text(value, 'time_dt'));
}

/** The host of an endpoint or device: its host name, else its name, else its address; '' for a loopback address. */
function hostOf(endpoint: Fields, own: boolean): string {
  if (own) return text(endpoint, 'hostname') || text(endpoint, 'ip');
  const name = (text(endpoint, 'hostname') || text(endpoint, 'name')).trim().toLowerCase().replace(/\.$/, '');
  if (name !== '' && name !== '-' && name !== 'localhost' && !isAddress(name)) return name;
  const address = cleanAddress(isAddress(name) ? name : text(endpoint, 'ip'));
  return isLoopback(address) ? '' : address;
}

function accountOf(user: Fields, own: boolean): string {
  const domain = text(user, 'domain');
  if (own) return domain === '' ? text(user, 'name') : `${text(user, 'name')}@${domain}`;
  const name = text(user, 'name') || text(user, 'email_addr') || text(user, 'uid');
  const slash = name.indexOf('\\');
  return name === '-' || slash === name.length - 1
    ? ''
    : account(name.slice(slash + 1), slash > 0 ? name.slice(0, slash) : domain === '-' ? '' : domain);
}

function imageOf(process: Fields): string {
  return text(object(process, 'file'), 'path') || text(process, 'path') || text(process, 'name');
}

function portOf(endpoint: Fields): number {
  const port = integer(endpoint, 'port') ?? 0;
  return port >= 0 && port <= 65535 ? port : 0;
}

function transportOf(connection: Fields): 'tcp' | 'udp' | 'other' {
  const name = text(connection, 'protocol_name').toLowerCase();
  if (name === 'tcp' || name === 'udp') return name;
  const number = name === '' ? integer(connection, 'protocol_num') : null;
  return number === 6 ? 'tcp' : number === 17 ? 'udp' : 'other';
}

function techniqueOf(attack: Fields): string {
  return text(object(attack, 'sub_technique'), 'uid') || text(object(attack, 'technique'), 'uid');
}
