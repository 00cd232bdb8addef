import type { CanonicalEvent } from '../protocol/events/canonical.ts';
import type { HostFact, Naming } from './host-facts.ts';

/**
 * Code units of a name that is remembered: of a host, an account, a record, a name that was looked up. The DNS has 253 for a
 * name, directories 256 for an account. Tables of names are bounded in entries; with this they are in bytes.
 */
export const LONGEST_NAME = 512;

/** Whether a name of the event, or one that it may get, is too long to be one. */
export function hasLongName(event: CanonicalEvent, naming: Naming | undefined): boolean {
  if (event.source.uid.length > LONGEST_NAME) return true;
  if (naming !== undefined && isLong(naming.network, naming.srcName ?? '', naming.dstName ?? '')) return true;
  switch (event.type) {
    case 'auth':
      return isLong(event.srcHost, event.dstHost, event.srcAccount) || event.dstAccount.length > LONGEST_NAME;
    case 'process':
      return isLong(event.host, event.account, '');
    case 'flow':
      return isLong(event.srcHost, event.dstHost, '');
    case 'dns':
      return isLong(event.host, event.query, '');
    case 'detection':
      return isLong(event.srcHost, event.dstHost, event.account) || event.technique.length > LONGEST_NAME;
  }
}

/** Whether what is told of a name is of one that is too long. */
export function isOfLongName(fact: HostFact): boolean {
  return fact.type === 'recorder'
    ? fact.host.length > LONGEST_NAME
    : isLong(fact.address, fact.host, fact.network);
}

function isLong(a: string, b: string, c: string): boolean {
  return a.length > LONGEST_NAME || b.length > LONGEST_NAME || c.length > LONGEST_NAME;
}
