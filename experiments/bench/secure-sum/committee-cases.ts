import { addChunk, createAccumulator } from '../../../crypto/public/accumulator.ts';
import type { Answer } from '../../../crypto/public/answer.ts';
import type { OwnCase } from '../measure.ts';
import { advertise } from './bench-federation.ts';
import { answer, type ClosedRound, closedRound, type Seat, seatOf } from './answered-round.ts';
import { open } from './coordinator-cases.ts';
import { assertSum } from './seeded-values.ts';

/** Members that answer in one run: it divides the committees of 10 and 15. */
const AT_ONCE = 5;
const MOST_AT_ONCE = 50;

/**
 * Rounds of so many contributors, whose committee members are measured one after the other as they answer. Each answers
 * once, so a new round begins when all have; the answers of every round open its sum, which must be the plain one.
 */
export class CommitteeRounds {
  private readonly contributors: number;
  private readonly length: number;
  private readonly folder: string;
  private closed: ClosedRound | null = null;
  private seats: Seat[] = [];
  private answers: Answer[] = [];

  /** @param folder for the members' journals */
  constructor(contributors: number, length: number, folder: string) {
    this.contributors = contributors;
    this.length = length;
    this.folder = folder;
  }

  answering(): OwnCase {
    // A run of one member would be little more than the caches that it finds cold; of a thousand shares it is not.
    const per = this.contributors > MOST_AT_ONCE ? 1 : Math.min(AT_ONCE, this.contributors);
    return {
      name: `committee.answer_ms.${this.contributors}`,
      clock: 'cpu',
      note: `all that one committee member does for the opening: S read from the log, on from the announcement that it verified before it trained, with every manifest verified, shares checked, opened, tested and added, answer signed and on disk; it does not depend on the length of the vectors, here ${this.length.toLocaleString('en-US')} values; the sum that the answers open is the plain one; ${per} one after the other, the mean of them`,
      per,
      before: () => {
        const closed = (this.closed ??= closedRound(this.contributors, this.length));
        this.seats = Array.from({ length: per }, (_, i) => seatOf(closed, this.answers.length + i));
      },
      run: async () => {
        for (const seat of this.seats) this.answers.push(await answer(seat, this.folder));
      },
      after: () => {
        const committee = this.closed?.round.ephemerals.length ?? 0;
        if (this.answers.length === committee) this.check();
      },
    };
  }

  /** The keys that a committee member makes for such a round: one pair for every member of the roster. */
  advertising(): OwnCase {
    return {
      name: `committee.advertise_ms.${this.contributors}`,
      clock: 'cpu',
      note: 'key pairs of one committee member for a round, one X25519 and one ML-KEM-768 for every member, with their signed root; made before the round',
      run: () => advertise(this.contributors),
    };
  }

  /** Lets as many answer as the threshold asks for in a round that was left open, and checks its sum. */
  async finish(): Promise<void> {
    const { closed } = this;
    if (closed === null) return;
    while (this.answers.length < closed.round.roster.threshold)
      this.answers.push(await answer(seatOf(closed, this.answers.length), this.folder));
    this.check();
  }

  private check(): void {
    if (this.closed === null) return;
    const { contributions, expected } = this.closed;
    const accumulators = contributions[0]?.chunks.map(createAccumulator) ?? [];
    for (const { chunks } of contributions) {
      for (const [i, accumulator] of accumulators.entries()) {
        addChunk(accumulator, chunks[i] ?? new Uint8Array());
      }
    }
    const opened = open({ ...this.closed, answers: this.answers }, accumulators);
    assertSum(`cordon, ${this.contributors} members`, opened, expected);
    this.closed = null;
    this.answers = [];
  }
}
