import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readDataset } from '../../datasets/open.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { IncidentIndex } from '../../participant/train/incidents.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { incidentsOf } from '../demo/compare.ts';
import type { Experiment } from './experiment.ts';
import type { Metrics } from './metrics.ts';
import { readExperiment } from './read-experiment.ts';
import { runExperiment } from './run-experiment.ts';
import { prepareSites } from './sites.ts';
import { type TrackMembers, tracksOf } from './tracks.ts';
import { type World, makeWorld } from './world.ts';

const federated = { weights: 'federated', encryption: false };
const FILE = {
  name: 'special',
  title: 'Each special member once, on a world of four days',
  data: { simulator: { orgs: 4, hosts: 100, accounts: 100, days: 4, trainDays: 3 } },
  seeds: '1',
  tracks: [
    { name: 'new', smallest: 1 },
    { name: 'bad', largest: 1 },
    { name: 'drawn', random: 2 },
  ],
  training: { rounds: 3, steps: 5, batch: 32 },
  methods: [
    { name: 'plain', ...federated },
    { name: 'late', ...federated, coldStart: { members: 'new', days: 1 } },
    { name: 'late-local', weights: 'local', coldStart: { members: 'new', days: 1 } },
    { name: 'unlabelled', ...federated, unlabelled: 'bad' },
    { name: 'listed', ...federated, attack: { kind: 'false-incidents', members: 'bad', count: 50 } },
    { name: 'flipped', ...federated, attack: { kind: 'label-flip', members: 'bad' } },
    { name: 'backdoor', ...federated, attack: { kind: 'backdoor-edge', members: 'bad' } },
    { name: 'sign', ...federated, attack: { kind: 'sign-flip', members: 'bad' } },
    {
      name: 'sign-median',
      ...federated,
      attack: { kind: 'sign-flip', members: 'bad' },
      aggregation: { kind: 'median', groups: 3 },
    },
    { name: 'sized', ...federated, weighting: 'size' },
    { name: 'private', ...federated, privacy: { epsilon: 20, atLeast: 4 } },
    { name: 'dealt', ...federated, partition: { kind: 'dirichlet', alpha: 0.5 } },
    { name: 'some', ...federated, training: { participation: 0.75 } },
  ],
};

const quiet = { say: () => undefined, signal: new AbortController().signal };
let folder = '';
let experiment: Experiment;
let world: World;
let tracks: ReadonlyMap<string, TrackMembers>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-special-members-'));
  const path = join(folder, 'special.yaml');
  await writeFile(path, stringify(FILE));
  ({ experiment } = await readExperiment(path));
  world = await makeWorld(experiment.data, 1, join(folder, 'world'), quiet);
  tracks = tracksOf(experiment.tracks, world, 1);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The rows of a method's members. */
async function sitesOf(name: string) {
  const method = experiment.methods.find((one) => one.name === name);
  if (method?.kind !== 'trained') throw new Error(name);
  return prepareSites(world, method, 4, 1, { ...quiet, tracks });
}

async function eventsOf(path: string): Promise<CanonicalEvent[]> {
  const events: CanonicalEvent[] = [];
  for await (const batch of readDataset(path)) events.push(...batch);
  return events;
}

const member = (track: string) => tracks.get(track)?.members[0] ?? '';
/** What it trains on. */
const training = ({ familiar, novel, corrupted, incidents }: SiteData) =>
  [familiar, novel, corrupted, incidents].map((list) => list.rows);

