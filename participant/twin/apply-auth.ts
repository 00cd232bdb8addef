import { AUTH_PROTOCOLS, LOGON_TYPES, type AuthEvent } from '../../protocol/events/canonical.ts';
import { isScored, usedAccount } from '../features/event-kind.ts';
import { ACCOUNT, DAY_PARTS, HOST, sketchAdd, USE } from './columns.ts';
import type { EdgeStore } from './edge-store.ts';
import { FLAGS, MACHINE, NAME_HASH, OWN, SYSTEM } from './node-store.ts';
import { DAY_MS, type TwinState } from './twin-state.ts';

const PROTOCOL = new Map(AUTH_PROTOCOLS.map((name, i) => [name, i] as const));
const LOGON = new Map(LOGON_TYPES.map((name, i) => [name, i] as const));

/** Takes an authentication in; one that asks for no access (a log-off) leaves its hosts and accounts, and no edges. */
export function applyAuth(twin: TwinState, event: AuthEvent): void {
  const { time, srcHost, dstHost, srcAccount, action, success } = event;
  twin.tally(0);
  const source = twin.host(srcHost, time);
  const destination = dstHost === srcHost ? source : twin.host(dstHost, time);
  const used = usedAccount(event);
  const account = twin.account(used, time);
  const actor = srcAccount === used ? account : twin.account(srcAccount, time);
  const hosts = twin.hosts.records;
  const accounts = twin.accounts.records;

  if (action === 'ExplicitCredentials') {
    // The source recorded it; where it leads and whether it was let in there is not known.
    if (source >= 0) hosts.mark(source, FLAGS, OWN);
    if (actor >= 0) accounts.mark(actor, FLAGS, OWN);
  } else if (success) {
    if (destination >= 0) hosts.mark(destination, FLAGS, OWN);
    if (account >= 0) accounts.mark(account, FLAGS, OWN);
  }
  if (actor >= 0 && actor !== account) accounts.count(actor, ACCOUNT.actedAs);
  if (!isScored(event)) return;

  twin.authentications++;
  const remote = source !== destination && source >= 0 && destination >= 0;
  const kind = account >= 0 ? accounts.get(account, FLAGS) & (MACHINE | SYSTEM) : SYSTEM;
  countAtHosts(twin, event, source, destination, remote);
  if (remote) {
    hosts.count(source, HOST.hours + dayPart(time));
    const users = source * HOST.width + HOST.users;
    if (kind === 0) sketchAdd(hosts.u32, users, accounts.get(account, NAME_HASH));
  }
  if (account >= 0) countAtAccount(twin, event, account, remote ? source : -1);
  if (account >= 0 && destination >= 0) {
    const row = twin.accountAt(account, destination, time);
    countUse(twin.accountEdges, row, event, !remote);
  }
  if (remote) {
    const row = twin.hostTo(source, destination, time);
    countUse(twin.hostEdges, row, event, kind === MACHINE);
  }
}

function countAtHosts(
  twin: TwinState,
  event: AuthEvent,
  source: number,
  destination: number,
  remote: boolean,
): void {
  const { action, logonType, protocol, success } = event;
  const hosts = twin.hosts.records;
  const rdp = logonType === 'RemoteInteractive';
  if (!remote) {
    if (destination < 0) return;
    hosts.count(destination, HOST.local);
    if (action !== 'LogOn') return;
    if (logonType === 'Service') hosts.count(destination, HOST.service);
    else if (logonType === 'Batch') hosts.count(destination, HOST.batch);
    else if (AT_KEYBOARD.has(logonType)) hosts.count(destination, HOST.handsOn);
    else if (rdp) hosts.count(destination, HOST.rdpIn);
    return;
  }
  hosts.count(source, HOST.authOut);
  hosts.count(destination, HOST.authIn);
  if (!success) {
    hosts.count(source, HOST.authOutFailed);
    hosts.count(destination, HOST.authInFailed);
  }
  if (protocol === 'NTLM') {
    hosts.count(source, HOST.ntlmOut);
    hosts.count(destination, HOST.ntlmIn);
  }
  if (action === 'TGT' || action === 'CredentialValidation') hosts.count(destination, HOST.checks);
  if (rdp) {
    hosts.count(source, HOST.rdpOut);
    hosts.count(destination, HOST.rdpIn);
  }
  if (logonType === 'NetworkCleartext') hosts.count(destination, HOST.cleartextIn);
}

/** Logon types of somebody who sits at the host itself. */
const AT_KEYBOARD: ReadonlySet<string> = new Set(['Interactive', 'CachedInteractive', 'Unlock']);

function countAtAccount(twin: TwinState, event: AuthEvent, account: number, from: number): void {
  const { records } = twin.accounts;
  records.count(account, ACCOUNT.uses);
  records.count(account, ACCOUNT.hours + dayPart(event.time));
  if (!event.success) records.count(account, ACCOUNT.failures);
  if (from >= 0) {
    records.count(account, ACCOUNT.remote);
    const hash = twin.hosts.records.get(from, NAME_HASH);
    sketchAdd(records.u32, account * records.width + ACCOUNT.sources, hash);
  }
  if (event.action !== 'LogOn') return;
  switch (event.logonType) {
    case 'Interactive':
    case 'CachedInteractive':
    case 'Unlock':
      return records.count(account, ACCOUNT.handsOn);
    case 'RemoteInteractive':
      return records.count(account, ACCOUNT.rdp);
    case 'Service':
      return records.count(account, ACCOUNT.service);
    case 'Batch':
      return records.count(account, ACCOUNT.batch);
    case 'NewCredentials':
      return records.count(account, ACCOUNT.newCredentials);
    default:
  }
}

function countUse(edges: EdgeStore, row: number, event: AuthEvent, special: boolean): void {
  const { records } = edges;
  records.count(row, USE.events);
  if (!event.success) records.count(row, USE.failures);
  records.count(row, USE.protocols + (PROTOCOL.get(event.protocol) ?? 0));
  records.mark(row, USE.logonTypes, 1 << (LOGON.get(event.logonType) ?? 0));
  if (special) records.count(row, USE.special);
}

const PART_MS = DAY_MS / DAY_PARTS;

/** Three-hour part of the day, 0..7; also before the beginning of time, as eight is a power of two. */
function dayPart(time: number): number {
  return Math.floor(time / PART_MS) & (DAY_PARTS - 1);
}
