import type { AuthEvent } from '../protocol/events/canonical.ts';

const HOUR = 3_600_000;

/** A successful remote Kerberos logon, unless `extra` says otherwise. */
export function logon(
  hours: number,
  srcHost: string,
  dstHost: string,
  account = 'ann@x',
  extra: Partial<AuthEvent> = {},
): AuthEvent {
  return {
    type: 'auth',
    time: hours * HOUR,
    srcHost,
    dstHost,
    srcAccount: account,
    dstAccount: account,
    protocol: 'Kerberos',
    logonType: 'Network',
    action: 'LogOn',
    success: true,
    source: { dataset: 'test', record: 0, uid: '' },
    ...extra,
  };
}
