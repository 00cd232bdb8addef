import type { NetworkFlow } from '../../protocol/events/canonical.ts';

/** What a connection is for, as far as its application protocol or its port says. The order is part of the file format. */
export const SERVICE_CLASSES = [
  'other',
  'kerberos',
  'ldap',
  'smb',
  'rpc',
  'rdp',
  'winrm',
  'ssh',
  'web',
  'database',
  'mail',
  'dns',
  'ntp',
  'dhcp',
  'ftp',
  'print',
  'telnet',
  'vnc',
] as const;
export type ServiceClass = (typeof SERVICE_CLASSES)[number];

/** Registered ports (IANA) of each class. */
const PORTS: Readonly<Partial<Record<ServiceClass, readonly number[]>>> = {
  kerberos: [88, 464],
  ldap: [389, 636, 3268, 3269],
  smb: [139, 445],
  rpc: [111, 135, 593],
  rdp: [3389],
  winrm: [5985, 5986],
  ssh: [22],
  web: [80, 443, 8000, 8080, 8443],
  database: [1433, 1434, 1521, 3306, 5432, 6379, 9042, 27017, 50000],
  mail: [25, 110, 143, 465, 587, 993, 995],
  dns: [53, 137, 5353, 5355],
  ntp: [123],
  dhcp: [67, 68, 546, 547],
  ftp: [20, 21, 69],
  print: [515, 631, 9100],
  telnet: [23],
  vnc: [5900, 5901],
};

/** Names that sources give application protocols. Authentication inside another protocol (gssapi, ntlm) says nothing. */
const NAMES: Readonly<Partial<Record<ServiceClass, readonly string[]>>> = {
  kerberos: ['krb', 'krb_tcp', 'kerberos'],
  ldap: ['ldap', 'ldap_udp', 'ldap_tcp'],
  smb: ['smb', 'smb1', 'smb2', 'cifs', 'smb_files', 'smb_mapping'],
  rpc: ['dce_rpc', 'dcerpc', 'msrpc', 'rpc', 'epmap'],
  rdp: ['rdp', 'ms-wbt-server'],
  winrm: ['winrm', 'wsman'],
  ssh: ['ssh'],
  web: ['http', 'https', 'ssl', 'tls', 'quic'],
  database: ['mysql', 'mssql', 'ms-sql-s', 'postgresql', 'oracle', 'mongodb', 'redis'],
  mail: ['smtp', 'imap', 'pop3'],
  dns: ['dns', 'domain', 'netbios-ns'],
  ntp: ['ntp'],
  dhcp: ['dhcp', 'bootp'],
  ftp: ['ftp', 'ftp-data', 'tftp'],
  telnet: ['telnet'],
  vnc: ['rfb', 'vnc'],
};

const BY_PORT = new Uint8Array(65536);
const BY_NAME = new Map<string, number>();
SERVICE_CLASSES.forEach((name, number) => {
  for (const port of PORTS[name] ?? []) BY_PORT[port] = number;
  for (const service of NAMES[name] ?? []) BY_NAME.set(service, number);
});

/** Place in SERVICE_CLASSES: by the name of the service (`gssapi,smb` has several), else by the destination port. */
export function serviceClass({ service, dstPort }: Pick<NetworkFlow, 'service' | 'dstPort'>): number {
  if (service !== '') {
    const known = BY_NAME.get(service);
    if (known !== undefined) return known;
    for (const part of service.split(/[,;]/, 8)) {
      const one = BY_NAME.get(part);
      if (one !== undefined) return one;
    }
  }
  return BY_PORT[dstPort] ?? 0;
}
