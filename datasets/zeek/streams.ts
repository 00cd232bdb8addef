import type { CanonicalEvent, EventSource, NetworkFlow } from '../../protocol/events/canonical.ts';
import { cleanAddress, isAddress } from '../host-book.ts';
import type { AddressFact, Naming } from '../host-facts.ts';
import { portOr0 } from '../input/transport.ts';
import { account } from '../windows-json/names.ts';
import { kerberos } from './kerberos.ts';
import { amountOf, flagOf, intervalOf, type ZeekRecord } from './record.ts';

/** What every row of a connection has. */
export interface Connection {
  readonly time: number;
  /** Addresses of originator and responder. */
  readonly srcHost: string;
  readonly dstHost: string;
  readonly source: EventSource;
}

/** Events, with names that the row reports for the addresses and what it tells of them; or a row that is not used. */
export type Outcome =
  | {
      readonly events: readonly CanonicalEvent[];
      readonly names?: Omit<Naming, 'network'>;
      readonly learnt?: readonly Omit<AddressFact, 'network'>[];
    }
  | { readonly ignored: string };

interface Stream {
  /** Fields that tell rows of one connection with one time apart. */
  readonly identity: readonly string[];
  readonly map: (record: ZeekRecord, connection: Connection) => Outcome;
}

const LABEL_MALICIOUS = /^malicious$/i;

/** A connection; with the labels of Stratosphere IPS Laboratory a malicious one is a detection as well. */
function conn(record: ZeekRecord, connection: Connection): Outcome {
  const { time, srcHost, dstHost, source } = connection;
  const sent = amountOf(record, 'orig_pkts');
  const received = amountOf(record, 'resp_pkts');
  const flow: NetworkFlow = {
    ...flowOf(record, connection),
    // Zeek names the analyzers of a connection in any order.
    service: record.text('service').toLowerCase().split(',').toSorted().join(','),
    durationMs: intervalOf(record, 'duration'),
    bytesOut: amountOf(record, 'orig_bytes'),
    bytesIn: amountOf(record, 'resp_bytes'),
    packets: sent === null && received === null ? null : (sent ?? 0) + (received ?? 0),
  };
  const label = record.text('label');
  if (!LABEL_MALICIOUS.test(label)) return { events: [flow] };
  const detail = record.text('detailedlabel');
  return {
    events: [
      flow,
      {
        type: 'detection',
        time,
        srcHost,
        dstHost,
        account: '',
        technique: '',
        label: detail === '' || detail === '-' ? label : detail,
        source,
      },
    ],
  };
}

/** An NTLM logon. The client's name is its own word, so it is reported and not learnt; the server's is learnt. */
function ntlm(record: ZeekRecord, { time, srcHost, dstHost, source }: Connection): Outcome {
  const who = account(record.text('username'), record.text('domainname'));
  if (who === '') return { ignored: 'zeek ntlm without account' };
  const success = flagOf(record, 'success');
  if (success === null) return { ignored: 'zeek ntlm without answer' };
  const client = record.text('hostname').toLowerCase();
  const server = (
    record.text('server_dns_computer_name') || record.text('server_nb_computer_name')
  ).toLowerCase();
  return {
    events: [
      {
        type: 'auth',
        time,
        srcHost,
        dstHost,
        srcAccount: who,
        dstAccount: who,
        protocol: 'NTLM',
        logonType: 'Network',
        action: 'LogOn',
        success,
        source,
      },
    ],
    ...(client === '' || isAddress(client) ? {} : { names: { srcName: client } }),
    ...(server === '' || isAddress(server)
      ? {}
      : { learnt: [{ type: 'address', time, address: dstHost, host: server }] }),
  };
}

function smbMapping(record: ZeekRecord, connection: Connection): Outcome {
  const share = record.text('path');
  return {
    events: [
      { ...flowOf(record, connection), service: 'smb', operation: share || record.text('share_type') },
    ],
    ...serverOf(share),
  };
}

function smbFiles(record: ZeekRecord, connection: Connection): Outcome {
  const share = record.text('path');
  const operation = [record.text('action'), share].filter((part) => part !== '').join(' ');
  return {
    events: [{ ...flowOf(record, connection), service: 'smb', operation }],
    ...serverOf(share),
  };
}

function dceRpc(record: ZeekRecord, connection: Connection): Outcome {
  const operation = [record.text('endpoint'), record.text('operation')]
    .filter((part) => part !== '')
    .join('::');
  const durationMs = intervalOf(record, 'rtt');
  return { events: [{ ...flowOf(record, connection), service: 'dce_rpc', operation, durationMs }] };
}

const REVERSE = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/;

/**
 * A look-up. Only reverse answers are learnt: one address has many names that lead to it (the name of a domain leads to
 * its controllers), and one name that it leads to.
 */
function dns(record: ZeekRecord, { time, srcHost, source }: Connection): Outcome {
  const query = record.text('query').toLowerCase();
  if (query === '') return { ignored: 'zeek dns without query' };
  const event: CanonicalEvent = { type: 'dns', time, host: srcHost, query, source };
  const reverse = REVERSE.exec(query);
  const [name = ''] = record.list('answers');
  if (reverse === null || name === '' || isAddress(name)) return { events: [event] };
  const address = reverse.slice(1).toReversed().join('.');
  return { events: [event], learnt: [{ type: 'address', time, address, host: name.toLowerCase() }] };
}

/** The logs that become events. */
export const STREAMS: ReadonlyMap<string, Stream> = new Map<string, Stream>([
  ['conn', { identity: [], map: conn }],
  ['kerberos', { identity: ['request_type', 'client', 'service', 'error_msg'], map: kerberos }],
  ['ntlm', { identity: ['username', 'domainname'], map: ntlm }],
  ['smb_mapping', { identity: ['path', 'share_type'], map: smbMapping }],
  ['smb_files', { identity: ['action', 'path', 'name', 'prev_name'], map: smbFiles }],
  ['dce_rpc', { identity: ['named_pipe', 'endpoint', 'operation'], map: dceRpc }],
  ['dns', { identity: ['trans_id', 'query', 'qtype', 'answers'], map: dns }],
]);

function flowOf(record: ZeekRecord, { time, srcHost, dstHost, source }: Connection): NetworkFlow {
  const proto = record.text('proto').toLowerCase() || 'tcp';
  const transport = proto === 'tcp' || proto === 'udp' ? proto : 'other';
  return {
    type: 'flow',
    time,
    srcHost,
    dstHost,
    // Of ICMP Zeek writes type and code in the place of ports.
    srcPort: transport === 'other' ? 0 : portOf(record, 'id.orig_p'),
    dstPort: transport === 'other' ? 0 : portOf(record, 'id.resp_p'),
    transport,
    image: '',
    service: '',
    operation: '',
    durationMs: null,
    bytesOut: null,
    bytesIn: null,
    packets: null,
    source,
  };
}

function portOf(record: ZeekRecord, name: string): number {
  return portOr0(amountOf(record, name) ?? 0);
}

/** The server that the path of a share names, `\\server\share`: the client's word for the address. */
function serverOf(share: string): { names?: { dstName: string } } {
  const [, server = ''] = /^\\\\([^\\]+)\\/.exec(share) ?? [];
  return server === '' || isAddress(server) ? {} : { names: { dstName: server.toLowerCase() } };
}

/** Address of a side of the connection, cleaned; '' where it is missing. */
export function addressOf(record: ZeekRecord, side: 'orig' | 'resp'): string {
  return cleanAddress(record.text(`id.${side}_h`));
}
