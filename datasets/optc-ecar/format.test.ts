import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../test/shared-data.ts';
import { collect, temporaryFolder } from '../fixtures/collect.ts';

const admin = sharedData('telemetry/optc/optc-labels/admin.zip');
const example = sharedData('formats/optc_ecar_process_official_example.json');

/** A made-up record, with its fields in the order of the data. */
function record(object: string, action: string, properties: object, more: object = {}): object {
  return {
    action,
    actorID: '00000000-0000-0000-0000-000000000001',
    hostname: 'SysClient0001.example.test',
    id: '00000000-0000-0000-0000-0000000000aa',
    object,
    objectID: '00000000-0000-0000-0000-000000000002',
    principal: 'EXAMPLE\\alice',
    properties,
    timestamp: '2019-09-23T11:25:00.5-04:00',
    ...more,
  };
}

async function read(text: string): Promise<Awaited<ReturnType<typeof collect>>> {
  using folder = temporaryFolder();
  writeFileSync(folder.path('ecar.json'), text);
  return await collect(folder.path('ecar.json'));
}

const FLOW = {
  src_ip: '10.0.0.5',
  src_port: '50000',
  dest_ip: '10.0.0.9',
  dest_port: '445',
  l4protocol: '6',
};
const MORE = { direction: 'outbound', image_path: 'System' };

