/**
 * Canonical events: what every reader produces and everything downstream consumes.
 * Field names follow OCSF 1.x where it has one; docs/events.md holds the mapping.
 * Identifiers are strings as the source gives them, normalised by the reader (lower-case hosts and accounts,
 * `account@domain`, no trailing `$` removed: machine accounts stay recognisable).
 */

/** OCSF 3002 Authentication. */
export interface AuthEvent {
  readonly type: 'auth';
  /** Milliseconds; Unix time where the source has a calendar, else since the start of the recording. */
  readonly time: number;
  readonly srcHost: string;
  readonly dstHost: string;
  readonly srcAccount: string;
  readonly dstAccount: string;
  readonly protocol: AuthProtocol;
  readonly logonType: LogonType;
  readonly action: AuthAction;
  readonly success: boolean;
  readonly source: EventSource;
}

/** OCSF 1007 Process Activity. */
export interface ProcessEvent {
  readonly type: 'process';
  readonly time: number;
  readonly host: string;
  readonly account: string;
  readonly image: string;
  readonly parentImage: string;
  readonly action: 'Start' | 'End';
  readonly source: EventSource;
}

/** OCSF 4001 Network Activity. */
export interface NetworkFlow {
  readonly type: 'flow';
  readonly time: number;
  readonly srcHost: string;
  readonly dstHost: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly transport: 'tcp' | 'udp' | 'other';
  readonly image: string;
  /** Application protocol as the source names it, lower-case (smb, dce_rpc, http); '' where it names none. */
  readonly service: string;
  /** What was done over it, in the words of the source: a remote procedure, a share; '' where it says nothing. */
  readonly operation: string;
  /** How long it lasted, bytes from source to destination and back, packets of both; null where the source has none. */
  readonly durationMs: number | null;
  readonly bytesOut: number | null;
  readonly bytesIn: number | null;
  readonly packets: number | null;
  readonly source: EventSource;
}

/** OCSF 4003 DNS Activity. */
export interface DnsEvent {
  readonly type: 'dns';
  readonly time: number;
  /** Who asked. */
  readonly host: string;
  /** The name or host that was looked up, lower-case. */
  readonly query: string;
  readonly source: EventSource;
}

/** OCSF 2004 Detection Finding. */
export interface DetectionEvent {
  readonly type: 'detection';
  readonly time: number;
  readonly srcHost: string;
  readonly dstHost: string;
  readonly account: string;
  /** ATT&CK technique, for example T1021.002, or '' where the source names none. */
  readonly technique: string;
  /** What the source calls it (a class of attack, a title); '' where it names none. */
  readonly label: string;
  readonly source: EventSource;
}

export type CanonicalEvent = AuthEvent | ProcessEvent | NetworkFlow | DnsEvent | DetectionEvent;

/** Where an event came from: the data set (file or recording) and the record in it (line number or record id). */
export interface EventSource {
  readonly dataset: string;
  readonly record: number;
  /**
   * What the source itself tells the record apart by (channel and record number, `metadata.uid`): the same event sent
   * twice has it twice. '' where the source has nothing of the kind.
   */
  readonly uid: string;
}

export const AUTH_PROTOCOLS = ['Kerberos', 'NTLM', 'Negotiate', 'Other', 'Unknown'] as const;
export type AuthProtocol = (typeof AUTH_PROTOCOLS)[number];

export const LOGON_TYPES = [
  'Network',
  'Interactive',
  'Service',
  'Batch',
  'Unlock',
  'NewCredentials',
  'RemoteInteractive',
  'CachedInteractive',
  'NetworkCleartext',
  'System',
  'Unknown',
] as const;
export type LogonType = (typeof LOGON_TYPES)[number];

export const AUTH_ACTIONS = [
  'LogOn',
  'LogOff',
  'TGT',
  'TGS',
  'AuthMap',
  'ScreenLock',
  'ScreenUnlock',
  'ExplicitCredentials',
  'CredentialValidation',
  'Unknown',
] as const;
export type AuthAction = (typeof AUTH_ACTIONS)[number];
