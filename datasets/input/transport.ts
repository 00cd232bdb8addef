import type { NetworkFlow } from '../../protocol/events/canonical.ts';

/** The transport that an IANA protocol number means, or its name in any case. */
export function transportOf(protocol: number | string): NetworkFlow['transport'] {
  if (typeof protocol === 'string') {
    const name = protocol.toLowerCase();
    return name === 'tcp' || name === 'udp' ? name : 'other';
  }
  return protocol === 6 ? 'tcp' : protocol === 17 ? 'udp' : 'other';
}

export const MAX_PORT = 65_535;

/** The number itself where it is a port, else 0, which stands for none. */
export function portOr0(number: number): number {
  return Number.isInteger(number) && number >= 0 && number <= MAX_PORT ? number : 0;
}
