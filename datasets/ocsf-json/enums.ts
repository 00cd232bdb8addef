import type { AuthAction, AuthProtocol, LogonType } from '../../protocol/events/canonical.ts';
import { authProtocol } from '../auth-protocol.ts';

/** The version of the schema that is written; versions 1.0 to 1.8 are read. */
export const OCSF_VERSION = '1.8.0';

/** `class_uid` of the classes that become canonical events. */
export const CLASS = {
  process: 1007,
  detection: 2004,
  auth: 3002,
  flow: 4001,
  dns: 4003,
} as const;

/** Captions of `class_uid`, for sources that leave the number out. */
const CLASS_BY_CAPTION: Readonly<Record<string, number>> = {
  processactivity: CLASS.process,
  detectionfinding: CLASS.detection,
  authentication: CLASS.auth,
  networkactivity: CLASS.flow,
  dnsactivity: CLASS.dns,
};

/** A caption as it is compared: case, blanks and hyphens make no difference. */
function plain(caption: string): string {
  return caption.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `class_uid` of a `class_name`, or null. */
export function classOfCaption(caption: string): number | null {
  return CLASS_BY_CAPTION[plain(caption)] ?? null;
}

/** A value of an enum of OCSF: its number and its caption. */
interface EnumValue {
  readonly id: number;
  readonly caption: string;
}

/** How an action is written: `activity_id` and `activity_name` of class 3002. */
export const AUTH_ACTIVITY_OF: Readonly<Record<AuthAction, EnumValue>> = {
  Unknown: { id: 0, caption: 'Unknown' },
  LogOn: { id: 1, caption: 'Logon' },
  LogOff: { id: 2, caption: 'Logoff' },
  TGT: { id: 3, caption: 'Authentication Ticket' },
  TGS: { id: 4, caption: 'Service Ticket Request' },
  ExplicitCredentials: { id: 99, caption: 'ExplicitCredentials' },
  CredentialValidation: { id: 99, caption: 'CredentialValidation' },
  AuthMap: { id: 99, caption: 'AuthMap' },
  ScreenLock: { id: 99, caption: 'ScreenLock' },
  ScreenUnlock: { id: 99, caption: 'ScreenUnlock' },
};

/** The rest of what is read: `Service Ticket` is the caption of 1.0, 6 and 7 came with 1.2 and 1.6. */
const MORE_ACTIVITIES: readonly (readonly [AuthAction, EnumValue])[] = [
  ['TGS', { id: 4, caption: 'Service Ticket' }],
  ['TGS', { id: 5, caption: 'Service Ticket Renew' }],
  ['TGT', { id: 6, caption: 'Preauth' }],
  ['ExplicitCredentials', { id: 7, caption: 'Account Switch' }],
];

/** How a logon type is written: `logon_type_id` and `logon_type`. */
export const LOGON_TYPE_OF: Readonly<Record<LogonType, EnumValue>> = {
  Unknown: { id: 0, caption: 'Unknown' },
  System: { id: 1, caption: 'System' },
  Interactive: { id: 2, caption: 'Interactive' },
  Network: { id: 3, caption: 'Network' },
  Batch: { id: 4, caption: 'Batch' },
  Service: { id: 5, caption: 'OS Service' },
  Unlock: { id: 7, caption: 'Unlock' },
  NetworkCleartext: { id: 8, caption: 'Network Cleartext' },
  NewCredentials: { id: 9, caption: 'New Credentials' },
  RemoteInteractive: { id: 10, caption: 'Remote Interactive' },
  CachedInteractive: { id: 11, caption: 'Cached Interactive' },
};

const MORE_LOGON_TYPES: readonly (readonly [LogonType, EnumValue])[] = [
  ['Service', { id: 5, caption: 'Service' }],
  ['RemoteInteractive', { id: 12, caption: 'Cached Remote Interactive' }],
  ['Unlock', { id: 13, caption: 'Cached Unlock' }],
];

/** Looks a value up by its number, or by its caption where the number is missing or says Other (99). */
function reading<T extends string>(
  written: Readonly<Record<T, EnumValue>>,
  more: readonly (readonly [T, EnumValue])[],
  unknown: T,
): (id: number | null, caption: string) => T {
  const byId = new Map<number, T>();
  const byCaption = new Map<string, T>();
  const all: (readonly [T, EnumValue])[] = [...more];
  for (const name of Object.keys(written) as T[]) all.push([name, written[name]]);
  for (const [name, value] of all) {
    byId.set(value.id, name);
    byCaption.set(plain(value.caption), name);
  }
  return (id, caption) =>
    (id === null || id === 99 ? byCaption.get(plain(caption)) : byId.get(id)) ?? unknown;
}

/** The action of an `activity_id` and `activity_name` of class 3002. */
export const authAction: (id: number | null, caption: string) => AuthAction = reading(
  AUTH_ACTIVITY_OF,
  MORE_ACTIVITIES,
  'Unknown',
);

const logonType = reading(LOGON_TYPE_OF, MORE_LOGON_TYPES, 'Unknown');

/**
 * The logon type of a `logon_type_id` and `logon_type`. 0 was System before version 1.2.
 * @param version `metadata.version`, '' where it is missing
 */
export function ocsfLogonType(id: number | null, caption: string, version: string): LogonType {
  return id === 0 && /^1\.[01](\.|$)/.test(version) ? 'System' : logonType(id, caption);
}

/** How a protocol is written: `auth_protocol_id` and `auth_protocol`. */
export const AUTH_PROTOCOL_OF: Readonly<Record<AuthProtocol, EnumValue>> = {
  Unknown: { id: 0, caption: 'Unknown' },
  NTLM: { id: 1, caption: 'NTLM' },
  Kerberos: { id: 2, caption: 'Kerberos' },
  Negotiate: { id: 99, caption: 'Negotiate' },
  Other: { id: 99, caption: 'Other' },
};

/** The protocol of an `auth_protocol_id` and `auth_protocol`. */
export function ocsfProtocol(id: number | null, caption: string): AuthProtocol {
  if (id === 1) return 'NTLM';
  if (id === 2) return 'Kerberos';
  if (id === 0 || (id === null && plain(caption) === 'unknown')) return 'Unknown';
  if (id !== null && id !== 99) return 'Other';
  const named = authProtocol(caption);
  return named === 'Unknown' && id === 99 ? 'Other' : named;
}
