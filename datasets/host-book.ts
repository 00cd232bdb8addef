/** Addresses and short names that are kept; beyond it the one learnt or changed longest ago is forgotten. */
const CAPACITY = 1_000_000;

/**
 * Names of hosts and addresses. Windows names the other side of a logon by a short workstation name or by an address; a
 * twin needs one name a host. Knowledge is kept per network, which is the DNS domain of the recording host, because
 * separate networks use the same private addresses. Later knowledge replaces earlier. Memory is bounded.
 */
export class HostBook {
  private readonly recorders = new Set<string>();
  private readonly domains = new Set<string>();
  private readonly byAddress = new Map<string, string>();
  private readonly byShortName = new Map<string, string>();
  private readonly capacity: number;

  constructor(capacity = CAPACITY) {
    this.capacity = capacity;
  }

  /** A host that records events itself. `host` is lower-case, fully qualified where the source says so. */
  learnRecorder(host: string): void {
    if (this.recorders.has(host)) return;
    if (this.recorders.size >= this.capacity) this.forgetRecorder();
    this.recorders.add(host);
    const domain = domainOf(host);
    if (domain === '') return;
    if (this.domains.size < this.capacity) this.domains.add(domain);
    this.byShortName.set(`${domain} ${shortName(host)}`, host);
  }

  /** `host` was seen with `address` in `network`. Loopback and unusable addresses are not learnt. */
  learnAddress(address: string, host: string, network: string): void {
    if (address === '' || isLoopback(address) || isAddress(host)) return;
    const key = `${network} ${address}`;
    if (this.byAddress.get(key) === host) return;
    this.byAddress.delete(key);
    this.byAddress.set(key, host);
    if (this.byAddress.size > this.capacity) forgetFirst(this.byAddress);
  }

  /** The host at `address` in `network`, or null. */
  hostAt(address: string, network: string): string | null {
    return this.byAddress.get(`${network} ${address}`) ?? null;
  }

  /** Full name of a lower-case host name as `network` would mean it; the name itself where nothing better is known. */
  qualify(name: string, network: string): string {
    if (network === '' || name.includes('.')) return name;
    return this.byShortName.get(`${network} ${name}`) ?? name;
  }

  /** DNS domains in which recording hosts stand. */
  knownDomains(): ReadonlySet<string> {
    return this.domains;
  }

  isRecorder(host: string): boolean {
    return this.recorders.has(host);
  }

  /** All that is known, as plain values that JSON keeps. */
  snapshot(): HostBookSnapshot {
    return { recorders: [...this.recorders], addresses: [...this.byAddress] };
  }

  /** A book that knows what the snapshot's knew, and goes on like it. */
  static restore(snapshot: HostBookSnapshot, capacity = CAPACITY): HostBook {
    const book = new HostBook(capacity);
    for (const host of snapshot.recorders) book.learnRecorder(host);
    for (const [key, host] of snapshot.addresses) book.byAddress.set(key, host);
    return book;
  }

  private forgetRecorder(): void {
    const [oldest] = this.recorders;
    if (oldest === undefined) return;
    this.recorders.delete(oldest);
    this.byShortName.delete(`${domainOf(oldest)} ${shortName(oldest)}`);
  }
}

/** What a `HostBook` knows, oldest knowledge first. */
export interface HostBookSnapshot {
  readonly recorders: readonly string[];
  /** `network address` and the host there. */
  readonly addresses: readonly (readonly [string, string])[];
}

function forgetFirst(map: Map<string, string>): void {
  const [first] = map.keys();
  if (first !== undefined) map.delete(first);
}

/** `ws5.theshire.local` -> `theshire.local`; '' for a short name or an address. */
export function domainOf(host: string): string {
  const dot = host.indexOf('.');
  return dot < 0 || isAddress(host) ? '' : host.slice(dot + 1);
}

/** `ws5.theshire.local` -> `ws5`; an address stays as it is. */
export function shortName(host: string): string {
  const dot = host.indexOf('.');
  return dot < 0 || isAddress(host) ? host : host.slice(0, dot);
}

/** True for an IPv4 or IPv6 address in place of a name. */
export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}

/**
 * An address in one spelling: lower-case, no zone, IPv4 without the `::ffff:` of IPv4 in IPv6, IPv6 with all eight
 * groups (Security events write `fe80::1`, Sysmon `fe80:0:0:0:0:0:0:1`); '' for a placeholder.
 */
export function cleanAddress(text: string): string {
  const address = text
    .trim()
    .toLowerCase()
    .replace(/%.*/s, '')
    .replace(/^(::|0:0:0:0:0:)ffff:(?=\d+\.)/, '');
  if (address === '-' || address === 'localhost') return '';
  const [left, right] = address.split('::');
  if (right === undefined || left === undefined) return address;
  const before = left === '' ? [] : left.split(':');
  const after = right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].join(':');
}

/** Whether a cleaned address means the host itself. */
export function isLoopback(address: string): boolean {
  return (
    address === '0:0:0:0:0:0:0:1' ||
    address === '0:0:0:0:0:0:0:0' ||
    address === '0.0.0.0' ||
    address.startsWith('127.')
  );
}
