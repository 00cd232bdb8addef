import type { Logger } from 'pino';
import type { PublicPrimitives, RandomBytes } from '../crypto/public/primitives.ts';
import type { Roster } from '../crypto/public/roster.ts';
import type { Sign } from '../crypto/public/signed.ts';
import type { FailpointCheck } from '../protocol/failpoints.ts';

/** What the participant's parts work with; everything that acts on the world is handed in. */
export interface ParticipantModules {
  readonly roster: Roster;
  /** This member's id in the roster. */
  readonly member: string;
  readonly primitives: PublicPrimitives;
  readonly random: RandomBytes;
  /** Signs with the member's long-term key; the key itself stays where it is. */
  readonly sign: Sign;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed: () => number;
  readonly failpoint: FailpointCheck;
  readonly logger: Logger;
}
