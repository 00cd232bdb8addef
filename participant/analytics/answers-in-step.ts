import { FederatedExtractor } from '../features/edge-v2.ts';
import type { AnswerBook } from './answer-book.ts';
import type { AnswerStore } from './answer-store.ts';

/**
 * The answers as rows of live events read them: each is there from its turn on, and none is visible to an event whose row
 * was made before it came. So reading the logs and the stored answers later gives the same rows.
 */
export class AnswersInStep {
  readonly extractor: FederatedExtractor;
  /** Called in a turn, when answers that rows may have been made with are about to be removed. */
  onForget: () => Promise<void> = () => Promise.resolve();
  readonly #store: AnswerStore;

  /** @param book of all answers in the store */
  constructor(store: AnswerStore, book: AnswerBook) {
    this.extractor = new FederatedExtractor(book);
    this.#store = store;
    store.onAnswer((answer) => book.add(answer));
    store.beforeDrop(async (epoch) => {
      if (book.forgetBefore(epoch)) await this.onForget();
    });
  }

  /** Work during which no answer comes or goes: reading events, writing down where they stand. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#store.inTurn(work);
  }
}