describe('special members', { timeout: 60_000 }, () => {
  it('are the smallest, the largest or drawn by the seed, and all others stay as they are', async () => {
    const bySize = world.members.toSorted((a, b) => (world.sizes.get(a) ?? 0) - (world.sizes.get(b) ?? 0));
    expect(tracks.get('new')).toMatchObject({ members: bySize.slice(0, 1) });
    expect(tracks.get('bad')?.members).toEqual(bySize.slice(-1));
    expect(tracks.get('drawn')?.members).toHaveLength(2);
    const drawn = [1, 2, 3, 4, 5].map(
      (seed) => tracksOf(experiment.tracks, world, seed).get('drawn')?.members,
    );
    expect(new Set(drawn.map(String)).size).toBeGreaterThan(1);
    const [plain, late] = [await sitesOf('plain'), await sitesOf('late')];
    for (const other of tracks.get('new')?.others ?? []) {
      expect(late.files.get(other)).toEqual(plain.files.get(other));
    }
    const unknown = [{ name: 'x', of: { members: ['nobody'] } }];
    expect(() => tracksOf(unknown, world, 1)).toThrow(/nobody/);
    expect(() => tracksOf([{ name: 'x', of: { take: 'random', count: 5 } }], world, 1)).toThrow(/at most 4/);
  });

  it('that joined yesterday have events of the last training day on, no labels, and the same test time', async () => {
    const [plain, late] = [await sitesOf('plain'), await sitesOf('late')];
    const name = member('new');
    const { events = '', incidents } = late.files.get(name) ?? {};
    const times = (await eventsOf(events)).map(({ time }) => time);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(2 * DAY_MS);
    expect(Math.min(...times)).toBeLessThan(2.2 * DAY_MS);
    expect(incidents).toBeNull();
    const [before, after] = [plain.sites.get(name), late.sites.get(name)];
    expect(after?.incidents.length).toBe(0);
    expect(after?.evaluation.events.map(({ time }) => time)).toEqual(
      before?.evaluation.events.map(({ time }) => time),
    );
    expect(after?.novel.length).toBeLessThan(before?.novel.length ?? 0);
  });

  it('without labels have everything else', async () => {
    const name = member('bad');
    const [plain, unlabelled] = [await sitesOf('plain'), await sitesOf('unlabelled')];
    const [before, after] = [plain.sites.get(name), unlabelled.sites.get(name)];
    expect([before?.incidents.length === 0, after?.incidents.length]).toEqual([false, 0]);
    expect(after?.events).toBe(before?.events);
  });

  it('with a false list of incidents label benign logons and none of the attacks', async () => {
    const name = member('bad');
    const listed = await sitesOf('listed');
    const rows = await eventsOf(listed.files.get(name)?.incidents ?? '');
    expect(rows).toHaveLength(50);
    const truth = new IncidentIndex(incidentsOf(world.campaigns, name));
    const events = await eventsOf(listed.files.get(name)?.events ?? '');
    const named = new IncidentIndex(
      rows.flatMap((row) => (row.type === 'detection' ? [{ ...row, campaign: 'x' }] : [])),
    );
    const labelled = events.filter((event) => event.type === 'auth' && named.campaignOf(event) !== null);
    expect(labelled.length).toBeGreaterThanOrEqual(50);
    expect(labelled.some((event) => event.type === 'auth' && truth.campaignOf(event) !== null)).toBe(false);
    expect(listed.sites.get(name)?.incidents.length).toBeGreaterThan(0);
    const plain = await sitesOf('plain');
    expect(training(listed.sites.get(name) as SiteData)).not.toEqual(
      training(plain.sites.get(name) as SiteData),
    );
  });

  it('have figures of their own in every method, which is another model each time', async () => {
    const metrics: Metrics = await runExperiment(
      {
        experiment,
        text: stringify(FILE),
        out: join(folder, 'out'),
        seeds: null,
        resume: false,
        version: '0.0.0',
      },
      { say: () => undefined, signal: quiet.signal },
    );
    const of = (method: string, metric: string) =>
      metrics.rows.find((row) => row.method === method && row.member === 'all' && row.metric === metric)
        ?.value;
    for (const { name } of FILE.methods) {
      for (const track of ['new', 'all-but-new', 'bad', 'all-but-bad']) {
        expect(of(name, `memberRecall@${track}`)).not.toBeUndefined();
        expect(of(name, `triggered.ap@${track}`)).not.toBeUndefined();
      }
    }
    const aps = FILE.methods.map(({ name }) => of(name, 'ap@all-but-bad'));
    expect(new Set(aps).size).toBe(FILE.methods.length);
    expect(of('private', 'epsilon')).toBeCloseTo(20, 2);
    expect(of('plain', 'epsilon')).toBeUndefined();
  });
});
