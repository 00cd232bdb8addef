import { expect, it } from 'vitest';
import { authProtocol } from './auth-protocol.ts';

it('takes every spelling of the NTLM package for NTLM, however it is cut short', () => {
  for (const name of [
    'NTLM',
    'NtLmSsp ',
    'NTLM V2',
    'MICROSOFT_AUTHENTICATION_PACKAGE_V1_0',
    'MICROSOFT_AUTHENTICATION_PACKAGE_V1',
    'MICROSOFT_AUTHENTICATION_PACKAGE_1',
    'MICROSOFT_AUTHENTICATI',
    'MICROS',
    'MI',
  ]) {
    expect(authProtocol(name), name).toBe('NTLM');
  }
});

it('knows Kerberos and Negotiate, takes nothing for unknown and other packages for Other', () => {
  expect(['Kerberos', 'KERBEROS', ' negotiate', '?', ''].map(authProtocol)).toEqual([
    'Kerberos',
    'Kerberos',
    'Negotiate',
    'Unknown',
    'Unknown',
  ]);
  for (const name of ['-', 'Wave', 'CloudAP', 'M', 'MICROWAVE', 'ACRONIS_RELOGON_AUTHENTICATION_PACKAGE']) {
    expect(authProtocol(name), name).toBe('Other');
  }
});
