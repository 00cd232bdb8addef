import { isAddress, shortName } from '../../datasets/host-book.ts';
import { HOST, sketchSize } from './columns.ts';
import { inAdjacentParts } from './day-parts.ts';
import { FLAGS, OWN } from './node-store.ts';
import type { RoleFacts } from './role-facts.ts';
import { SERVICE_CLASSES, type ServiceClass } from './service-class.ts';
import type { TwinState } from './twin-state.ts';

export const HOST_ROLES = [
  'domain controller',
  'core server',
  'scanner',
  'backup server',
  'jump host',
  'partner gateway',
  'terminal server',
  'mail server',
  'database server',
  'web server',
  'file server',
  'event collector',
  'application server',
  'server',
  'workstation',
  'shared address',
  'outside',
  'unknown',
] as const;
export type HostRole = (typeof HOST_ROLES)[number];

interface Verdict {
  readonly role: HostRole;
  readonly evidence: readonly string[];
}

/** Programs that run on servers of a kind alone. */
const IMAGES: readonly (readonly [HostRole, RegExp])[] = [
  ['domain controller', /^(?:ntdsutil|dfsrs|ismserv|ntfrs)\.exe$/],
  ['mail server', /^(?:store|edgetransport|msexchange\w+|microsoft\.exchange\.\S+)\.exe$/],
  ['database server', /^(?:sqlservr|oracle|tnslsnr|mysqld|postgres|mongod)(?:\.exe)?$/],
  ['web server', /^(?:w3wp|httpd|apache2?|nginx|tomcat\d*)(?:\.exe)?$/],
];

/** Classes of service by which a host that several others connect to is told. */
const SERVICES: readonly (readonly [HostRole, ServiceClass])[] = [
  ['domain controller', 'kerberos'],
  ['mail server', 'mail'],
  ['database server', 'database'],
  ['web server', 'web'],
  ['file server', 'smb'],
];

/** Hosts that must connect before a service counts: more than a curious neighbour. */
const CLIENTS = 3;

