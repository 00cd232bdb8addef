import type {
  AuthEvent,
  EventSource,
  LogonType,
  NetworkFlow,
  ProcessEvent,
} from '../../protocol/events/canonical.ts';
import { cleanAddress, isLoopback } from '../host-book.ts';
import { portOr0, transportOf } from '../input/transport.ts';
import { account, logonType, sysmonAccount } from '../windows-json/names.ts';
import type { EcarRecord } from './record.ts';

/** An event, and the recording host's own address where the record tells it. */
export interface Mapped {
  readonly event: AuthEvent | NetworkFlow | ProcessEvent;
  readonly ownAddress?: string;
}

type Mapping = (record: EcarRecord, source: EventSource) => Mapped | string;

/** What a session's action says of its logon; others say nothing (`LOGIN`). */
const LOGON_TYPE: Readonly<Record<string, LogonType>> = {
  REMOTE: 'Network',
  RDP: 'RemoteInteractive',
  INTERACTIVE: 'Interactive',
  UNLOCK: 'Unlock',
};

/** The side of the recording host has its name, the other one its address. */
const flow: Mapping = (record, source) => {
  const src = cleanAddress(record.property('src_ip'));
  const dst = cleanAddress(record.property('dest_ip'));
  const direction = record.property('direction').toLowerCase();
  const [srcOwn, dstOwn] = [direction === 'outbound', direction === 'inbound'];
  const srcHost = srcOwn || isLoopback(src) ? record.host : src;
  const dstHost = dstOwn || isLoopback(dst) ? record.host : dst;
  if (srcHost === '' || dstHost === '') return 'a flow without addresses';
  const own = srcOwn ? src : dstOwn ? dst : '';
  return {
    event: {
      type: 'flow',
      time: record.time,
      srcHost,
      dstHost,
      srcPort: portOr0(Number(record.property('src_port'))),
      dstPort: portOr0(Number(record.property('dest_port'))),
      transport: transportOf(Number(record.property('l4protocol'))),
      image: record.property('image_path'),
      service: '',
      operation: '',
      durationMs: null,
      bytesOut: null,
      bytesIn: null,
      packets: null,
      source,
    },
    ...(own === '' || isLoopback(own) ? {} : { ownAddress: own }),
  };
};

function process(action: 'Start' | 'End'): Mapping {
  return (record, source) => ({
    event: {
      type: 'process',
      time: record.time,
      host: record.host,
      account: sysmonAccount(record.property('user') || record.principal),
      image: record.property('image_path'),
      parentImage: action === 'Start' ? record.property('parent_image_path') : '',
      action,
      source,
    },
  });
}

/** A session of `user`, asked for by `requesting_user`; remote ones have the address that they came from. */
const session: Mapping = (record, source) => {
  const user = sysmonAccount(record.property('user') || record.principal);
  if (user === '') return 'a session without a user';
  const from = cleanAddress(record.property('src_ip'));
  const requesting = account(record.property('requesting_user'), record.property('requesting_domain'));
  const number = record.property('logon_type');
  return {
    event: {
      type: 'auth',
      time: record.time,
      srcHost: from === '' || isLoopback(from) ? record.host : from,
      dstHost: record.host,
      srcAccount: requesting === '' || requesting === '-' ? user : requesting,
      dstAccount: user,
      protocol: 'Unknown',
      logonType: number === '' ? (LOGON_TYPE[record.action] ?? 'Unknown') : logonType(number),
      action: record.action === 'LOGOUT' ? 'LogOff' : 'LogOn',
      success: true,
      source,
    },
  };
};

/** What becomes an event, by `object action`. The messages of a flow follow its start and are not used. */
export const ECAR_EVENTS: ReadonlyMap<string, Mapping> = new Map<string, Mapping>([
  ['FLOW START', flow],
  ['PROCESS CREATE', process('Start')],
  ['PROCESS TERMINATE', process('End')],
  ['USER_SESSION LOGIN', session],
  ['USER_SESSION REMOTE', session],
  ['USER_SESSION RDP', session],
  ['USER_SESSION INTERACTIVE', session],
  ['USER_SESSION UNLOCK', session],
  ['USER_SESSION LOGOUT', session],
]);
