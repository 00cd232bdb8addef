/** How many connections may be open without having proved who they are: in all, and from one address. */
export interface NewcomerLimits {
  readonly total: number;
  readonly perAddress: number;
}

/**
 * Connections that have not proved who they are, oldest first. There is always room for one more: the oldest one goes,
 * that of the same address where one address has too many. So whoever holds connections without a word keeps nobody out.
 */
export class Newcomers<C extends object> {
  private readonly limits: NewcomerLimits;
  private readonly evict: (connection: C) => void;
  private readonly addresses = new Map<C, string>();

  /** @param evict hangs up; the connection is forgotten already */
  constructor(limits: NewcomerLimits, evict: (connection: C) => void) {
    this.limits = limits;
    this.evict = evict;
  }

  get size(): number {
    return this.addresses.size;
  }

  add(connection: C, address: string): void {
    const oldest = this.inTheWay(address);
    if (oldest !== undefined) {
      this.addresses.delete(oldest);
      this.evict(oldest);
    }
    this.addresses.set(connection, address);
  }

  /** It has proved itself, or it is gone; a second call changes nothing. */
  delete(connection: C): void {
    this.addresses.delete(connection);
  }

  private inTheWay(address: string): C | undefined {
    let first: C | undefined;
    let same = 0;
    for (const [connection, other] of this.addresses) {
      if (other !== address) continue;
      first ??= connection;
      same += 1;
    }
    if (same >= this.limits.perAddress) return first;
    return this.addresses.size >= this.limits.total ? this.addresses.keys().next().value : undefined;
  }
}
