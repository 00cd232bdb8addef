import { partnersOf } from '../world/world.ts';
import type { Scene } from './index.ts';

/** The managed service sweeps its customers' servers. */
export function managedSweep({ world, org, random, trace, start }: Scene): void {
  if (!partnersOf(world, org.index).includes(world.provider)) return;
  const jump = world.organisations[world.provider]?.byRole.jump[0];
  if (jump === undefined) return;
  let time = start;
  for (const dst of random.sample(org.servers, 3 + random.below(6))) {
    trace.ticket(time, world.managedAccount, jump, dst);
    time += random.exponential(60);
  }
}