describe('optc-ecar', () => {
  it('maps flows: the recording host by name, the other side by address until it has recorded itself', async () => {
    const other = { hostname: 'SysClient0002.example.test' };
    const lines = [
      record('FLOW', 'START', { ...FLOW, ...MORE }),
      record('FLOW', 'START', { ...FLOW, ...MORE, direction: 'inbound', l4protocol: '17' }, other),
      record('FLOW', 'START', { ...FLOW, ...MORE, l4protocol: '58' }),
      record('FLOW', 'START', {
        ...FLOW,
        ...MORE,
        src_ip: '127.0.0.1',
        dest_ip: '127.0.0.1',
        direction: 'x',
      }),
      record('FLOW', 'MESSAGE', { ...FLOW, ...MORE, size: '206' }),
    ];
    const { events, stats } = await read(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(
      events.map((event) =>
        event.type === 'flow' ? [event.srcHost, event.dstHost, event.dstPort, event.transport].join(' ') : '',
      ),
    ).toEqual([
      'sysclient0001.example.test 10.0.0.9 445 tcp',
      'sysclient0001.example.test sysclient0002.example.test 445 udp',
      'sysclient0001.example.test sysclient0002.example.test 445 other',
      'sysclient0001.example.test sysclient0001.example.test 445 tcp',
    ]);
    expect(events[0]).toMatchObject({
      time: Date.UTC(2019, 8, 23, 15, 25, 0, 500),
      srcPort: 50000,
      image: 'System',
      source: { dataset: 'ecar', record: 1, uid: '00000000-0000-0000-0000-0000000000aa' },
    });
    expect(stats).toMatchObject({ records: 5, rejects: 0, ignored: { 'FLOW MESSAGE': 1 } });
  });

  it('maps sessions: kind of logon by the action, who asked for it, where from', async () => {
    const user = { user: 'EXAMPLE\\Bob' };
    const lines = [
      record('USER_SESSION', 'LOGIN', { ...user, requesting_user: 'SRV$', requesting_domain: 'EXAMPLE' }),
      record('USER_SESSION', 'REMOTE', { ...user, src_ip: '10.0.0.7', src_port: '1' }),
      record('USER_SESSION', 'RDP', { ...user, src_ip: '10.0.0.7', requesting_user: 'NULL' }),
      record('USER_SESSION', 'INTERACTIVE', { ...user, logon_type: 11 }),
      record('USER_SESSION', 'UNLOCK', user),
      record('USER_SESSION', 'LOGOUT', user),
      record('USER_SESSION', 'GRANT', { ...user, privileges: 'SeDebugPrivilege' }),
    ];
    const { events, stats } = await read(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const host = 'sysclient0001.example.test';
    expect(
      events.map((event) =>
        event.type === 'auth'
          ? [event.action, event.logonType, event.srcAccount, event.dstAccount, event.srcHost].join(' ')
          : '',
      ),
    ).toEqual([
      `LogOn Unknown srv$@example bob@example ${host}`,
      'LogOn Network bob@example bob@example 10.0.0.7',
      'LogOn RemoteInteractive bob@example bob@example 10.0.0.7',
      `LogOn CachedInteractive bob@example bob@example ${host}`,
      `LogOn Unlock bob@example bob@example ${host}`,
      `LogOff Unknown bob@example bob@example ${host}`,
    ]);
    expect(stats.ignored).toEqual({ 'USER_SESSION GRANT': 1 });
  });

  it('reads records over several lines, times in milliseconds, and rejects what is none', async () => {
    const start = record(
      'PROCESS',
      'CREATE',
      { image_path: 'b.exe', parent_image_path: 'a.exe' },
      { timestamp: 5 },
    );
    const { events } = await read(JSON.stringify(start, null, 2));
    expect(events).toMatchObject([
      {
        type: 'process',
        time: 5,
        account: 'alice@example',
        image: 'b.exe',
        parentImage: 'a.exe',
        action: 'Start',
      },
    ]);
    const good = JSON.stringify(start);
    const bad = [
      good.slice(0, -9),
      'x',
      JSON.stringify(record('FLOW', 'START', {})),
      JSON.stringify(record('PROCESS', 'CREATE', {}, { timestamp: 'soon' })),
      JSON.stringify(record('PROCESS', 'CREATE', {}, { hostname: '' })),
      JSON.stringify(record('PROCESS', 'CREATE', {}, { timestamp: -1 })),
    ];
    const { stats } = await read([...Array.from({ length: 9 }, () => good), ...bad].join('\n'));
    expect(stats).toMatchObject({ records: 9, rejects: 6 });
    expect(stats.rejectList.map((reject) => reject.reason)).toEqual([
      'does not end with }: cut short',
      'does not begin with {',
      'a flow without addresses',
      'no readable timestamp',
      'no hostname',
      'the time lies outside 1970 to 2200',
    ]);
  });

  it.skipIf(admin === null)('counts what Python counts in genuine records (needs shared data)', async () => {
    const { events, stats } = await collect(admin ?? '');
    // Python 3.11, json.loads of every line: Counter((object, action)), and the distinct ids of what is used.
    expect(stats).toMatchObject({
      records: 1480,
      rejects: 0,
      eventsByType: { process: 27 + 23, flow: 10, auth: 0, dns: 0, detection: 0 },
    });
    expect(stats.ignored).toMatchObject({ 'MODULE LOAD': 464, 'FILE READ': 456, 'PROCESS OPEN': 158 });
    expect(stats.ignored).toMatchObject({ 'FLOW MESSAGE': 20, 'SHELL COMMAND': 83, 'THREAD TERMINATE': 106 });
    expect(new Set(events.map((event) => event.source.uid)).size).toBe(60);
    const flow = events.find((event) => event.type === 'flow');
    expect(flow).toMatchObject({
      srcHost: 'sysclient0124.systemia.com',
      dstHost: '10.20.0.152',
      dstPort: 80,
    });
    expect(new Date(flow?.time ?? 0).toISOString()).toBe('2019-09-20T16:02:09.199Z');
  });

  it.skipIf(example === null)("reads the description's own example (needs shared data)", async () => {
    const { events } = await collect(example ?? '');
    expect(events).toMatchObject([
      {
        type: 'process',
        time: 1539120748904,
        host: 'vagrant-c2fdbfn',
        account: 'vagrant@vagrant-c2fdbfn',
        source: { uid: 'b9af81fb-066c-4cd6-97cb-b284aabd2d4f' },
      },
    ]);
  });
});
