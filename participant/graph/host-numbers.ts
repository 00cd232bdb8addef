/** Number of every host beyond the most that are told apart. */
export const OTHERS = 0;
/** Hosts are told apart by numbers of 16 bits, so that a pair of them is one of 32. */
export const MOST_HOSTS = 65_536;

/** Numbers of hosts in the order in which they came, from 1; they leave the site as little as names do. */
export class HostNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #limit: number;

  /** @param limit hosts, the one that stands for all others among them */
  constructor(limit: number = MOST_HOSTS) {
    this.#limit = Math.min(limit, MOST_HOSTS);
  }

  /** Numbers in use lie below it. */
  get size(): number {
    return this.#numbers.size + 1;
  }

  /** The number of a host, a new one where there is room for it. */
  enter(host: string): number {
    const known = this.#numbers.get(host);
    if (known !== undefined) return known;
    if (this.size >= this.#limit) return OTHERS;
    const number = this.size;
    this.#numbers.set(host, number);
    return number;
  }

  find(host: string): number {
    return this.#numbers.get(host) ?? OTHERS;
  }
}

/** A pair of numbers as one. */
export function pairKey(from: number, to: number): number {
  return from * MOST_HOSTS + to;
}

export function sourceOf(key: number): number {
  return key >>> 16;
}

export function destinationOf(key: number): number {
  return key & (MOST_HOSTS - 1);
}
