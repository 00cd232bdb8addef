import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CampaignTruth } from '../../datasets/simulator/truth.ts';
import { modelOf } from '../../models/detection/models.ts';
import { DAY_MS } from '../../models/metrics/event-frame.ts';
import { RowList } from '../../participant/train/rows.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { trainLocalOnly, trainPooled, withAttacks } from './baselines.ts';
import { demoTask } from './demo-task.ts';
import { publicAttacks } from './public-attacks.ts';

const trainUntil = 6 * DAY_MS;
const training = { steps: 10, batch: 64, learningRate: 0.005, corrupted: 0.1 };
const task = { ...demoTask(4, 3), training };
let labelled: SiteData;
let unlabelled: SiteData;
let folder = '';

beforeAll(async () => {
  const { events, truth } = syntheticSite({ seed: 4, people: 40, servers: 8, days: 10, campaigns: 10 });
  labelled = await prepareSite(
    events,
    truth.filter(({ time }) => time < trainUntil),
    { trainUntil, seed: 1 },
  );
  unlabelled = await prepareSite(events, [], { trainUntil, seed: 1 });
  folder = await mkdtemp(join(tmpdir(), 'cordon-public-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const rowsOf = (list: RowList): string[] =>
  Array.from({ length: list.length }, (_, i) => list.row(i).join(' '));

describe('local baselines', () => {
  test('a site prepared without its incidents learns by contrast alone', () => {
    expect(labelled.incidents.length).toBeGreaterThan(20);
    expect(unlabelled.incidents.length).toBe(0);
    const { familiar, novel } = unlabelled;
    const nothing = { ...unlabelled, corrupted: new RowList(novel.width) };
    expect(trainLocalOnly(nothing, task)).toEqual(modelOf(task.model).initialWeights(task.seed));
    expect(trainLocalOnly(unlabelled, task)).not.toEqual(trainLocalOnly(nothing, task));
    // Its incidents are benign rows to it, those that it holds out apart.
    const known = new Set([...rowsOf(labelled.familiar), ...rowsOf(labelled.novel)]);
    const more = [...rowsOf(familiar), ...rowsOf(novel)].filter((row) => !known.has(row));
    const incidents = new Set(rowsOf(labelled.incidents));
    expect(more.length).toBeGreaterThan(5);
    expect(more.every((row) => incidents.has(row))).toBe(true);
  });

  test('attacks from outside come beside the own ones, and change what is learnt', () => {
    const both = withAttacks(labelled, labelled.corrupted);
    expect(both.incidents.length).toBe(labelled.incidents.length + labelled.corrupted.length);
    expect(rowsOf(both.incidents).slice(0, labelled.incidents.length)).toEqual(rowsOf(labelled.incidents));
    const own = trainLocalOnly(labelled, task);
    expect(trainLocalOnly(both, task)).not.toEqual(own);
    expect(trainLocalOnly(labelled, task)).toEqual(own);
  });

  test('pooled over one site is that site alone: the same steps, the same budget', () => {
    expect(trainPooled([labelled], task)).toEqual(trainLocalOnly(labelled, task));
    const half = { ...task, rounds: 2, training: { ...training, steps: 20 } };
    expect(trainPooled([labelled], half)).toEqual(trainLocalOnly(labelled, task));
  });
});

describe('public attacks', () => {
  const options = { orgs: 3, hosts: 60, accounts: 75, days: 6, trainDays: 4, seed: 77, eventsTarget: 4000 };

  test(
    'are every attack of the training time of another world, of all tactics',
    { timeout: 60_000 },
    async () => {
      const directory = join(folder, 'world');
      const rows = await publicAttacks({ options, evaluated: 1, directory });
      const truth = JSON.parse(
        await readFile(join(directory, 'truth', 'campaigns.json'), 'utf8'),
      ) as CampaignTruth[];
      const train = truth.filter(({ phase }) => phase === 'train');
      const logged = train.flatMap(({ events }) => events).reduce((sum, event) => sum + event.rows, 0);
      expect(rows.width).toBe(labelled.incidents.width);
      expect(rows.length).toBe(logged);
      expect(train.some(({ knownTo }) => knownTo.length === 0)).toBe(true);
      const again = await publicAttacks({ options, evaluated: 2, directory: join(folder, 'again') });
      expect(again.rows).toEqual(rows.rows);
    },
  );

  test('are refused from the world that is evaluated', async () => {
    const same = publicAttacks({ options, evaluated: 77, directory: join(folder, 'same') });
    await expect(same).rejects.toMatchObject({ code: 'USAGE', got: 'seed 77 for both' });
  });
});
