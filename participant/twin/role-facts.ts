import { LOGON_TYPES, type LogonType } from '../../protocol/events/canonical.ts';
import { ACCOUNT, HOST, USE } from './columns.ts';
import { classOf, FROM, nodeOf, TO } from './edge-store.ts';
import { FLAGS, MACHINE, OWN, SYSTEM } from './node-store.ts';
import { SERVICE_CLASSES } from './service-class.ts';
import type { TwinState } from './twin-state.ts';

/** A column of whole numbers, by number of the host or account. */
export type Column = Uint32Array;

/** Who deals with a host: distinct neighbours, over successful requests alone where nothing else is said. */
export interface HostFacts {
  /** Hosts that came; of them those that came under their machine's account. */
  readonly comers: Column;
  readonly machines: Column;
  /** Hosts that it went to, with or without success; of them those under its machine's account. */
  readonly targets: Column;
  readonly managed: Column;
  /** Accounts that were used on it from elsewhere, without those of machines and systems; of these, of other domains. */
  readonly people: Column;
  readonly foreign: Column;
  /** Accounts that sat at it, came by Remote Desktop, ran services or jobs on it, gave it their password in clear. */
  readonly sitting: Column;
  readonly byRdp: Column;
  readonly jobs: Column;
  readonly cleartext: Column;
  /** For each class of service: hosts that connected to it. */
  readonly served: readonly Column[];
}

/** Where an account is used: distinct hosts, over successful requests. */
export interface AccountFacts {
  readonly hosts: Column;
  /** Hosts that it came to from elsewhere; of them desks, where others sit. */
  readonly reached: Column;
  readonly desks: Column;
  readonly sat: Column;
  readonly byRdp: Column;
  readonly jobs: Column;
}

/** All that roles are read from. Reads every edge once: a tenth of a second for a million. */
export interface RoleFacts {
  readonly host: HostFacts;
  readonly account: AccountFacts;
  /** Hosts that are our own. */
  readonly ownHosts: number;
  /** 1 for an account of another domain than most. */
  readonly foreign: Uint8Array;
  /** Part after the @ that most people's accounts have; '' where none has one. */
  readonly domain: string;
}

const bits = (...types: LogonType[]): number =>
  types.reduce((mask, type) => mask | (1 << LOGON_TYPES.indexOf(type)), 0);
const SITTING = bits('Interactive', 'CachedInteractive', 'Unlock');
const RDP = bits('RemoteInteractive');
const JOBS = bits('Batch', 'Service');
const CLEARTEXT = bits('NetworkCleartext');

/** Reads the facts of all hosts and accounts out of a twin; columns are indexed by node number. */
export function roleFacts(twin: TwinState): RoleFacts {
  const hostColumn = (): Column => new Uint32Array(twin.hosts.span);
  const accountColumn = (): Column => new Uint32Array(twin.accounts.span);
  const host = {
    comers: hostColumn(),
    machines: hostColumn(),
    targets: hostColumn(),
    managed: hostColumn(),
    people: hostColumn(),
    foreign: hostColumn(),
    sitting: hostColumn(),
    byRdp: hostColumn(),
    jobs: hostColumn(),
    cleartext: hostColumn(),
    served: SERVICE_CLASSES.map(hostColumn),
  };
  const account = {
    hosts: accountColumn(),
    reached: accountColumn(),
    desks: accountColumn(),
    sat: accountColumn(),
    byRdp: accountColumn(),
    jobs: accountColumn(),
  };
  const { foreign, domain } = foreigners(twin);
  countHosts(twin, host);
  countNetwork(twin, host);
  countUses(twin, host, account, foreign);
  const own = twin.hosts.held().filter((number) => (twin.hosts.records.get(number, FLAGS) & OWN) !== 0);
  return { host, account, ownHosts: own.length, foreign, domain };
}

function bump(column: Column, at: number): void {
  column[at] = (column[at] ?? 0) + 1;
}

/** Which accounts are of another domain than most, 1 each. */
function foreigners({ accounts }: TwinState): { foreign: Uint8Array; domain: string } {
  const foreign = new Uint8Array(accounts.span);
  const domains = new Map<string, number>();
  const people = accounts.held().filter((number) => {
    const { records } = accounts;
    return (records.get(number, FLAGS) & (MACHINE | SYSTEM)) === 0 && records.get(number, ACCOUNT.uses) > 0;
  });
  for (const number of people) {
    const domain = domainOf(accounts.name(number));
    if (domain !== '') domains.set(domain, (domains.get(domain) ?? 0) + 1);
  }
  const [first] = [...domains].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const domain = first?.[0] ?? '';
  for (const number of people) {
    const own = domainOf(accounts.name(number));
    // A local account has its host as domain; another organisation's has a domain with several accounts.
    if (own !== domain && (domains.get(own) ?? 0) >= 2) foreign[number] = 1;
  }
  return { foreign, domain };
}

/** Part of an account behind the @, '' where there is none. */
function domainOf(account: string): string {
  const at = account.indexOf('@');
  return at < 0 ? '' : account.slice(at + 1);
}

function countHosts({ hostEdges }: TwinState, host: HostFacts): void {
  const { records } = hostEdges;
  for (let row = 0; row < hostEdges.size; row++) {
    const events = records.get(row, USE.events);
    if (events === 0) continue;
    const from = records.get(row, FROM);
    const to = records.get(row, TO);
    bump(host.targets, from);
    if (events === records.get(row, USE.failures)) continue;
    bump(host.comers, to);
    if (records.get(row, USE.special) === 0) continue;
    bump(host.machines, to);
    bump(host.managed, from);
  }
}

function countNetwork({ networkEdges }: TwinState, host: HostFacts): void {
  const { records } = networkEdges;
  for (let row = 0; row < networkEdges.size; row++) {
    const to = records.get(row, TO);
    const served = host.served[classOf(to)];
    if (served !== undefined) bump(served, nodeOf(to));
  }
}

function countUses(twin: TwinState, host: HostFacts, account: AccountFacts, foreign: Uint8Array): void {
  const { records, size } = twin.accountEdges;
  const hosts = twin.hosts.records;
  for (let row = 0; row < size; row++) {
    const events = records.get(row, USE.events);
    if (events === records.get(row, USE.failures)) continue;
    const who = records.get(row, FROM);
    const at = records.get(row, TO);
    const types = records.get(row, USE.logonTypes);
    const remote = events > records.get(row, USE.special);
    bump(account.hosts, who);
    if (remote) bump(account.reached, who);
    if ((types & SITTING) !== 0) bump(account.sat, who);
    else if (remote && hosts.get(at, HOST.handsOn) > 0) bump(account.desks, who);
    if ((types & RDP) !== 0) bump(account.byRdp, who);
    if ((types & JOBS) !== 0) bump(account.jobs, who);
    if ((twin.accounts.records.get(who, FLAGS) & (MACHINE | SYSTEM)) !== 0) continue;
    if (remote) bump(host.people, at);
    if (remote && foreign[who] === 1) bump(host.foreign, at);
    if ((types & SITTING) !== 0) bump(host.sitting, at);
    if ((types & RDP) !== 0) bump(host.byRdp, at);
    if ((types & JOBS) !== 0) bump(host.jobs, at);
    if ((types & CLEARTEXT) !== 0 && remote) bump(host.cleartext, at);
  }
}
