import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readDataset } from '../../../datasets/open.ts';
import { sharedData } from '../../../test/shared-data.ts';
import { incidentsOf } from '../../demo/compare.ts';
import { readExperiment } from '../read-experiment.ts';
import { runExperiment } from '../run-experiment.ts';
import { divideHosts } from './divide-hosts.ts';
import type { GivenFile, RecordedData } from './recorded-data.ts';
import { recordedWorld } from './recorded-world.ts';

const HOUR = 3_600_000;
const quiet = { say: () => undefined, signal: new AbortController().signal };
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-recorded-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const given = (path: string): GivenFile => ({ path, isFile: true, bytes: 1 });

/** A made-up network of three days in LANL's form: people at their servers, and an intruder on the last two days. */
async function lanl(name: string): Promise<{ auth: string; redteam: string }> {
  const rows: [number, string][] = [];
  const row = (time: number, account: string, src: string, dst: string) =>
    rows.push([time, `${time},${account}@D,${account}@D,${src},${dst},Kerberos,Network,LogOn,Success`]);
  for (let i = 0; i < 1200; i++) row(200 * i, `U${i % 20}`, `C${i % 20}`, `S${(i + (i % 3)) % 12}`);
  const attacks = Array.from(
    { length: 8 },
    (_, i) => [90_000 + 12_000 * i, `C${30 + (i % 2)}`, `S${i}`] as const,
  );
  for (const [time, src, dst] of attacks) row(time, 'U99', src, dst);
  const [auth, redteam] = [join(folder, `${name}-auth.txt`), join(folder, `${name}-redteam.txt`)];
  rows.sort(([a], [b]) => a - b);
  await writeFile(auth, rows.map(([, text]) => `${text}\n`).join(''));
  await writeFile(redteam, attacks.map(([time, src, dst]) => `${time},U99@D,${src},${dst}\n`).join(''));
  return { auth, redteam };
}

async function recorded(name: string, members = 3): Promise<RecordedData> {
  const { auth, redteam } = await lanl(name);
  return {
    kind: 'lanl2015',
    title: 'made up',
    events: given(auth),
    redteam: given(redteam),
    partition: { kind: 'balanced', members },
    trainUntil: 48 * HOUR,
    until: 72 * HOUR,
  };
}

async function eventsOf(path: string) {
  const events = [];
  for await (const batch of readDataset(path)) events.push(...batch);
  return events;
}

