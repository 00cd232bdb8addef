/** A name and how often it was counted. */
export interface Counted {
  readonly name: string;
  readonly count: number;
}

/**
 * Counts names in bounded memory: when more than `capacity` are held, the rarest half is forgotten, so counts of
 * frequent names stay exact to within what was forgotten and the top of the list is right.
 */
export class TopCounter {
  private counts = new Map<string, number>();
  private readonly capacity: number;

  constructor(capacity = 200_000) {
    this.capacity = capacity;
  }

  /** Empty names are not counted. */
  add(name: string): void {
    if (name === '') return;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    if (this.counts.size > this.capacity) {
      this.counts = new Map(this.sorted().slice(0, this.capacity / 2));
    }
  }

  /** The `n` most frequent names; equal counts in order of name. */
  top(n: number): Counted[] {
    return this.sorted()
      .slice(0, n)
      .map(([name, count]) => ({ name, count }));
  }

  private sorted(): [string, number][] {
    return [...this.counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }
}
