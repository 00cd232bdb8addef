import type { Logger } from 'pino';
import type { PublicPrimitives, RandomBytes } from '../crypto/public/primitives.ts';
import type { EpochChain } from '../crypto/public/epoch-chain.ts';
import type { Roster } from '../crypto/public/roster.ts';
import type { Sign } from '../crypto/public/signed.ts';
import type { EncryptionThreads } from '../crypto/secret/threads/encryption-threads.ts';
import type { FailpointCheck } from '../protocol/failpoints.ts';

/** What acts on the world and is handed to a participant. */
export interface ParticipantDependencies {
  /** The epochs of the roster file; what the coordinator offers must continue them. */
  readonly chain: EpochChain;
  /** This member's id in the roster. */
  readonly member: string;
  readonly primitives: PublicPrimitives;
  readonly random: RandomBytes;
  /** Signs with the member's long-term key; the key itself stays where it is. */
  readonly sign: Sign;
  /** Raw public key of `sign`, base64url. */
  readonly publicKey: string;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed: () => number;
  /** The clock, milliseconds of Unix time; telemetry alone goes by it. */
  readonly now: () => number;
  /** Encrypts on other threads where the site wants that. */
  readonly threads?: EncryptionThreads;
  readonly failpoint: FailpointCheck;
  readonly logger: Logger;
  /** Gets lines of alerts, where the site's configuration asks for them. */
  readonly onAlerts?: (lines: string) => void;
}

/** What its parts work with in one epoch. */
export interface ParticipantModules extends Omit<
  ParticipantDependencies,
  'chain' | 'publicKey' | 'now' | 'onAlerts'
> {
  /** In force where the log has been read to. */
  readonly roster: Roster;
}
