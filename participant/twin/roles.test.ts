import { describe, expect, it, test } from 'vitest';
import { prepareMordor } from '../../datasets/mordor/prepare.ts';
import type { AuthEvent, CanonicalEvent, NetworkFlow } from '../../protocol/events/canonical.ts';
import { logon as successful } from '../../test/auth-event.ts';
import { sharedData } from '../../test/shared-data.ts';
import { TwinGraph } from './twin-graph.ts';

const HOUR = 3_600_000;
const source = { dataset: 'test', record: 1, uid: '' };
let clock = 0;

/** A logon; times go round the day unless one is given. */
function logon(account: string, srcHost: string, dstHost: string, more: Partial<AuthEvent> = {}): AuthEvent {
  return successful(0, srcHost, dstHost, account, { time: (clock += 5 * HOUR), ...more });
}

function flow(srcHost: string, dstHost: string, dstPort: number): NetworkFlow {
  const nothing = { durationMs: null, bytesOut: null, bytesIn: null, packets: null };
  const words = { transport: 'tcp', image: '', service: '', operation: '' } as const;
  return { type: 'flow', time: 0, srcHost, dstHost, srcPort: 50_000, dstPort, ...words, ...nothing, source };
}

/** Twenty desks with their people, a controller without ticket events and a file server. */
function office(): CanonicalEvent[] {
  const events: CanonicalEvent[] = [];
  for (let i = 0; i < 20; i++) {
    const desk = `c${i}`;
    events.push(logon(`u${i}@corp`, desk, desk, { logonType: 'Interactive' }));
    events.push(logon(`${desk}$@corp`, desk, 's1'), logon(`u${i}@corp`, desk, 's1'));
    events.push(logon(`u${i}@corp`, desk, 's2'));
    events.push(logon('system@corp', desk, desk, { logonType: 'Service' }));
  }
  return events;
}

function rolesOf(events: readonly CanonicalEvent[]): ReturnType<TwinGraph['roles']> {
  const twin = new TwinGraph();
  for (const event of events) twin.apply(event);
  return twin.roles();
}

const times = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('the role of a host', () => {
  it.each<[string, string, CanonicalEvent[]]>([
    ['workstation', 'c3', []],
    ['core server', 's1', []],
    ['application server', 's2', []],
    ['domain controller', 's1', times(4).map((i) => logon(`u${i}@corp`, `c${i}`, 's1', { action: 'TGT' }))],
    [
      'scanner',
      'x',
      times(20).map((i) => logon('scan@corp', 'x', `c${i}`, { protocol: 'NTLM', success: i % 4 > 0 })),
    ],
    ['backup server', 'x', times(20).map((i) => logon('save@corp', 'x', `c${i}`, { time: 2 * HOUR + i }))],
    ['jump host', 'x', times(20).map((i) => logon('x$@corp', 'x', `c${i}`))],
    ['partner gateway', 'x', times(5).map((i) => logon(`p${i}@other`, `o${i}`, 'x'))],
    [
      'terminal server',
      'x',
      times(5).map((i) => logon(`u${i}@corp`, `c${i}`, 'x', { logonType: 'RemoteInteractive' })),
    ],
    [
      'web server',
      'x',
      times(4).map((i) => logon(`u${i}@corp`, `c${i}`, 'x', { logonType: 'NetworkCleartext' })),
    ],
    [
      'application server',
      'x',
      [logon('svc@corp', 'x', 'x', { logonType: 'Batch' }), logon('svc@corp', 'x', 's2')],
    ],
    ['event collector', 'x', times(4).map((i) => logon(`c${i}$@corp`, `c${i}`, 'x'))],
    ['server', 'x', times(3).map((i) => logon(`u${i}@corp`, `c${i}`, 'x'))],
    ['shared address', 'x', times(6).map((i) => logon(`u${i}@corp`, 'x', 's2'))],
    ['outside', '203.0.113.9', [flow('c1', '203.0.113.9', 443)]],
  ])('is %s, with the reason in words', (role, name, events) => {
    const found = rolesOf([...office(), logon('x$@corp', 'y', 'y'), ...own(role, name), ...events]).host(
      name,
    );
    expect(found).toMatchObject({ name, role });
    expect(found?.evidence[0]).toMatch(/\w+ \w+/);
  });

  it.each<[string, number]>([
    ['database server', 1433],
    ['mail server', 25],
    ['web server', 443],
    ['file server', 445],
    ['domain controller', 88],
  ])('is %s where several hosts connect to port %d', (role, port) => {
    const connections = times(3).map((i) => flow(`c${i}`, 'x', port));
    expect(rolesOf([...office(), ...own('', 'x'), ...connections]).host('x')).toMatchObject({ role });
  });

  it('is told by a program that only such servers run', () => {
    const image = 'D:\\MSSQL\\Binn\\sqlservr.exe';
    const start: CanonicalEvent = {
      type: 'process',
      time: 0,
      host: 'x',
      account: '',
      image,
      parentImage: '',
      action: 'Start',
      source,
    };
    expect(rolesOf([...office(), start]).host('x')).toEqual({
      name: 'x',
      role: 'database server',
      evidence: ['runs sqlservr.exe'],
    });
  });

  it('is not what an intruder calls the host once enough was seen of it', () => {
    const visits = times(6).map((i) => logon(`u${i}@corp`, `c${i}`, 'fake-dc'));
    expect(rolesOf([...office(), ...visits]).host('fake-dc')).toMatchObject({ role: 'server' });
    expect(rolesOf([...office(), ...visits.slice(0, 2)]).host('fake-dc')).toMatchObject({
      role: 'domain controller',
    });
  });
});

