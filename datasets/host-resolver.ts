import type { CanonicalEvent } from '../protocol/events/canonical.ts';
import type { HostFact, Naming, StreamItem } from './host-facts.ts';
import { HostBook, isAddress } from './host-book.ts';

/**
 * Gives hosts their names in the order of one stream: a fact holds for what comes after it. Readers tell facts and
 * leave addresses as they are, so that whoever merges several logs gets the same names however their bytes arrived.
 */
export class HostResolver {
  readonly book: HostBook;

  constructor(book: HostBook = new HostBook()) {
    this.book = book;
  }

  /** The event of an item under its final names, or null for a fact, which is learnt. */
  take(item: StreamItem): CanonicalEvent | null {
    switch (item.type) {
      case 'recorder':
      case 'address':
        this.learn(item);
        return null;
      case 'unresolved':
        return this.resolve(item.event, item.naming);
      default:
        return item;
    }
  }

  learn(fact: HostFact): void {
    if (fact.type === 'recorder') this.book.learnRecorder(fact.host);
    else this.book.learnAddress(fact.address, this.book.qualify(fact.host, fact.network), fact.network);
  }

  /** The event itself where no name changes. */
  resolve(event: CanonicalEvent, naming: Naming): CanonicalEvent {
    if ('host' in event) {
      const host = this.#name(event.host, naming.network, undefined);
      return host === event.host ? event : { ...event, host };
    }
    const srcHost = this.#name(event.srcHost, naming.network, naming.srcName);
    const dstHost = this.#name(event.dstHost, naming.network, naming.dstName);
    return srcHost === event.srcHost && dstHost === event.dstHost ? event : { ...event, srcHost, dstHost };
  }

  #name(host: string, network: string, reported: string | undefined): string {
    if (!isAddress(host)) return this.book.qualify(host, network);
    const known = this.book.hostAt(host, network);
    if (known !== null) return known;
    return reported === undefined || reported === '' ? host : this.book.qualify(reported, network);
  }
}
