import type { ServerResponse } from 'node:http';
import { CordonError } from '../../protocol/errors.ts';

/** Requests of one identity that are answered at the same time. A participant has two or three. */
export const MOST_IN_FLIGHT = 32;

/**
 * Counts the requests of each identity that are under way: every one of them may hold a body, a piece of an answer and an
 * open file, so that one member could otherwise take the memory and the files of the rounds of all.
 */
export class InFlight {
  private readonly counts = new Map<string, number>();
  private readonly most: number;

  constructor(most = MOST_IN_FLIGHT) {
    this.most = most;
  }

  /**
   * Counts one more, until its answer is out or its connection is gone.
   * @throws CordonError TOO_MANY_REQUESTS
   */
  enter(identity: string, answer: Pick<ServerResponse, 'once'>): void {
    const before = this.counts.get(identity) ?? 0;
    if (before >= this.most) throw tooMany(this.most);
    this.counts.set(identity, before + 1);
    answer.once('close', () => {
      const left = (this.counts.get(identity) ?? 1) - 1;
      if (left > 0) this.counts.set(identity, left);
      else this.counts.delete(identity);
    });
  }

  /** Identities with requests under way. */
  get size(): number {
    return this.counts.size;
  }
}

function tooMany(most: number): CordonError {
  return new CordonError('TOO_MANY_REQUESTS', {
    expected: `at most ${most} requests at once`,
    got: 'more',
    next: 'wait for answers before you ask again',
  });
}
