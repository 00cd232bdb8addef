import {
  AUTH_PROTOCOLS,
  LOGON_TYPES,
  type AuthAction,
  type AuthEvent,
  type LogonType,
} from '../../protocol/events/canonical.ts';

/** What asks for access; the other actions only update history. */
const SCORED: ReadonlySet<AuthAction> = new Set([
  'LogOn',
  'TGT',
  'TGS',
  'ExplicitCredentials',
  'CredentialValidation',
]);

/** True where the event asks for access and therefore gets a score. */
export function isScored(event: AuthEvent): boolean {
  return SCORED.has(event.action);
}

const PROTOCOL = new Map(AUTH_PROTOCOLS.map((name, i) => [name, i] as const));
const LOGON = new Map(LOGON_TYPES.map((name, i) => [name, i] as const));

/** How many kinds of authentication there are: protocol x logon type x (logon, ticket, other). */
export const AUTH_KIND_COUNT = AUTH_PROTOCOLS.length * LOGON_TYPES.length * 3;

/** Which kind an event is, 0..AUTH_KIND_COUNT - 1. */
export function kindOf({ protocol, logonType, action }: AuthEvent): number {
  const group = action === 'LogOn' ? 0 : isTicket(action) ? 1 : 2;
  return ((PROTOCOL.get(protocol) ?? 0) * LOGON_TYPES.length + (LOGON.get(logonType) ?? 0)) * 3 + group;
}

/** True where a Kerberos ticket is asked for, for a session or for a service. */
export function isTicket(action: AuthAction): boolean {
  return action === 'TGT' || action === 'TGS';
}

const HANDS_ON: ReadonlySet<LogonType> = new Set([
  'Interactive',
  'RemoteInteractive',
  'CachedInteractive',
  'NewCredentials',
  'Unlock',
]);

/** Logon types behind which a person usually sits. */
export function isHandsOn(logonType: LogonType): boolean {
  return HANDS_ON.has(logonType);
}

const SERVICE = /^(?:system|local service|network service|anonymous logon|dwm-\d+|umfd-\d+)(?:@|$)/;

/** Accounts of machines (trailing $) and of the operating system itself. */
export function isAutomatic(account: string): boolean {
  const at = account.indexOf('@');
  const end = at < 0 ? account.length : at;
  return (end > 0 && account.charCodeAt(end - 1) === 36) || SERVICE.test(account);
}

/** The account whose rights are used: the target's where the event names one, else the subject's. */
export function usedAccount({ dstAccount, srcAccount }: AuthEvent): string {
  return dstAccount === '' ? srcAccount : dstAccount;
}
