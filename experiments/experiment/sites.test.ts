import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { FEDERATION_AT } from '../../participant/features/edge-v2.ts';
import { readExperiment } from './read-experiment.ts';
import { type Counted, type PreparedSites, prepareSites } from './sites.ts';
import { makeWorld } from './world.ts';

const FILE = {
  name: 'counted',
  title: 'Rows with and without what others have seen',
  data: { simulator: { orgs: 3, hosts: 60, accounts: 60, days: 3, trainDays: 2 } },
  seeds: '1',
  counting: { interval: 3600, floor: 1 },
  methods: [
    { name: 'own', weights: 'local' },
    { name: 'unlabelled', weights: 'local', labels: 'none' },
    { name: 'cross', weights: 'local', features: 'cross-organisation' },
  ],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-sites-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** All that trains and is scored, member by member. */
function rowsOf({ sites }: PreparedSites): Float32Array[] {
  return [...sites.values()].flatMap(({ familiar, novel, corrupted, incidents, validation, evaluation }) =>
    [familiar, novel, corrupted, incidents, validation.list, evaluation.list].map(({ rows }) => rows.slice()),
  );
}

it('what is counted beside the first reading gives the rows of counting by itself', async () => {
  const path = join(folder, 'experiment.yaml');
  await writeFile(path, stringify(FILE));
  const { experiment } = await readExperiment(path);
  const said: string[] = [];
  const hooks = { say: (text: string) => said.push(text), signal: new AbortController().signal };
  const world = await makeWorld(experiment.data, 1, join(folder, 'world'), hooks);
  const counted: Counted = new Map();
  const prepare = (name: string, beside: object) => {
    const method = experiment.methods.find((one) => one.name === name);
    if (method?.kind !== 'trained') throw new Error(name);
    return prepareSites(world, method, 3, 1, { ...hooks, tracks: new Map(), ...beside });
  };
  const alone = rowsOf(await prepare('cross', {}));
  expect(said.filter((text) => text.startsWith('Counting'))).toHaveLength(3);
  said.length = 0;
  const own = rowsOf(await prepare('own', { counted }));
  expect(rowsOf(await prepare('own', {}))).toEqual(own);
  await prepare('unlabelled', { counted });
  const cross = rowsOf(await prepare('cross', { counted }));
  expect(said.some((text) => text.startsWith('Counting'))).toBe(false);
  expect(cross).toEqual(alone);
  const seen = cross.some((rows) =>
    rows.some((value, i) => value > 0 && i % 47 === FEDERATION_AT.accountOthers),
  );
  expect(seen).toBe(true);
});
