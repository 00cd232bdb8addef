import { cleanAddress, isAddress, isLoopback } from '../host-book.ts';
import { portOr0, transportOf } from '../input/transport.ts';
import { account } from '../windows-json/names.ts';
import { integer, object, text, type Fields } from './fields.ts';

/** The host of an endpoint or device: its host name, else its name, else its address; '' for a loopback address. */
export function hostOf(endpoint: Fields, own: boolean): string {
  if (own) return text(endpoint, 'hostname') || text(endpoint, 'ip');
  const name = (text(endpoint, 'hostname') || text(endpoint, 'name')).trim().toLowerCase().replace(/\.$/, '');
  if (name !== '' && name !== '-' && name !== 'localhost' && !isAddress(name)) return name;
  const address = cleanAddress(isAddress(name) ? name : text(endpoint, 'ip'));
  return isLoopback(address) ? '' : address;
}

/** `account@domain` of a user object. */
export function accountOf(user: Fields, own: boolean): string {
  const domain = text(user, 'domain');
  if (own) return domain === '' ? text(user, 'name') : `${text(user, 'name')}@${domain}`;
  const name = text(user, 'name') || text(user, 'email_addr') || text(user, 'uid');
  const slash = name.indexOf('\\');
  return name === '-' || slash === name.length - 1
    ? ''
    : account(name.slice(slash + 1), slash > 0 ? name.slice(0, slash) : domain === '-' ? '' : domain);
}

/** Path of a process's file, else its name. */
export function imageOf(process: Fields): string {
  return text(object(process, 'file'), 'path') || text(process, 'path') || text(process, 'name');
}

/** Port of an endpoint, 0 where it has none. */
export function portOf(endpoint: Fields): number {
  return portOr0(integer(endpoint, 'port') ?? 0);
}

/** Transport of `connection_info`, by its name or number. */
export function connectionTransport(connection: Fields): 'tcp' | 'udp' | 'other' {
  const name = text(connection, 'protocol_name');
  return transportOf(name === '' ? (integer(connection, 'protocol_num') ?? -1) : name);
}

/** The technique of an entry of `attacks`, its sub-technique where it names one. */
export function techniqueOf(attack: Fields): string {
  return text(object(attack, 'sub_technique'), 'uid') || text(object(attack, 'technique'), 'uid');
}
