import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { domainOf, isAddress, shortName, type HostBook } from '../host-book.ts';

/** Events by organisation, and those that belong to none. */
export interface Grouping {
  /** Events by DNS domain of the organisation, in the order given, hosts under their full names. */
  readonly byDomain: Map<string, CanonicalEvent[]>;
  /** Events none of whose hosts belongs to a known domain. */
  readonly remainder: CanonicalEvent[];
}

/**
 * Shares events out to Active Directory domains: the domains of hosts that recorded events themselves.
 *
 * An event belongs to the domain of its destination host, else of its source host. A host that recorded under a bare
 * name (WORKSTATION5) is taken for the host of that name that occurs in the same recording, else for the one that
 * occurs most often over all. A host that has no full name at all goes where its other events are: in the same
 * recording, else most often over all; where there are none, the event goes to the remainder. Addresses are replaced
 * by host names where any recording of the domain tells whose they are.
 */
export function groupByDomain(events: readonly CanonicalEvent[], hosts: HostBook): Grouping {
  const full = new FullNames(events, hosts);
  const company = new Company();
  const named: { event: CanonicalEvent; domain: string | null }[] = [];
  for (const raw of events) {
    const event = rename(raw, (host) => full.of(host, raw.source.dataset));
    const anchor = hostsOf(event).find((host) => hosts.knownDomains().has(domainOf(host)));
    const domain = anchor === undefined ? null : domainOf(anchor);
    if (domain !== null) company.add(event, domain);
    named.push({ event, domain });
  }

  const byDomain = new Map<string, CanonicalEvent[]>();
  const remainder: CanonicalEvent[] = [];
  for (const { event, domain: own } of named) {
    const domain = own ?? company.of(event);
    if (domain === null) {
      remainder.push(event);
      continue;
    }
    const list = byDomain.get(domain) ?? [];
    byDomain.set(domain, list);
    list.push(rename(event, (host) => (isAddress(host) ? (hosts.hostAt(host, domain) ?? host) : host)));
  }
  return { byDomain, remainder };
}

/** Which domain's hosts a host without a domain deals with. */
class Company {
  private readonly counts = new Map<string, Map<string, number>>();

  add(event: CanonicalEvent, domain: string): void {
    for (const host of hostsOf(event)) {
      count(this.counts, host, domain);
      count(this.counts, `${event.source.dataset} ${host}`, domain);
    }
  }

  of(event: CanonicalEvent): string | null {
    const found = hostsOf(event);
    return (
      found
        .map((host) => most(this.counts.get(`${event.source.dataset} ${host}`)))
        .find((name) => name !== null) ??
      found.map((host) => most(this.counts.get(host))).find((name) => name !== null) ??
      null
    );
  }
}

/** Hosts that an event names, the destination first: it decides whose event it is. */
export function hostsOf(event: CanonicalEvent): string[] {
  return 'host' in event ? [event.host] : [event.dstHost, event.srcHost];
}

function rename(event: CanonicalEvent, name: (host: string) => string): CanonicalEvent {
  if ('host' in event) return { ...event, host: name(event.host) };
  return { ...event, srcHost: name(event.srcHost), dstHost: name(event.dstHost) };
}

/** Which full name a bare host name stands for. */
class FullNames {
  private readonly inRecording = new Map<string, Map<string, number>>();
  private readonly overall = new Map<string, Map<string, number>>();

  constructor(events: readonly CanonicalEvent[], hosts: HostBook) {
    for (const event of events) {
      for (const host of hostsOf(event)) {
        if (!hosts.isRecorder(host) || domainOf(host) === '') continue;
        count(this.overall, shortName(host), host);
        count(this.inRecording, `${event.source.dataset} ${shortName(host)}`, host);
      }
    }
  }

  of(host: string, recording: string): string {
    if (host.includes('.') || isAddress(host)) return host;
    return most(this.inRecording.get(`${recording} ${host}`)) ?? most(this.overall.get(host)) ?? host;
  }
}

function count(into: Map<string, Map<string, number>>, key: string, value: string): void {
  const counts = into.get(key) ?? new Map<string, number>();
  into.set(key, counts);
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

function most(counts: Map<string, number> | undefined): string | null {
  let best: string | null = null;
  let bestCount = 0;
  for (const [host, times] of counts ?? []) {
    if (times > bestCount) {
      best = host;
      bestCount = times;
    }
  }
  return best;
}
