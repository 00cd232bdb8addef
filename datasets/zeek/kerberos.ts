import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { account } from '../windows-json/names.ts';
import { flagOf, type ZeekRecord } from './record.ts';
import type { Connection, Outcome } from './streams.ts';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;
/** What stands before the slash of principals that are no host's. */
const NO_HOST = new Set(['krbtgt', 'kadmin']);

/**
 * A ticket. That the controller asks for pre-authentication (KDC_ERR_PREAUTH_REQUIRED) is how every exchange begins and
 * no failure; a row without a client or without an answer says nothing of an account.
 */
export function kerberos(record: ZeekRecord, { time, srcHost, dstHost, source }: Connection): Outcome {
  const service = record.text('service');
  const who = clientAccount(record.text('client'));
  if (record.text('error_msg') === 'KDC_ERR_PREAUTH_REQUIRED') {
    return { ignored: 'zeek kerberos KDC_ERR_PREAUTH_REQUIRED' };
  }
  if (who === '') return { ignored: 'zeek kerberos without client' };
  const success = flagOf(record, 'success');
  if (success === null) return { ignored: 'zeek kerberos without answer' };
  const request = record.text('request_type').toUpperCase();
  // Where only answers were seen there is no type: the ticket-granting service's own ticket is an AS exchange's.
  const ticketGranting = request === '' ? /^krbtgt\//i.test(service) : request === 'AS';
  const event: AuthEvent = {
    type: 'auth',
    time,
    srcHost,
    dstHost: ticketGranting ? dstHost : serviceHost(service) || dstHost,
    srcAccount: who,
    dstAccount: who,
    protocol: 'Kerberos',
    logonType: 'Unknown',
    action: ticketGranting ? 'TGT' : 'TGS',
    success,
    source,
  };
  return { events: [event] };
}

/** `name/REALM`; names of services have slashes of their own, so the last one counts. */
function clientAccount(client: string): string {
  const slash = client.lastIndexOf('/');
  return slash < 0 ? account(client, '') : account(client.slice(0, slash), client.slice(slash + 1));
}

/**
 * The host of a service principal (RFC 4120 section 6.2.1, and service/host:port/domain as Windows has it) or of a
 * machine account; '' for one that names no host.
 */
export function serviceHost(service: string): string {
  const [first = '', second = ''] = service.toLowerCase().split('/');
  if (first.endsWith('$')) return first.slice(0, -1);
  const [host = ''] = /^[^:@]+/.exec(second) ?? [];
  return host === '' || NO_HOST.has(first) || GUID.test(host) ? '' : host.replace(/\$$/, '');
}
