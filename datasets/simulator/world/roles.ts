import type { Role } from './world.ts';

const MEMBERS: readonly Role[] = ['app', 'file', 'db', 'terminal', 'web', 'app', 'file', 'db', 'app', 'web'];
const SINGLE: readonly Role[] = ['backup', 'scanner', 'exchange', 'jump'];

/** How many hosts of each kind an organisation has. */
interface Tiers {
  readonly controllers: number;
  readonly hubs: number;
  readonly portals: number;
  /** All servers, those above included. */
  readonly servers: number;
}

/**
 * In LANL 76 of 16,119 hosts receive 82.7 % of the remote logons, the next 87 of them 10 %: here too a two-hundredth
 * of the hosts is the core and as many are the second tier, but a small organisation needs at least one of each.
 */
export function tiersOf(size: number): Tiers {
  return {
    controllers: size > 60 ? Math.max(2, Math.round(size * 0.0022)) : 1,
    hubs: Math.max(1, Math.round(size * 0.0022)),
    portals: Math.max(1, Math.round(size * 0.0046)),
    servers: Math.max(11, Math.round(size * 0.16)),
  };
}

/** The role of an organisation's host with this number, counted from 0. */
export function roleOf(number: number, { controllers, hubs, portals, servers }: Tiers): Role {
  let i = number;
  if (i < controllers) return 'dc';
  if ((i -= controllers) < hubs) return 'hub';
  if ((i -= hubs) < portals) return 'portal';
  if ((i -= portals) < SINGLE.length) return SINGLE[i] ?? 'app';
  i -= SINGLE.length;
  return number < servers ? (MEMBERS[i % MEMBERS.length] ?? 'app') : 'workstation';
}
