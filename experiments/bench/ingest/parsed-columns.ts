import { readDataset } from '../../../datasets/open.ts';
import { CordonError } from '../../../protocol/errors.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';

/** A column of strings of which few are distinct: each once, and their places. */
class Words<T extends string> {
  readonly #distinct: T[] = [];
  readonly #places = new Map<T, number>();
  #column = new Uint32Array(1024);
  #length = 0;

  push(word: T): void {
    let place = this.#places.get(word);
    if (place === undefined) {
      place = this.#distinct.push(word) - 1;
      this.#places.set(word, place);
    }
    if (this.#length === this.#column.length) {
      const longer = new Uint32Array(2 * this.#length);
      longer.set(this.#column);
      this.#column = longer;
    }
    this.#column[this.#length++] = place;
  }

  at(i: number): T {
    const word = this.#distinct[this.#column[i] ?? 0];
    if (word === undefined) throw new RangeError(`no row ${i}`);
    return word;
  }
}

/** The authentications of a log as columns. */
export class ParsedColumns {
  readonly #times: number[] = [];
  readonly #success: boolean[] = [];
  readonly #srcHost = new Words();
  readonly #dstHost = new Words();
  readonly #srcAccount = new Words();
  readonly #dstAccount = new Words();
  readonly #protocol = new Words<AuthEvent['protocol']>();
  readonly #logonType = new Words<AuthEvent['logonType']>();
  readonly #action = new Words<AuthEvent['action']>();

  /** @throws CordonError as `readDataset`, DATA_INSUFFICIENT for a log without authentications */
  static async read(path: string): Promise<ParsedColumns> {
    const columns = new ParsedColumns();
    for await (const batch of readDataset(path)) {
      for (const event of batch) if (event.type === 'auth') columns.#push(event);
    }
    if (columns.length > 0) return columns;
    throw new CordonError('DATA_INSUFFICIENT', {
      expected: `authentication events in ${path}`,
      got: 'none',
      next: 'give a log with authentications, for example LANL auth.txt.gz',
    });
  }

  get length(): number {
    return this.#times.length;
  }

  /** One event after the other, each a new object as a reader makes it. */
  *events(): Generator<AuthEvent> {
    for (let i = 0; i < this.length; i++) {
      yield {
        type: 'auth',
        time: this.#times[i] ?? 0,
        srcHost: this.#srcHost.at(i),
        dstHost: this.#dstHost.at(i),
        srcAccount: this.#srcAccount.at(i),
        dstAccount: this.#dstAccount.at(i),
        protocol: this.#protocol.at(i),
        logonType: this.#logonType.at(i),
        action: this.#action.at(i),
        success: this.#success[i] === true,
        source: { dataset: 'bench', record: i, uid: '' },
      };
    }
  }

  #push(event: AuthEvent): void {
    this.#times.push(event.time);
    this.#success.push(event.success);
    this.#srcHost.push(event.srcHost);
    this.#dstHost.push(event.dstHost);
    this.#srcAccount.push(event.srcAccount);
    this.#dstAccount.push(event.dstAccount);
    this.#protocol.push(event.protocol);
    this.#logonType.push(event.logonType);
    this.#action.push(event.action);
  }
}
