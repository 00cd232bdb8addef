import type { LayoutName } from '../../crypto/public/params.ts';
import type { RoundFailure } from '../../protocol/messages/runs.ts';
import type { Keying } from './keying.ts';

/** What of a round's transcript follows from the task. */
export interface RoundShape {
  /** Values in the vector. */
  readonly length: number;
  readonly layout: LayoutName;
  readonly valueBits: number;
  readonly quantiser: { readonly clipNorm: number; readonly bits: number };
}

/** What a kind of task makes of its sums; the rounds are the same for all kinds. */
export interface RunWork {
  readonly shape: RoundShape;
  /** What the first round stands on, 64 hexadecimal digits; known once the run is prepared. */
  readonly first: string;
  /** While it goes on, what members say about the key of the run is handed to it. */
  readonly keying: Keying | null;
  /** Before the first round, its task being in the log. @returns what keeps the run from beginning, or null */
  prepare(): Promise<RoundFailure | null>;
  /** Resolves when the round of this step (from 1) is due, or at once when the run is cancelled. */
  due(step: number): Promise<void>;
  /**
   * What the next round stands on, from the file of an opened sum; called once a round.
   * @param before what this round stood on
   */
  next(sum: {
    readonly path: string;
    readonly members: number;
    readonly round: number;
    readonly before: string;
  }): Promise<string>;
  /** After the last round. @param last what its sum has become */
  finish(last: string): Promise<void>;
  cancel(): void;
}
