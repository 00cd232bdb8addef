import {
  AUTH_ACTIONS,
  LOGON_TYPES,
  type AuthAction,
  type AuthProtocol,
  type LogonType,
} from '../../protocol/events/canonical.ts';

const NTLM_PACKAGE = 'MICROSOFT_AUTHENTICATION_PACKAGE_V1_0';

/**
 * Authentication type of a LANL row. `?` is unknown; the NTLM package's long name occurs cut short and misspelt after
 * its beginning (Kent 2015), all of which is NTLM.
 */
export function lanlProtocol(text: string): AuthProtocol {
  const name = text.toUpperCase();
  if (name === '?') return 'Unknown';
  if (name === 'KERBEROS') return 'Kerberos';
  if (name === 'NEGOTIATE') return 'Negotiate';
  if (name.startsWith('NTLM')) return 'NTLM';
  if (name.startsWith('MICROSOFT_A')) return 'NTLM';
  if (name.length >= 2 && NTLM_PACKAGE.startsWith(name)) return 'NTLM';
  return 'Other';
}

const LOGON_BY_NAME: ReadonlyMap<string, LogonType> = new Map(
  LOGON_TYPES.map((type) => [type.toLowerCase(), type]),
);
const ACTION_BY_NAME: ReadonlyMap<string, AuthAction> = new Map(
  AUTH_ACTIONS.map((action) => [action.toLowerCase(), action]),
);

export function lanlLogonType(text: string): LogonType {
  return LOGON_BY_NAME.get(text.toLowerCase()) ?? 'Unknown';
}

/** Orientation of a LANL row. */
export function lanlAction(text: string): AuthAction {
  return ACTION_BY_NAME.get(text.toLowerCase()) ?? 'Unknown';
}
