import type { EventSource, NetworkFlow, ProcessEvent } from '../../protocol/events/canonical.ts';
import { cleanAddress, isLoopback } from '../host-book.ts';
import { portOr0 } from '../input/transport.ts';
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

type Side = 'Source' | 'Destination';

/** Which side of a record began the connection, which one took it, and which one is the recording host. */
interface Sides {
  readonly from: Side;
  readonly to: Side;
  readonly own: Side;
}

/**
 * `Initiated` false means that the recording host is the destination, but for datagrams Sysmon often writes the side
 * that sent, so that the answer of a name server has its own port as the source (a third of those in the Mordor
 * recordings whose own side is known): from a port below 1024 to one above it is an answer, and the other side asked.
 */
function sides(r: WindowsRecord): Sides {
  if (r.field('Initiated').toLowerCase() !== 'false')
    return { from: 'Source', to: 'Destination', own: 'Source' };
  const answer =
    isDatagram(r) &&
    portOr0(Number(r.field('SourcePort'))) < WELL_KNOWN &&
    portOr0(Number(r.field('DestinationPort'))) >= WELL_KNOWN;
  if (answer) return { from: 'Destination', to: 'Source', own: 'Source' };
  return { from: 'Source', to: 'Destination', own: 'Destination' };
}

const WELL_KNOWN = 1024;

function isDatagram(r: WindowsRecord): boolean {
  return r.field('Protocol').toLowerCase() === 'udp';
}

/** One end of a connection: the recording host, or the address. */
function endpoint(r: WindowsRecord, side: Side, own: Side): string {
  const address = cleanAddress(r.field(`${side}Ip`));
  return side === own || address === '' || isLoopback(address) ? r.host : address;
}

/** What Sysmon itself found out about the names of both ends, by asking the name service. */
export function reportedNames(r: WindowsRecord): { srcName: string; dstName: string } {
  const { from, to } = sides(r);
  return {
    srcName: r.field(`${from}Hostname`).toLowerCase(),
    dstName: r.field(`${to}Hostname`).toLowerCase(),
  };
}

/**
 * Sysmon 3: a connection that the recording host began (`Initiated` true) or took. Its own address is learnt, but not
 * from a datagram that came: that may have been sent to everybody, or be the answer of another host.
 */
const connection: Mapping = (r, learn, source) => {
  const { from, to, own } = sides(r);
  const address = cleanAddress(r.field(`${own}Ip`));
  const certain = from === own || !isDatagram(r);
  if (certain && address !== '' && !isLoopback(address)) learn(address, r.host);
  const transport = r.field('Protocol').toLowerCase();
  return {
    type: 'flow',
    time: r.time,
    srcHost: endpoint(r, from, own),
    dstHost: endpoint(r, to, own),
    srcPort: portOr0(Number(r.field(`${from}Port`))),
    dstPort: portOr0(Number(r.field(`${to}Port`))),
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

/** Events of the Sysmon channel that become canonical events. */
export const SYSMON_EVENTS: ReadonlyMap<number, Mapping> = new Map<number, Mapping>([
  [1, processEvent('Start')],
  [3, connection],
  [5, processEvent('End')],
]);
