/** A stretch of time under a name, and what ties are broken by. */
export interface Span {
  readonly id: string;
  /** First moment; -Infinity for all before `to`. */
  readonly from: number;
  /** First moment that is not in it any more. */
  readonly to: number;
  readonly campaign: string;
}

/** The order in which spans go before each other: the earliest begun, then by id, then by campaign. */
export function inOrder(a: Span, b: Span): number {
  // Not the difference: that of two infinities is no number.
  if (a.from !== b.from) return a.from < b.from ? -1 : 1;
  return byText(a.id, b.id) || byText(a.campaign, b.campaign);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Spans in their order; which of them is the first to hold a moment is found in logarithmic time. */
export class SpanList {
  readonly #spans: Span[] = [];
  /** The latest end of all spans up to here. */
  readonly #ends: number[] = [];

  /** Adds a span that comes after all others, by `inOrder`. */
  add(span: Span): void {
    this.#ends.push(Math.max(this.#ends.at(-1) ?? -Infinity, span.to));
    this.#spans.push(span);
  }

  /** The first span, in their order, that holds the moment; null where none does. */
  at(time: number): Span | null {
    // The first one that ends after the moment is where the latest end passes it; no earlier one holds the moment.
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] ?? Infinity) > time) high = middle;
      else low = middle + 1;
    }
    const span = this.#spans[low];
    return span !== undefined && span.from <= time ? span : null;
  }
}
