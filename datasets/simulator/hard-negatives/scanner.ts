import { KIND } from '../kinds.ts';
import type { Scene } from './index.ts';

/** The vulnerability scanner tries a part of the network over NTLM; much of it fails. */
export function scannerSweep({ org, random, trace, start }: Scene): void {
  const scanner = org.byRole.scanner[0] ?? org.hosts[0] ?? 0;
  // It is done before people come, however many hosts there are.
  const gap = Math.min(6, 14_400 / org.hosts.length);
  let time = start;
  for (const dst of org.hosts) {
    // The same tenth every week, and a few others.
    if (dst % 10 !== 0 && !random.chance(0.004)) continue;
    time += random.between([0.1, 1]) * gap;
    trace.logon(time, org.scanner, scanner, dst, KIND.ntlm, !random.chance(0.25));
  }
}