/** The first role whose signs are there. Thresholds grow with the number of our own hosts. README has the list. */
export function hostRole(twin: TwinState, facts: RoleFacts, number: number): Verdict {
  const { records } = twin.hosts;
  const name = twin.hosts.name(number);
  const get = (column: number): number => records.get(number, column);
  const { host: f, ownHosts } = facts;
  const of = (column: Uint32Array): number => column[number] ?? 0;
  const users = sketchSize(records.u32, number * HOST.width + HOST.users);
  const many = Math.max(8, Math.round(ownHosts * 0.02));
  const sitting = of(f.sitting);

  if ((get(FLAGS) & OWN) === 0) return notOwn(name, users, get(HOST.authOut));

  const images = twin.images.of(number).map(([file]) => file);
  const checks = get(HOST.checks);
  if (checks >= 3)
    return decided(
      'domain controller',
      `answers ${checks} ticket requests and credential checks of other hosts`,
      hint(name, 'dc'),
    );
  for (const [role, pattern] of IMAGES) {
    const image = images.find((file) => pattern.test(file));
    if (image !== undefined && sitting === 0) return decided(role, `runs ${image}`);
  }

  const comers = of(f.comers);
  const machines = of(f.machines);
  if (
    machines >= Math.max(4, ownHosts * 0.015) &&
    machines * 10 >= comers * 4 &&
    of(f.people) >= machines / 4
  ) {
    return decided(
      'core server',
      `machines of ${machines} hosts log on here, and ${of(f.people)} people: a controller or the main share`,
    );
  }

  const targets = of(f.targets);
  const out = get(HOST.authOut);
  if (sitting === 0 && targets >= many) {
    const ntlm = get(HOST.ntlmOut);
    if (ntlm >= out * 0.4) {
      return decided(
        'scanner',
        `tries ${targets} hosts, ${percent(ntlm, out)} over NTLM`,
        `${percent(get(HOST.authOutFailed), out)} of it fails`,
      );
    }
    const managed = of(f.managed);
    const share = inAdjacentParts(records, number, HOST.hours, 2);
    if (share >= 0.6 && managed * 2 < targets) {
      return decided(
        'backup server',
        `goes to ${targets} hosts, ${Math.round(share * 100)} % of it within six hours of the day`,
      );
    }
    if (managed >= many) {
      return decided('jump host', `its machine account logs on at ${managed} hosts over the day`);
    }
  }

  const people = of(f.people);
  if (of(f.foreign) >= 3 && of(f.foreign) * 10 >= people * 4) {
    return decided(
      'partner gateway',
      `${of(f.foreign)} of the ${people} accounts that come are of other domains`,
    );
  }
  const rdp = of(f.byRdp);
  if (rdp >= 4) return decided('terminal server', `${rdp} people work on it over Remote Desktop`);
  if (sitting === 0 && people >= 3 && users - of(f.jobs) >= 4 && users >= of(f.jobs) * 2) {
    return decided(
      'terminal server',
      `about ${users} people go on from here to other hosts, and nobody sits at it`,
    );
  }
  for (const [role, service] of SERVICES) {
    const clients = f.served[SERVICE_CLASSES.indexOf(service)]?.[number] ?? 0;
    if (clients >= CLIENTS) return decided(role, `${clients} hosts connect to its ${service} service`);
  }
  if (get(HOST.cleartextIn) > 0 && of(f.cleartext) >= 3) {
    return decided(
      'web server',
      `${of(f.cleartext)} people give it their password in clear, as web sign-in does`,
    );
  }
  if (machines >= 3 && machines >= people && sitting === 0) {
    return decided(
      'event collector',
      `machines of ${machines} hosts come, and hardly any people`,
      hint(name, 'wec'),
    );
  }
  if (sitting === 0 && people >= many)
    return decided('application server', `${people} people come to it over the network`);
  if (of(f.jobs) > 0 && sitting === 0)
    return decided('application server', `programs run on it under ${of(f.jobs)} accounts of their own`);
  if (sitting === 0 && targets >= 2 * many) {
    return decided('jump host', `goes to ${targets} hosts over the day`);
  }
  if (sitting > 0 && comers < Math.max(10, many)) {
    return decided('workstation', sitting === 1 ? 'one person sits at it' : `${sitting} people sit at it`);
  }
  const byName = comers < 4 ? roleByName(name) : null;
  if (byName !== null)
    return decided(byName, `little was seen of it, so its name decides: ${shortName(name)}`);
  if (comers >= 2) {
    return decided('server', `${comers} hosts come to it`, sitting === 0 ? 'nobody sits at it' : '');
  }
  if (targets > 0) return decided('workstation', `it goes to ${targets} hosts, and ${comers} come to it`);
  return decided('unknown', 'too little was seen of it');
}

/** Names as administrators usually choose them. Only for hosts of which little was seen: intruders choose names too. */
const NAMES: readonly (readonly [HostRole, RegExp])[] = [
  ['domain controller', /dc[-_]?\d*$/],
  ['event collector', /^wec[-_]?\d*$/],
  ['mail server', /^(?:exch|mail|mx)[a-z]*[-_]?\d*$/],
  ['database server', /(?:sql|^db)[a-z]*[-_]?\d*$/],
  ['web server', /^(?:web|www|iis)[a-z]*[-_]?\d*$/],
  ['file server', /^(?:file|fs|nas)[a-z]*[-_]?\d*$/],
  ['jump host', /^(?:jump|bastion)[a-z]*[-_]?\d*$/],
  ['workstation', /^(?:workstation|wks?|ws|desktop|laptop|pc)[-_]?[\da-z]*$/],
];

function roleByName(name: string): HostRole | null {
  if (isAddress(name)) return null;
  return NAMES.find(([, pattern]) => pattern.test(shortName(name)))?.[0] ?? null;
}

function notOwn(name: string, users: number, out: number): Verdict {
  if (users >= 4) return decided('shared address', `about ${users} people come from it: a gateway or a pool`);
  const what = isAddress(name) ? 'an address' : 'a name';
  return decided(
    'outside',
    `${what} that others deal with and that did nothing of its own`,
    ...(out > 0 ? [`${out} logons came from it`] : []),
  );
}

function decided(role: HostRole, ...evidence: string[]): Verdict {
  return { role, evidence: evidence.filter((text) => text !== '') };
}

/** A name that says the same is told, and decides nothing: names are chosen by people, some of them intruders. */
function hint(name: string, part: string): string {
  return shortName(name).includes(part) ? `its name says so too (${shortName(name)})` : '';
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`;
}
