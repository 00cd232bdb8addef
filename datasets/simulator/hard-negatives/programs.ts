import { KIND } from '../kinds.ts';
import type { Scene } from './index.ts';

/** An application moves: its service account comes from a new server and reaches others; looks like a pivot. */
export function deployment({ org, random, trace, start }: Scene): void {
  const { account } = random.pick(org.services);
  const src = random.pick(org.servers);
  let time = start;
  for (const dst of random.sample(org.servers, 2 + random.below(4))) {
    trace.logon(time, account, src, dst, random.chance(0.7) ? KIND.kerberos : KIND.ntlm);
    time += random.exponential(400);
  }
}

/** A program with an old password tries hosts that it finds in the browser list; looks like a worm. */
export function strayClient({ org, random, trace, start }: Scene): void {
  const { account, home } = random.pick(org.users);
  let time = start;
  for (const dst of random.sample(org.hosts, 3 + random.below(6))) {
    trace.logon(time, account, home, dst, KIND.ntlm, random.chance(0.3));
    time += random.exponential(20);
  }
}
