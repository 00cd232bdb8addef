import type { Tactic } from './attack.ts';
import { managedService } from './managed-service.ts';
import { passTheHash } from './pass-the-hash.ts';
import { rdpHop } from './rdp-hop.ts';
import { servicePivot } from './service-pivot.ts';
import { slowKerberos } from './slow-kerberos.ts';
import { worm } from './worm.ts';

/** Tactics that some organisation may have lived through and labelled. */
export const LABELLED_TACTICS: readonly Tactic[] = [passTheHash, servicePivot, rdpHop, worm, managedService];

/** Happens in training too, but nobody has noticed: "known to nobody" in the benchmark. */
export const UNLABELLED_TACTICS: readonly Tactic[] = [slowKerberos];

/** Every tactic of the test period. */
export const TACTICS: readonly Tactic[] = [...LABELLED_TACTICS, ...UNLABELLED_TACTICS];
