import type { Logger } from 'pino';
import type { PublicPrimitives, RandomBytes } from '../crypto/public/primitives.ts';
import type { Roster } from '../crypto/public/roster.ts';
import type { Sign } from '../crypto/public/signed.ts';
import type { FailpointCheck } from '../protocol/failpoints.ts';
import type { LogStore } from './audit/log-store.ts';
import type { Sessions } from './sessions/session.ts';
import type { ModelStore } from './store/model-store.ts';
import type { RoundStore } from './store/round-store.ts';
import type { UploadStore } from './store/upload-store.ts';

/** What the coordinator's parts work with; everything that acts on the world is handed in. */
export interface CoordinatorModules {
  readonly roster: Roster;
  readonly primitives: PublicPrimitives;
  readonly random: RandomBytes;
  readonly sign: Sign;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed: () => number;
  readonly log: LogStore;
  readonly uploads: UploadStore;
  readonly rounds: RoundStore;
  readonly models: ModelStore;
  readonly sessions: Sessions;
  readonly failpoint: FailpointCheck;
  readonly logger: Logger;
}
