import type { CanonicalEvent, EventSource } from '../../protocol/events/canonical.ts';
import { authAction, CLASS, ocsfLogonType, ocsfProtocol } from './enums.ts';
import { amount, integer, object, objects, text, type Fields } from './fields.ts';
import { accountOf, connectionTransport, hostOf, imageOf, portOf, techniqueOf } from './names.ts';

/** Detections of one finding: distinct pairs of evidence and technique. */
const MAX_DETECTIONS = 64;

/** Events; or the kind of a record that is not used; or why it cannot be read. */
export type Mapped = CanonicalEvent[] | { readonly ignored: string } | { readonly rejected: string };

/** What the mappings of the classes are given. */
export interface Parsed {
  readonly value: Fields;
  /** Written by `toOcsf`: its names are canonical already. */
  readonly own: boolean;
  readonly time: number;
  readonly source: EventSource;
  readonly activity: number | null;
  readonly version: string;
}

/** Destination: `dst_endpoint`, else the recording device. Source: `src_endpoint`; without one the same host. */
function auth({ value, own, time, source, activity, version }: Parsed): Mapped {
  const device = hostOf(object(value, 'device'), own);
  const dstHost = hostOf(object(value, 'dst_endpoint'), own) || device;
  const srcHost = hostOf(object(value, 'src_endpoint'), own) || (own ? '' : device || dstHost);
  const subject = accountOf(object(object(value, 'actor'), 'user'), own);
  const target = accountOf(object(value, 'user'), own);
  if (!own && dstHost === '' && srcHost === '') return { ignored: 'OCSF class 3002 without a host' };
  if (!own && target === '' && subject === '') return { ignored: 'OCSF class 3002 without an account' };
  return [
    {
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
    },
  ];
}

/** Whatever does not say that it failed succeeded. */
function succeeded(value: Fields): boolean {
  const id = integer(value, 'status_id');
  if (id === 1 || id === 2) return id === 1;
  return !/^fail/i.test(text(value, 'status').trim());
}

function process({ value, own, time, source, activity }: Parsed): Mapped {
  const name = text(value, 'activity_name').toLowerCase();
  const id = activity ?? (name === 'launch' ? 1 : name === 'terminate' ? 2 : null);
  if (id !== 1 && id !== 2) return { ignored: `OCSF class 1007 activity ${id ?? name}` };
  const host = hostOf(object(value, 'device'), own);
  if (!own && host === '') return reject('no device');
  const started = object(value, 'process');
  const actor = object(value, 'actor');
  const parent = imageOf(object(started, 'parent_process'));
  return [
    {
      type: 'process',
      time,
      host,
      account: (own ? '' : accountOf(object(started, 'user'), own)) || accountOf(object(actor, 'user'), own),
      image: imageOf(started),
      parentImage: parent === '' && id === 1 && !own ? imageOf(object(actor, 'process')) : parent,
      action: id === 1 ? 'Start' : 'End',
      source,
    },
  ];
}

function flow({ value, own, time, source, activity }: Parsed): Mapped {
  if (activity === 7) return { ignored: 'OCSF class 4001 activity 7' };
  const src = object(value, 'src_endpoint');
  const dst = object(value, 'dst_endpoint');
  const device = hostOf(object(value, 'device'), own);
  const srcHost = hostOf(src, own) || device;
  const dstHost = hostOf(dst, own) || device;
  if (!own && (srcHost === '' || dstHost === ''))
    return { ignored: 'OCSF class 4001 without both endpoints' };
  const connection = object(value, 'connection_info');
  const traffic = object(value, 'traffic');
  const service = text(value, 'app_name') || (own ? '' : text(dst, 'svc_name'));
  return [
    {
      type: 'flow',
      time,
      srcHost,
      dstHost,
      srcPort: portOf(src),
      dstPort: portOf(dst),
      transport: connectionTransport(connection),
      image: imageOf(object(object(value, 'actor'), 'process')),
      service: own ? service : service.toLowerCase(),
      operation: activity === 99 ? text(value, 'activity_name') : '',
      durationMs: amount(value, 'duration'),
      bytesOut: amount(traffic, 'bytes_out'),
      bytesIn: amount(traffic, 'bytes_in'),
      packets: amount(traffic, 'packets'),
      source,
    },
  ];
}

function dns({ value, own, time, source }: Parsed): Mapped {
  const host = hostOf(object(value, 'src_endpoint'), own) || hostOf(object(value, 'device'), own);
  const query = text(object(value, 'query'), 'hostname');
  if (!own && host === '') return { ignored: 'OCSF class 4003 without src_endpoint' };
  if (!own && query === '') return { ignored: 'OCSF class 4003 without query.hostname' };
  return [{ type: 'dns', time, host, query: own ? query : query.toLowerCase(), source }];
}

/** One detection for every pair of distinct evidence and technique; a change or the end of a finding is not one. */
function detection({ value, own, time, source, activity }: Parsed): Mapped {
  if (activity === 2 || activity === 3) {
    return { ignored: `OCSF class 2004 activity ${activity}` };
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
    return reject(
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
  return events;
}

/** Mappings by `class_uid`. */
export const MAPPINGS: ReadonlyMap<number, (parsed: Parsed) => Mapped> = new Map([
  [CLASS.auth, auth],
  [CLASS.process, process],
  [CLASS.flow, flow],
  [CLASS.dns, dns],
  [CLASS.detection, detection],
]);

function reject(reason: string): Mapped {
  return { rejected: reason };
}
