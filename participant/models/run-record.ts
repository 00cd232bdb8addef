import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { FederationOrigin, Rounds } from './model-version.ts';

/** What the log says of a run beside its sums, when it is over. */
export type RunRecord = Pick<FederationOrigin, 'rounds' | 'ended'>;

/** Who contributed to which rounds of the runs that go on, as the log tells it. */
export class RunRecords {
  readonly #runs = new Map<string, Rounds[]>();

  /** The sum of a round counts. @param contributors whose vectors are in it, in any order */
  published(run: string, round: number, epoch: number, contributors: readonly string[]): void {
    const members = [...contributors].sort();
    const known = this.#runs.get(run) ?? [];
    this.#runs.set(run, known);
    const last = known.at(-1);
    const isSame =
      last?.to === round - 1 &&
      last.epoch === epoch &&
      last.contributors.length === members.length &&
      last.contributors.every((member, i) => member === members[i]);
    if (isSame) last.to = round;
    else known.push({ from: round, to: round, epoch, contributors: members });
  }

  /** The run is over, with this entry; it is forgotten. */
  take(run: string, { entry: { index, time }, hash }: SignedLogEntryMessage): RunRecord {
    const rounds = this.#runs.get(run) ?? [];
    this.drop(run);
    return { rounds, ended: { index, hash, time } };
  }

  drop(run: string): void {
    this.#runs.delete(run);
  }
}
