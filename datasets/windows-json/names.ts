import type { LogonType } from '../../protocol/events/canonical.ts';
import { cleanAddress, isLoopback } from '../host-book.ts';
import type { WindowsRecord } from './record.ts';

/** Logon types of events 4624, 4625 and 4634 (Microsoft, "Audit logon events"). */
const LOGON_TYPE: Readonly<Record<string, LogonType>> = {
  '0': 'System',
  '2': 'Interactive',
  '3': 'Network',
  '4': 'Batch',
  '5': 'Service',
  '7': 'Unlock',
  '8': 'NetworkCleartext',
  '9': 'NewCredentials',
  '10': 'RemoteInteractive',
  '11': 'CachedInteractive',
  '12': 'RemoteInteractive',
  '13': 'Unlock',
};

/** Logon type of its number as text; Unknown where Windows has no such type. */
export function logonType(number: string): LogonType {
  return LOGON_TYPE[number] ?? 'Unknown';
}

/**
 * `account@domain`, lower-case. A domain given as a DNS name becomes its first label, so that THESHIRE and
 * THESHIRE.LOCAL are one; a user principal name (`a@B.LOCAL`) is taken apart. '' where there is no account.
 */
export function account(user: string, domain: string): string {
  if (user === '') return '';
  const at = user.indexOf('@');
  const name = (at > 0 ? user.slice(0, at) : user).toLowerCase();
  const realm = (at > 0 ? user.slice(at + 1) : domain).toLowerCase().split('.')[0] ?? '';
  return realm === '' ? name : `${name}@${realm}`;
}

/** `DOMAIN\user` as Sysmon writes it. */
export function sysmonAccount(user: string): string {
  const slash = user.indexOf('\\');
  return slash < 0 ? account(user, '') : account(user.slice(slash + 1), user.slice(0, slash));
}

/**
 * The other side of a logon as the record gives it: the workstation name, else the machine of a machine account, else
 * the address; the recording host itself for a loopback address, a placeholder or its own name. Where the record has
 * both name and address, whose the address is is learnt.
 */
export function remoteHost(
  record: WindowsRecord,
  workstation: string,
  address: string,
  learn: LearnAddress,
): string {
  const ip = cleanAddress(address);
  if (ip !== '' && isLoopback(ip)) return record.host;
  const name = workstation.trim().replace(/^\\+/, '').toLowerCase();
  const known = name === 'localhost' ? '' : name;
  if (known === '' && ip === '') return record.host;
  const host = known || machineHost(record.field('TargetUserName'));
  if (host === '') return ip;
  if (ip !== '') learn(ip, host);
  return host;
}

/** Takes what a record tells: the host, by a lower-case name, at a cleaned address. */
export type LearnAddress = (address: string, host: string) => void;

/** The short name of a machine account's host (`WS5$`, also as a principal) in lower case; '' where it is none. */
export function machineHost(name: string): string {
  const at = name.indexOf('@');
  const plain = (at > 0 ? name.slice(0, at) : name).toLowerCase();
  return plain.endsWith('$') ? plain.slice(0, -1) : '';
}
