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
