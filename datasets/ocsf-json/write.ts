import { isIP } from 'node:net';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { AUTH_ACTIVITY_OF, AUTH_PROTOCOL_OF, CLASS, LOGON_TYPE_OF, OCSF_VERSION } from './enums.ts';
import type { Fields } from './fields.ts';

/** `metadata.product.name` and `.vendor_name` of events that were written here; they are read back as they are. */
export const OWN_PRODUCT = 'Cordon';

/**
 * One event as an OCSF object (version 1.8.0, docs/events.md has the mapping). Fields that are empty are left out;
 * those that the schema requires are there, if need be without content. Times and durations become whole milliseconds,
 * as OCSF has them.
 * @public for whoever takes events into another system
 */
export function toOcsf(event: CanonicalEvent): Fields {
  switch (event.type) {
    case 'auth': {
      const activity = AUTH_ACTIVITY_OF[event.action];
      const logonType = LOGON_TYPE_OF[event.logonType];
      const protocol = AUTH_PROTOCOL_OF[event.protocol];
      return {
        ...header(event, CLASS.auth, activity.id, activity.caption),
        status_id: event.success ? 1 : 2,
        status: event.success ? 'Success' : 'Failure',
        auth_protocol_id: protocol.id,
        auth_protocol: protocol.caption,
        logon_type_id: logonType.id,
        logon_type: logonType.caption,
        ...actor(event.srcAccount, ''),
        user: user(event.dstAccount) ?? { name: '' },
        ...endpoint('src_endpoint', event.srcHost, 0),
        ...endpoint('dst_endpoint', event.dstHost, 0),
      };
    }
    case 'process':
      return {
        ...header(event, CLASS.process, event.action === 'Start' ? 1 : 2, launchOrTerminate(event.action)),
        device: { ...host(event.host), type_id: 0 },
        actor: { user: user(event.account) ?? { name: '' } },
        process: {
          ...file(event.image),
          ...(event.parentImage === '' ? {} : { parent_process: file(event.parentImage) }),
        },
      };
    case 'flow': {
      const activity = event.operation === '' ? 6 : 99;
      return {
        ...header(event, CLASS.flow, activity, activity === 6 ? 'Traffic' : event.operation),
        ...actor('', event.image),
        ...endpoint('src_endpoint', event.srcHost, event.srcPort),
        ...endpoint('dst_endpoint', event.dstHost, event.dstPort),
        connection_info: {
          direction_id: 0,
          ...(event.transport === 'other' ? {} : { protocol_name: event.transport }),
        },
        ...(event.service === '' ? {} : { app_name: event.service }),
        ...whole('duration', event.durationMs),
        traffic: {
          ...whole('bytes_out', event.bytesOut),
          ...whole('bytes_in', event.bytesIn),
          ...whole('packets', event.packets),
        },
      };
    }
    case 'dns':
      return {
        ...header(event, CLASS.dns, 6, 'Traffic'),
        ...endpoint('src_endpoint', event.host, 0),
        query: { hostname: event.query },
      };
    case 'detection': {
      const { dataset, record, uid } = event.source;
      const evidence: Fields = {
        ...actor(event.account, ''),
        ...endpoint('src_endpoint', event.srcHost, 0),
        ...endpoint('dst_endpoint', event.dstHost, 0),
      };
      return {
        ...header(event, CLASS.detection, 1, 'Create'),
        severity_id: 0,
        finding_info: {
          uid: uid === '' ? `${dataset}#${record}` : uid,
          ...(event.label === '' ? {} : { title: event.label }),
          ...(event.technique === '' ? {} : { attacks: [attack(event.technique)] }),
        },
        ...(Object.keys(evidence).length === 0 ? {} : { evidences: [evidence] }),
      };
    }
  }
}

function header(event: CanonicalEvent, classUid: number, activityId: number, activityName: string): Fields {
  const { dataset, record, uid } = event.source;
  return {
    class_uid: classUid,
    category_uid: Math.floor(classUid / 1000),
    activity_id: activityId,
    activity_name: activityName,
    type_uid: classUid * 100 + activityId,
    severity_id: 1,
    time: Math.floor(event.time),
    metadata: {
      version: OCSF_VERSION,
      product: { name: OWN_PRODUCT, vendor_name: OWN_PRODUCT },
      profiles: ['host'],
      log_name: dataset,
      sequence: record,
      ...(uid === '' ? {} : { uid }),
    },
  };
}

function launchOrTerminate(action: 'Start' | 'End'): string {
  return action === 'Start' ? 'Launch' : 'Terminate';
}

function host(name: string): Fields {
  if (name === '') return {};
  return isIP(name) === 0 ? { hostname: name } : { ip: name };
}

function endpoint(field: string, name: string, port: number): Fields {
  const value: Fields = { ...host(name), ...(port === 0 ? {} : { port }) };
  return Object.keys(value).length === 0 ? {} : { [field]: value };
}

/** `account@domain` taken apart at the last `@`, where both sides have something. */
function user(account: string): Fields | null {
  if (account === '') return null;
  const at = account.lastIndexOf('@');
  if (at <= 0 || at === account.length - 1) return { name: account };
  return { name: account.slice(0, at), domain: account.slice(at + 1) };
}

function actor(account: string, image: string): Fields {
  const who = user(account);
  if (who === null && image === '') return {};
  return {
    actor: { ...(who === null ? {} : { user: who }), ...(image === '' ? {} : { process: file(image) }) },
  };
}

/** A process of which the path of its file is known. */
function file(path: string): Fields {
  const name = path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
  return path === '' ? { name } : { name, file: { name, path, type_id: 1 } };
}

function whole(field: string, value: number | null): Fields {
  return value === null ? {} : { [field]: Math.floor(value) };
}

/** `T1021.002` is sub-technique T1021.002 of technique T1021. */
function attack(technique: string): Fields {
  const [, parent] = /^(T\d{4})\.\d{3}$/.exec(technique) ?? [];
  if (parent === undefined) return { technique: { uid: technique } };
  return { technique: { uid: parent }, sub_technique: { uid: technique } };
}
