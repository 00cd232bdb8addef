/**
 * Names of hosts and addresses, learnt while a data set is read. Windows names the other side of a logon by a short
 * workstation name or by an address; a twin needs one name a host. Knowledge is kept per DNS domain of the recording
 * host, because separate networks use the same private addresses. Later knowledge replaces earlier.
 */
export class HostBook {
  private readonly recorders = new Set<string>();
  private readonly domains = new Set<string>();
  private readonly byAddress = new Map<string, string>();
  private readonly byShortName = new Map<string, string>();

  /** A host that records events itself. `host` is lower-case, fully qualified where the source says so. */
  learnRecorder(host: string): void {
    if (this.recorders.has(host)) return;
    this.recorders.add(host);
    const domain = domainOf(host);
    if (domain === '') return;
    this.domains.add(domain);
    this.byShortName.set(`${domain} ${shortName(host)}`, host);
  }

  /** `host` was seen with `address`, in the network of `recorder`. Loopback and unusable addresses are not learnt. */
  learnAddress(address: string, host: string, recorder: string): void {
    if (address === '' || isLoopback(address)) return;
    this.byAddress.set(`${domainOf(recorder)} ${address}`, host);
  }

  /** The host at `address` as seen by `recorder`, or null. */
  hostAt(address: string, recorder: string): string | null {
    return this.byAddress.get(`${domainOf(recorder)} ${address}`) ?? null;
  }

  /** Full name of a lower-case host name as `recorder` would mean it; the name itself where nothing better is known. */
  qualify(name: string, recorder: string): string {
    if (name.includes('.')) return name;
    if (name === shortName(recorder)) return recorder;
    return this.byShortName.get(`${domainOf(recorder)} ${name}`) ?? name;
  }

  /** DNS domains in which recording hosts stand. */
  knownDomains(): ReadonlySet<string> {
    return this.domains;
  }

  isRecorder(host: string): boolean {
    return this.recorders.has(host);
  }
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
    .replace(/%.*$/, '')
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
