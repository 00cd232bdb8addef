import type { EventSource, NetworkFlow, ProcessEvent } from '../../protocol/events/canonical.ts';
import { cleanAddress, isLoopback } from '../host-book.ts';
import { sysmonAccount, type LearnAddress } from './names.ts';
import type { WindowsRecord } from './record.ts';

type Mapping = (r: WindowsRecord, learn: LearnAddress, source: EventSource) => NetworkFlow | ProcessEvent;

/** Sysmon 1 (process created) and 5 (process ended). */
function processEvent(action: 'Start' | 'End'): Mapping {
  return (r, _learn, source) => ({
    type: 'process',
    time: r.time,
    host: r.host,
    account: sysmonAccount(r.field('User')),
    image: r.field('Image'),
    parentImage: action === 'Start' ? r.field('ParentImage') : '',
    action,
    source,
  });
}

/** One end of a connection: the recording host, or the address. */
function endpoint(r: WindowsRecord, side: 'Source' | 'Destination', own: boolean): string {
  const address = cleanAddress(r.field(`${side}Ip`));
  return own || address === '' || isLoopback(address) ? r.host : address;
}

/** What Sysmon itself found out about the names of both ends, by asking the name service. */
export function reportedNames(r: WindowsRecord): { srcName: string; dstName: string } {
  return {
    srcName: r.field('SourceHostname').toLowerCase(),
    dstName: r.field('DestinationHostname').toLowerCase(),
  };
}

/** Sysmon 3: a connection that the recording host began (`Initiated` true) or took. Its own address is learnt. */
const connection: Mapping = (r, learn, source) => {
  const initiated = r.field('Initiated').toLowerCase() !== 'false';
  const address = cleanAddress(r.field(initiated ? 'SourceIp' : 'DestinationIp'));
  if (address !== '' && !isLoopback(address)) learn(address, r.host);
  const transport = r.field('Protocol').toLowerCase();
  return {
    type: 'flow',
    time: r.time,
    srcHost: endpoint(r, 'Source', initiated),
    dstHost: endpoint(r, 'Destination', !initiated),
    srcPort: port(r.field('SourcePort')),
    dstPort: port(r.field('DestinationPort')),
    transport: transport === 'tcp' || transport === 'udp' ? transport : 'other',
    image: r.field('Image'),
    service: '',
    operation: '',
    durationMs: null,
    bytesOut: null,
    bytesIn: null,
    packets: null,
    source,
  };
};

function port(text: string): number {
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 && value <= 65535 ? value : 0;
}

/** Events of the Sysmon channel that become canonical events. */
export const SYSMON_EVENTS: ReadonlyMap<number, Mapping> = new Map<number, Mapping>([
  [1, processEvent('Start')],
  [3, connection],
  [5, processEvent('End')],
]);
