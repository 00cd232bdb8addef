/** Authentication type, logon type and orientation as LANL writes them. The index is the kind's number. */
export const KIND_TEXTS = [
  'Kerberos,Network,LogOn',
  'NTLM,Network,LogOn',
  'Negotiate,Service,LogOn',
  'Negotiate,Unlock,LogOn',
  'Negotiate,Interactive,LogOn',
  'Negotiate,NewCredentials,LogOn',
  'Negotiate,RemoteInteractive,LogOn',
  'Negotiate,Batch,LogOn',
  'Negotiate,NetworkCleartext,LogOn',
  'Negotiate,CachedInteractive,LogOn',
  'Negotiate,Network,LogOn',
  'MICROSOFT_AUTHENTICATION_PACKAGE_V1_0,Network,LogOn',
  '?,Network,LogOff',
  '?,Interactive,LogOff',
  '?,RemoteInteractive,LogOff',
  '?,?,TGT',
  '?,?,TGS',
  '?,?,AuthMap',
] as const;

/** Numbers of the kinds, places in `KIND_TEXTS`. */
export const KIND = {
  kerberos: 0,
  ntlm: 1,
  service: 2,
  unlock: 3,
  interactive: 4,
  newCredentials: 5,
  remoteInteractive: 6,
  batch: 7,
  cleartext: 8,
  cached: 9,
  negotiate: 10,
  msv: 11,
  logoff: 12,
  logoffInteractive: 13,
  logoffRemote: 14,
  tgt: 15,
  tgs: 16,
  authMap: 17,
} as const;

/** Kinds below this number are logons. */
export const LOGON_KINDS = KIND.logoff;

/** A class of logons with a share of its own in the published mix. */
interface LogonClass {
  readonly name: string;
  readonly kind: number;
  readonly remote: boolean;
  /** Share of all logons. */
  readonly share: number;
  /** People cause it, so nights and weekends are quiet. */
  readonly human: boolean;
}

/**
 * The mix of logons of LANL 2015. The rarer ones, which no text names, are counts of the block model that cl-anssi
 * fitted to the whole log (MultilayerBlockModels, results/lanl.json: 474.5 million logons, each remote one counted
 * once); `fit/published.test.ts` derives them all from it again.
 */
export const LOGON_CLASSES = [
  { name: 'remote Kerberos', kind: KIND.kerberos, remote: true, share: 0.68, human: false },
  { name: 'remote NTLM', kind: KIND.ntlm, remote: true, share: 0.092, human: false },
  { name: 'local Service', kind: KIND.service, remote: false, share: 0.115, human: false },
  { name: 'local Kerberos', kind: KIND.kerberos, remote: false, share: 0.085, human: false },
  { name: 'local NTLM', kind: KIND.ntlm, remote: false, share: 0.00947, human: false },
  { name: 'Unlock', kind: KIND.unlock, remote: false, share: 0.007, human: true },
  { name: 'Interactive', kind: KIND.interactive, remote: false, share: 0.0038, human: true },
  { name: 'NewCredentials', kind: KIND.newCredentials, remote: false, share: 0.0037, human: true },
  { name: 'Batch', kind: KIND.batch, remote: false, share: 0.00188, human: false },
  { name: 'NetworkCleartext', kind: KIND.cleartext, remote: false, share: 0.00088, human: true },
  { name: 'local Negotiate', kind: KIND.negotiate, remote: false, share: 0.00085, human: false },
  { name: 'remote MSV 1.0', kind: KIND.msv, remote: true, share: 0.00068, human: true },
  { name: 'RemoteInteractive', kind: KIND.remoteInteractive, remote: true, share: 0.00017, human: true },
  { name: 'CachedInteractive', kind: KIND.cached, remote: false, share: 0.00011, human: true },
] as const satisfies readonly LogonClass[];

/** Names of the classes of logons. */
export type ClassName = (typeof LOGON_CLASSES)[number]['name'];
