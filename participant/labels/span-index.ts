import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { type Span, SpanList, inOrder } from './span-list.ts';

/** A span with the events that it means: those that have every name that is not null, or the one with this identity. */
export interface NamedSpan extends Span {
  /** Source or destination account. */
  readonly account: string | null;
  readonly source: string | null;
  readonly destination: string | null;
  readonly uid: string | null;
}

/** What of an event decides which spans mean it. */
export type Meant = Pick<AuthEvent, 'time' | 'srcHost' | 'dstHost' | 'srcAccount' | 'dstAccount'> & {
  readonly source: Pick<AuthEvent['source'], 'uid'>;
};

/** What stands under each name, and under no name. */
class Branches<T> {
  readonly #named = new Map<string, T>();
  #any: T | null = null;

  /** What stands under the name, made where there is nothing yet. */
  under(name: string | null, make: () => T): T {
    if (name === null) return (this.#any ??= make());
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const made = make();
    this.#named.set(name, made);
    return made;
  }

  named(name: string): T | null {
    return this.#named.size === 0 ? null : (this.#named.get(name) ?? null);
  }

  get any(): T | null {
    return this.#any;
  }
}

type Destinations = Branches<SpanList>;
type Sources = Branches<Destinations>;

/** Spans by account, source and destination: an event is compared with those alone that its own names lead to. */
export class SpanIndex {
  readonly #accounts = new Branches<Sources>();
  readonly #events = new Map<string, SpanList>();
  /** Before and after these no span with names holds anything. */
  #begin = Infinity;
  #end = -Infinity;

  constructor(spans: Iterable<NamedSpan>) {
    for (const span of [...spans].sort(inOrder)) this.#add(span);
  }

  #add(span: NamedSpan): void {
    const { account, source, destination, uid, from, to } = span;
    if (uid !== null) {
      const list = this.#events.get(uid) ?? new SpanList();
      this.#events.set(uid, list);
      list.add(span);
      return;
    }
    this.#begin = Math.min(this.#begin, from);
    this.#end = Math.max(this.#end, to);
    this.#accounts
      .under(account, () => new Branches())
      .under(source, () => new Branches())
      .under(destination, () => new SpanList())
      .add(span);
  }

  /** The first span, by `inOrder`, that means the event; null where none does. */
  find(event: Meant): Span | null {
    const { time, srcAccount, dstAccount } = event;
    const own = this.#events.size === 0 ? null : (this.#events.get(event.source.uid)?.at(time) ?? null);
    if (!(time >= this.#begin && time < this.#end)) return own;
    const accounts = this.#accounts;
    let first = earlier(own, ofSources(accounts.named(srcAccount), event));
    if (dstAccount !== srcAccount) first = earlier(first, ofSources(accounts.named(dstAccount), event));
    return earlier(first, ofSources(accounts.any, event));
  }
}

function ofSources(sources: Sources | null, event: Meant): Span | null {
  if (sources === null) return null;
  const { srcHost } = event;
  return earlier(ofDestinations(sources.named(srcHost), event), ofDestinations(sources.any, event));
}

function ofDestinations(destinations: Destinations | null, { dstHost, time }: Meant): Span | null {
  if (destinations === null) return null;
  return earlier(destinations.named(dstHost)?.at(time) ?? null, destinations.any?.at(time) ?? null);
}

function earlier(a: Span | null, b: Span | null): Span | null {
  if (a === null || b === null) return a ?? b;
  return inOrder(a, b) <= 0 ? a : b;
}
