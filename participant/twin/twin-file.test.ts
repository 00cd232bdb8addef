import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { graphml, twinJson } from './export.ts';
import { accountDetails, hostDetails, overview } from './overview.ts';
import { findTwin, readTwin, TWIN_FILE, writeTwin } from './twin-file.ts';
import { TwinGraph } from './twin-graph.ts';

const { events } = syntheticSite({ seed: 6, people: 12, servers: 4, days: 2, campaigns: 1 });

function sample(order = events): TwinGraph {
  const twin = new TwinGraph();
  for (const event of order) twin.apply(event);
  return twin;
}

describe('the file of a twin', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cordon-twin-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('comes back as it was, from its path and from its folder, and nothing else is left', async () => {
    const twin = sample();
    const path = join(folder, TWIN_FILE);
    await writeTwin(path, new TwinGraph());
    await writeTwin(path, twin);
    expect(await readdir(folder)).toEqual([TWIN_FILE]);
    expect([await findTwin(folder), await findTwin(path)]).toEqual([path, path]);
    expect(Buffer.compare((await readTwin(path)).snapshot(), twin.snapshot())).toBe(0);
  });

  it('is not found where there is none, and refused where it is cut short', async () => {
    expect([await findTwin(folder), await findTwin(join(folder, 'none'))]).toEqual([null, null]);
    const path = join(folder, 'other');
    await writeFile(path, 'time,user\n');
    expect(await findTwin(path)).toBeNull();
    await writeTwin(path, sample());
    await truncate(path, (await readFile(path)).length - 1);
    await expect(readTwin(path)).rejects.toMatchObject({ code: 'ENCODING_INVALID' });
  });
});

describe('exports', () => {
  const whole = [...twinJson(sample())].join('');

  it('as JSON hold every node with its role and every edge, the same for any order of events', () => {
    const twin = sample();
    const { sizes, hosts, accounts, edges } = JSON.parse(whole) as Record<string, { name: string }[]>;
    const { hosts: hostCount, accounts: accountCount, accountEdges, hostEdges } = twin.sizes();
    expect(sizes).toEqual(twin.sizes());
    expect([hosts?.length, accounts?.length, edges?.length]).toEqual([
      hostCount,
      accountCount,
      accountEdges + hostEdges,
    ]);
    expect(hosts?.[0]).toEqual({ ...twin.host('s0'), ...twin.roles().host('s0') });
    expect([...twinJson(sample(events.toReversed()))].join('')).toBe(whole);
    expect(JSON.parse([...twinJson(new TwinGraph())].join(''))).toMatchObject({ hosts: [], edges: [] });
  });

  it('as GraphML hold every node and edge, with what XML cannot say escaped', () => {
    const twin = sample();
    const [event] = events;
    if (event !== undefined) twin.apply({ ...event, srcHost: 'a"<&\u0001\ud800', dstHost: 'b' });
    const text = [...graphml(twin)].join('');
    const { hosts, accounts, accountEdges, hostEdges } = twin.sizes();
    expect(text.match(/<node /g)).toHaveLength(hosts + accounts);
    expect(text.match(/<edge /g)).toHaveLength(accountEdges + hostEdges);
    expect(text).toContain('<node id="host:a&#34;&#60;&#38;\ufffd\ufffd">');
    const role = twin.roles().host('s0');
    expect(text).toMatch(new RegExp(`<node id="host:s0">.*<data key="node-role">${role?.role}</data>`));
    expect(text).toContain('for="node" attr.name="first" attr.type="long"/>');
    expect(text).toContain('for="node" attr.name="own" attr.type="boolean"/>');
    expect(text).toContain('for="node" attr.name="evidence" attr.type="string"/>');
    const declared = new Set(Array.from(text.matchAll(/<key id="([^"]+)"/g), ([, id]) => id));
    for (const [, id] of text.matchAll(/<data key="([^"]+)"/g)) expect(declared).toContain(id);
  });
});

describe('an overview', () => {
  it('counts roles and names the busiest and the newest, the same for any order of events', () => {
    const found = overview(sample());
    const { hosts, accounts } = sample().sizes();
    const sum = (roles: Readonly<Record<string, number>>): number =>
      Object.values(roles).reduce((total, count) => total + count, 0);
    expect([sum(found.hostRoles), sum(found.accountRoles)]).toEqual([hosts, accounts]);
    const busy = found.busiest.map(({ events: count }) => count);
    expect(busy).toEqual(busy.toSorted((a, b) => b - a));
    const since = found.newestEdges.map(({ first }) => first);
    expect(since).toEqual(since.toSorted((a, b) => b - a));
    expect(overview(sample(events.toReversed()))).toEqual(found);
  });

  it('of a host or account has its role and its neighbours, null for an unknown one', () => {
    const twin = sample();
    const host = hostDetails(twin, 's0');
    expect(host?.node).toMatchObject({ name: 's0', kind: 'host' });
    expect(host?.uses.every((edge) => edge.to === 's0' && edge.kind === 'account-host')).toBe(true);
    expect(host?.from.length).toBeGreaterThan(0);
    expect(accountDetails(twin, 'u1@x')?.uses[0]).toMatchObject(
      twin.accountAt('u1@x', accountDetails(twin, 'u1@x')?.uses[0]?.to ?? '') ?? {},
    );
    expect([hostDetails(twin, 'none'), accountDetails(twin, 'none')]).toEqual([null, null]);
  });
});