/** Makes a host ours where only its dealings with others would be seen. */
function own(role: string, name: string): CanonicalEvent[] {
  return role === 'outside' || role === 'shared address'
    ? []
    : [logon('system@x', name, name, { logonType: 'Service' })];
}

describe('the role of an account', () => {
  const admin = times(10).map((i) => logon('adm@corp', 'c1', `v${i}`));
  const helper = times(10).map((i) => logon('help@corp', 'c1', `c${i + 2}`));
  const runAs = (account: string): CanonicalEvent =>
    logon(account, 'c1', 'c1', { logonType: 'NewCredentials' });
  it.each<[string, string, CanonicalEvent[]]>([
    ['machine', 'c1$@corp', []],
    ['operating system', 'system@corp', []],
    ['person', 'u3@corp', []],
    ['guest', 'guest@c1', [logon('guest@c1', 'c1', 'c1')]],
    [
      'shared',
      'kiosk@corp',
      times(5).map((i) => logon('kiosk@corp', `c${i}`, `c${i}`, { logonType: 'Interactive' })),
    ],
    [
      'shared',
      'pool@corp',
      times(30).map((i) => logon('pool@corp', `c${i % 20}`, 's2', { time: (9 + (i % 7)) * HOUR })),
    ],
    ['partner', 'p1@other', [logon('p1@other', 'o', 's2'), logon('p2@other', 'o', 's2')]],
    ['service', 'svc@corp', [logon('svc@corp', 's2', 's2', { logonType: 'Service' })]],
    ['service', 'bot@corp', times(40).map(() => logon('bot@corp', 's2', 's1'))],
    ['service', 'save@corp', times(20).map((i) => logon('save@corp', 's2', `c${i}`, { time: 2 * HOUR }))],
    ['administrator', 'adm@corp', [runAs('adm@corp'), ...admin]],
    ['help desk', 'help@corp', [runAs('help@corp'), ...helper]],
    ['unknown', 'new@corp', [logon('new@corp', 'c1', 's1')]],
  ])('is %s (%s), with the reason in words', (role, name, events) => {
    const found = rolesOf([...office(), ...events]).account(name);
    expect(found).toMatchObject({ name, role });
    expect(found?.evidence[0]).toMatch(/\w+ \w+|\d+ \w+/);
  });
});

test('roles are the same for any order of events, and come back with a snapshot', () => {
  const events = [...office(), ...times(20).map((i) => logon('x$@corp', 'x', `c${i}`))];
  const twin = new TwinGraph();
  for (const event of events.toReversed()) twin.apply(event);
  const forward = rolesOf(events);
  const back = TwinGraph.restore(twin.snapshot()).roles();
  expect(back.hosts()).toEqual(forward.hosts());
  expect(back.accounts()).toEqual(forward.accounts());
});

test('a role that becomes another one is told once', () => {
  const twin = new TwinGraph();
  for (const event of office()) twin.apply(event);
  twin.tellRoles();
  const cursor = twin.changes(0, 1e6).next;
  expect(twin.changes(cursor)).toMatchObject({ changes: [], missed: false });
  const spree = times(10).map((i) => logon('u3@corp', 'c3', `c${i + 4}`, { logonType: 'RemoteInteractive' }));
  for (const event of spree) twin.apply(event);
  twin.tellRoles();
  const page = twin.changes(cursor, 1e6);
  expect(page.changes.filter(({ kind }) => kind === 'role')).toMatchObject([
    { kind: 'role', of: 'account', name: 'u3@corp', from: 'person', to: 'help desk' },
  ]);
  twin.tellRoles();
  expect(twin.changes(page.next)).toMatchObject({ changes: [], missed: false });
});

const mordor = sharedData('telemetry/mordor');

it.skipIf(mordor === null)(
  'roles in the Mordor recordings are those of the documented labs: controllers, collector, workstations (needs shared data)',
  async () => {
    const { organisations } = await prepareMordor(mordor ?? '');
    const found = organisations.map(({ name, events }) => {
      const roles = rolesOf(events).hosts();
      const told = roles.filter(({ role }) => role !== 'outside' && role !== 'unknown');
      const byName: Record<string, string> = {};
      for (const one of told) byName[one.name.split('.')[0] ?? ''] = one.role;
      return [name, byName] as const;
    });
    expect(Object.fromEntries(found)).toMatchObject({
      theshire: {
        mordordc: 'domain controller',
        wec: 'event collector',
        workstation5: 'workstation',
        workstation6: 'workstation',
      },
      pandalab: { mkt01: 'workstation', prd01: 'workstation' },
      mordor: { mordordc: 'domain controller', workstation5: 'workstation' },
    });
    const shire = organisations.find(({ name }) => name === 'theshire');
    const controller = rolesOf(shire?.events ?? []).host('mordordc.theshire.local');
    expect(controller?.evidence[0]).toMatch(/^answers \d+ ticket requests/);
  },
);