describe('a recorded network', () => {
  it('gives each member the events of its own hosts, each event to one, in their order', async () => {
    const data = await recorded('split');
    const world = await recordedWorld(data, 1, join(folder, 'split'), quiet);
    const { memberOf } = await divideHosts(data.partition, 1);
    const all = (await eventsOf(data.events.path)).filter(({ time }) => time < data.until);
    let count = 0;
    for (const member of world.members) {
      const events = await eventsOf(world.filesOf(member, 'own').events);
      count += events.length;
      expect(world.sizes.get(member)).toBe(events.length);
      const wanted = all.filter((event) => event.type === 'auth' && memberOf(event.dstHost) === member);
      expect(events.map(({ time }) => time)).toEqual(wanted.map(({ time }) => time));
    }
    expect(count).toBe(all.length);
    const other = await divideHosts(data.partition, 2);
    const hosts = Array.from({ length: 12 }, (_, i) => `s${i}`);
    expect(hosts.map((host) => other.memberOf(host))).not.toEqual(hosts.map((host) => memberOf(host)));
  });

  it('has a campaign a source and day; members know their own of the training time and nothing else', async () => {
    const data = await recorded('campaigns');
    const world = await recordedWorld(data, 1, join(folder, 'campaigns'), quiet);
    expect(world.campaigns.map(({ id, phase, events }) => [id, phase, events.length])).toEqual([
      ['c30-day-1-train', 'train', 4],
      ['c31-day-1-train', 'train', 3],
      ['c31-day-2-test', 'test', 1],
    ]);
    for (const member of world.members) {
      const truth = incidentsOf(world.campaigns, member).filter(({ time }) => time < data.trainUntil);
      const { incidents } = world.filesOf(member, 'own');
      const known = incidents === null ? [] : await eventsOf(incidents);
      expect(known.map(({ time }) => time).toSorted((a, b) => a - b)).toEqual(
        truth.map(({ time }) => time).toSorted((a, b) => a - b),
      );
      expect(world.filesOf(member, 'none').incidents).toBeNull();
    }
  });

  it('is an experiment like any other, and the same twice', async () => {
    const { auth, redteam } = await lanl('experiment');
    const file = {
      name: 'recorded',
      title: 'A made-up recording',
      data: { lanl2015: { auth, redteam, days: 3, trainDays: 2, partition: { balanced: 3 } } },
      seeds: '1',
      training: { rounds: 2, steps: 5, batch: 32 },
      methods: [
        { name: 'rule', rule: 'unseen-edge' },
        { name: 'federated', weights: 'federated', encryption: false },
      ],
    };
    const path = join(folder, 'recorded.yaml');
    await writeFile(path, stringify(file));
    const run = async (out: string) => {
      const { text, experiment } = await readExperiment(path);
      const options = { experiment, text, out: join(folder, out), seeds: null, resume: false, version: '0' };
      return runExperiment(options, quiet);
    };
    const metrics = await run('one');
    const recall = metrics.rows.find(
      ({ method, member, metric }) => method === 'rule' && member === 'all' && metric === 'memberRecall',
    );
    expect(recall?.value).toBeGreaterThan(0);
    expect(await run('two')).toEqual(metrics);
  });

  it('of OpTC takes logons over labelled flows for malicious, whatever came first, name or address', async () => {
    const at = (minute: number) => new Date(Date.UTC(2019, 8, 23, 12, minute)).toISOString();
    const id = (n: number) => `00000000-0000-0000-0000-0000000000${String(n).padStart(2, '0')}`;
    const record = (
      n: number,
      host: string,
      object: string,
      action: string,
      minute: number,
      properties: object,
    ) => ({
      action,
      actorID: id(1),
      hostname: `SysClient000${host}.systemia.com`,
      id: id(n),
      object,
      objectID: id(2),
      principal: 'SYSTEMIA\\bob',
      properties: { user: 'SYSTEMIA\\bob', ...properties },
      timestamp: at(minute),
    });
    const flow = {
      src_ip: '142.20.56.2',
      dest_ip: '142.20.56.3',
      src_port: '50000',
      dest_port: '445',
      l4protocol: '6',
    };
    const lines = [
      record(10, '1', 'FLOW', 'START', 9, { ...flow, direction: 'outbound', image_path: 'System' }),
      record(11, '2', 'USER_SESSION', 'REMOTE', 10, { src_ip: '142.20.56.2' }),
      record(12, '2', 'USER_SESSION', 'REMOTE', 30, { src_ip: '142.20.56.2' }),
      record(13, '2', 'FLOW', 'START', 31, { ...flow, direction: 'inbound', image_path: 'System' }),
      record(14, '1', 'USER_SESSION', 'INTERACTIVE', 0, {}),
      record(15, '2', 'USER_SESSION', 'INTERACTIVE', 1, {}),
    ];
    const [ecar, redteam] = [join(folder, 'ecar.json'), join(folder, 'optc_redteam.csv')];
    await writeFile(ecar, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await writeFile(
      redteam,
      `id,description,label\n${id(10)},Day 1 - SysClient0001 -> SysClient0002 (SMB),Lateral movement\n${id(13)},Day 1 - Ping sweep from SysClient0001,Other\n`,
    );
    const data: RecordedData = {
      kind: 'optc',
      title: 'made up',
      events: given(ecar),
      redteam: given(redteam),
      partition: { kind: 'balanced', members: 1 },
      trainUntil: Date.parse(at(5)),
      until: Date.parse(at(59)),
    };
    const world = await recordedWorld(data, 1, join(folder, 'optc'), quiet);
    expect(
      world.campaigns.flatMap(({ phase, events }) => events.map(({ time }) => [phase, 1000 * time])),
    ).toEqual([['test', Date.parse(at(10))]]);
  });
});

const SHARED = 'telemetry/lanl2015/block_model_lanl.json.gz';
const lanlBlocks = sharedData(SHARED);
const optcBlocks = sharedData('telemetry/optc/entente_partition/optc_3_3.json');
const optcAddresses = sharedData('telemetry/optc/optc_known_addresses.json');
const lanlAuth = sharedData('telemetry/lanl2015/auth_day0_head5000.txt');
const lanlRedteam = sharedData('telemetry/lanl2015/redteam.txt');

describe('hosts of genuine data', () => {
  it.skipIf(lanlBlocks === null)(
    'of LANL are divided by the twelve clusters, and one for all others (needs shared data)',
    async () => {
      const blocks = {
        kind: 'blocks',
        blocks: given(lanlBlocks ?? ''),
        side: 'bottom',
        addresses: null,
      } as const;
      const { members, memberOf } = await divideHosts(blocks, 1);
      expect(members).toHaveLength(13);
      expect([memberOf('c10171'), memberOf('nothing of the kind')]).toEqual(['member-1', 'member-13']);
      await expect(divideHosts({ ...blocks, blocks: given(lanlRedteam ?? '') }, 1)).rejects.toMatchObject({
        code: 'ENCODING_INVALID',
      });
    },
  );

  it.skipIf(optcBlocks === null || optcAddresses === null)(
    'of OpTC are divided by addresses with their names (needs shared data)',
    async () => {
      const blocks = given(optcBlocks ?? '');
      const addresses = given(optcAddresses ?? '');
      const { members, memberOf } = await divideHosts({ kind: 'blocks', blocks, side: 'top', addresses }, 1);
      expect(members).toHaveLength(4);
      // 142.20.56.27 is in the first cluster, and SysClient0026 by the address map.
      expect(memberOf('sysclient0026.systemia.com')).toBe('member-1');
    },
  );

  it.skipIf(lanlAuth === null || lanlRedteam === null)(
    'of LANL, as an excerpt, keep every event of theirs and every row of the list (needs shared data)',
    async () => {
      const data: RecordedData = {
        ...(await recorded('excerpt')),
        events: given(lanlAuth ?? ''),
        redteam: given(lanlRedteam ?? ''),
        trainUntil: 24 * HOUR,
        until: 48 * HOUR,
      };
      const world = await recordedWorld(data, 1, join(folder, 'excerpt'), quiet);
      expect([...world.sizes.values()].reduce((a, b) => a + b, 0)).toBe(5000);
      const rows = (await eventsOf(lanlRedteam ?? '')).filter(({ time }) => time < 48 * HOUR);
      expect(world.campaigns.flatMap(({ events }) => events)).toHaveLength(rows.length);
      expect(world.campaigns.every(({ phase }) => phase === 'test')).toBe(true);
    },
  );
});
