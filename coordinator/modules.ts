import type { Logger } from 'pino';
import type { EpochChain } from '../crypto/public/epoch-chain.ts';
import type { PublicPrimitives, RandomBytes } from '../crypto/public/primitives.ts';
import type { Roster } from '../crypto/public/roster.ts';
import type { Sign } from '../crypto/public/signed.ts';
import type { FailpointCheck } from '../protocol/failpoints.ts';
import type { LogStore } from './audit/log-store.ts';
import type { Sessions } from './sessions/session.ts';
import type { ModelStore } from './store/model-store.ts';
import type { RoundStore } from './store/round-store.ts';
import type { UploadStore } from './store/upload-store.ts';

/** What acts on the world and is handed to a coordinator. */
export interface CoordinatorDependencies {
  readonly primitives: PublicPrimitives;
  readonly random: RandomBytes;
  /** Signs with the coordinator's long-term key; the key itself stays where it is. */
  readonly sign: Sign;
  /** Raw public key of `sign`, base64url. */
  readonly publicKey: string;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed: () => number;
  readonly failpoint: FailpointCheck;
  readonly logger: Logger;
}

/** What the coordinator's parts work with: what was handed in, and the state on disk. */
export interface CoordinatorModules extends CoordinatorDependencies {
  /** All epochs; what a request may name. */
  readonly chain: EpochChain;
  /** The one in force: the last of the chain. */
  readonly roster: Roster;
  readonly log: LogStore;
  readonly uploads: UploadStore;
  readonly rounds: RoundStore;
  readonly models: ModelStore;
  readonly sessions: Sessions;
}

/** What connections and requests need: no log, no files. */
export type ControlModules = Omit<CoordinatorModules, 'log' | 'uploads' | 'rounds' | 'models'>;
