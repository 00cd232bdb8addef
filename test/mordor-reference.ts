import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A row of the flattened reference list of the Mordor recordings, made by an independent reader of their JSON. */
export interface ReferenceRow {
  /** Recording. */
  readonly dataset: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Event id of the Security channel, or S3 for Sysmon 3. */
  readonly id: string;
  /** Recording host, lower-case. */
  readonly host: string;
  readonly targetUser: string;
  readonly targetDomain: string;
  /** Source address, or the workstation of 4776. */
  readonly source: string;
  readonly workstation: string;
  /** Logon type; of S3 the destination address. */
  readonly logonType: string;
  /** Authentication package; of S3 the destination port. */
  readonly package: string;
  readonly service: string;
  /** Status; of S3 the image. */
  readonly status: string;
}

/** All rows of `mordor_auth_events.csv.gz`; no field of it has a comma or a quote. */
export function referenceRows(path: string): ReferenceRow[] {
  const [, ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  return lines.map((line) => {
    const [dataset = '', time = '', id = '', host = '', user = '', domain = '', , ...rest] = line
      .trimEnd()
      .split(',');
    const [source = '', workstation = '', logonType = '', name = '', service = '', status = ''] = rest;
    const stamp = /(Z|[+-]\d\d:\d\d)$/.test(time) ? time : `${time.replace(' ', 'T')}Z`;
    return {
      dataset,
      time: Date.parse(stamp),
      id,
      host: host.toLowerCase(),
      targetUser: user,
      targetDomain: domain,
      source,
      workstation,
      logonType,
      package: name,
      service,
      status,
    };
  });
}

/** `account@domain` as canonical events have it: lower case, the first label of a DNS domain, '' for nobody. */
export function referenceAccount({ targetUser, targetDomain }: ReferenceRow): string {
  const [name = '', realm = targetDomain] = targetUser.toLowerCase().split('@');
  const label = realm.toLowerCase().split('.')[0] ?? '';
  if (name === '-' || name === '') return '';
  return label === '' || label === '-' ? name : `${name}@${label}`;
}
