import type { AuthProtocol } from '../protocol/events/canonical.ts';

const NTLM_PACKAGE = 'microsoft_authentication_package_v1_0';

/**
 * The protocol that a log names in any case. `?` and nothing are unknown. NTLM is written as such (also NtLmSsp) or by
 * the long name of its package, which logs cut short and misspell after its beginning (Kent 2015): all of it is NTLM.
 */
export function authProtocol(text: string): AuthProtocol {
  const name = text.trim().toLowerCase();
  if (name === '' || name === '?') return 'Unknown';
  if (name === 'kerberos') return 'Kerberos';
  if (name === 'negotiate') return 'Negotiate';
  if (name.startsWith('ntlm') || name.startsWith('microsoft_a')) return 'NTLM';
  return name.length >= 2 && NTLM_PACKAGE.startsWith(name) ? 'NTLM' : 'Other';
}
