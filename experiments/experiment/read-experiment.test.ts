import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Experiment, type TrainedMethod, trainTask } from './experiment.ts';
import { readExperiment } from './read-experiment.ts';

const CONFIGURATIONS = fileURLToPath(new URL('configurations', import.meta.url));
const SMALL = {
  name: 'small',
  title: 'A title',
  data: { simulator: { orgs: 3, hosts: 60, accounts: 60, days: 3, trainDays: 2 } },
  seeds: [2, 1, 2],
  methods: [{ name: 'federated', weights: 'federated' }],
};

/** The examples of docs/guides/benchmark.md. */
const GUIDE = fileURLToPath(new URL('../../docs/guides/benchmark', import.meta.url));
const LOGIT = { units: 1, activation: 'linear' };
const federated = { name: 'a', weights: 'federated' };
const NEW = { name: 'new', smallest: 1 };

/** A file whose one method is poisoned. */
function poisoned(attack: object, more: object = {}) {
  return {
    ...SMALL,
    tracks: [NEW],
    methods: [{ ...federated, attack: { members: 'new', ...attack }, ...more }],
  };
}

/** A file about recordings, which are this test's own source. */
const HERE = fileURLToPath(import.meta.url);
function onLanl(fields: object, method: object = {}) {
  const lanl2015 = {
    auth: HERE,
    redteam: HERE,
    days: 5,
    trainDays: 3,
    partition: { balanced: 3 },
    ...fields,
  };
  return { ...SMALL, data: { lanl2015 }, methods: [{ name: 'a', weights: 'local', ...method }] };
}
function onOptc(fields: object, method: object = {}) {
  const times = { trainUntil: '2019-09-23T00:00:00Z', until: '2019-09-26T00:00:00Z' };
  const optc = { ecar: HERE, redteam: HERE, ...times, partition: { balanced: 3 }, ...fields };
  return { ...SMALL, data: { optc }, methods: [{ name: 'a', weights: 'local', ...method }] };
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-experiment-file-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(content: unknown) {
  const path = join(folder, 'experiment.yaml');
  await writeFile(path, typeof content === 'string' ? content : stringify(content));
  return readExperiment(path);
}

const trained = (methods: Experiment['methods']) =>
  methods.filter((method): method is TrainedMethod => method.kind === 'trained');

describe('an experiment file', () => {
  const recorded = ['lanl.yaml', 'optc.yaml', 'real-telemetry.yaml'];
  it.each(recorded)('%s says which file is not there, and where it comes from', async (name) => {
    await expect(readExperiment(join(CONFIGURATIONS, name))).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      expected: expect.stringMatching(/auth.txt.gz of lanl2015|eCAR|recordings of mordor/) as string,
      next: expect.stringContaining('cordon datasets ls') as string,
    });
  });

  it.each(readdirSync(CONFIGURATIONS).filter((name) => !recorded.includes(name)))(
    '%s is read',
    async (name) => {
      const { experiment } = await readExperiment(join(CONFIGURATIONS, name));
      expect(`${experiment.name}.yaml`).toBe(name);
    },
  );

  it('that comes with Cordon is found by its name, and such a name is proposed where there is no file', async () => {
    const { experiment } = await readExperiment('smoke');
    expect(experiment.name).toBe('smoke');
    await expect(readExperiment('smok')).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      next: expect.stringContaining('smoke') as string,
    });
    await expect(readExperiment(join(folder, 'smoke'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });

  it('has seeds as one number, a list or a text', async () => {
    for (const seeds of [7, [7], '7'])
      expect((await read({ ...SMALL, seeds })).experiment.seeds).toEqual([7]);
  });

  it('gets its defaults: encryption for federated weights alone, own features and labels, the six tactics', async () => {
    const methods = [...SMALL.methods, { name: 'local', weights: 'local', encryption: true }];
    const { experiment, text } = await read({ ...SMALL, methods });
    expect(parse(text)).toEqual({ ...SMALL, methods });
    expect(experiment.seeds).toEqual([1, 2]);
    expect(experiment.data).toMatchObject({ scenarios: [{ scenario: 'six-tactics' }] });
    const [federated, local] = trained(experiment.methods);
    expect(federated).toMatchObject({ encryption: true, labels: 'own', counting: null, rounds: 200 });
    expect(local?.encryption).toBe(false);
  });

  it("a method's own settings stand before the experiment's", async () => {
    const { experiment } = await read({
      ...SMALL,
      training: { rounds: 9, steps: 7 },
      counting: { interval: 600, floor: 3 },
      methods: [
        { name: 'a', weights: 'local', training: { steps: 8 } },
        { name: 'b', weights: 'local', features: 'cross-organisation', counting: { floor: 1 } },
      ],
    });
    const [a, b] = trained(experiment.methods);
    expect([a?.rounds, a?.training.steps, a?.counting]).toEqual([9, 8, null]);
    expect([b?.training.steps, b?.counting]).toEqual([7, { interval: 600, floor: 1, noise: 0 }]);
  });

  it('hands optimiser and personal head to the task', async () => {
    const optimiser = { kind: 'momentum', momentum: 0.9, learningRate: 1 };
    const { experiment } = await read({
      ...SMALL,
      methods: [{ name: 'a', weights: 'federated', optimiser, personal: 'head' }, ...SMALL.methods],
    });
    const [a, plain] = trained(experiment.methods).map((method) => trainTask(method, 1));
    expect(a).toMatchObject({ optimiser, personal: 'head' });
    expect([plain && 'optimiser' in plain, plain && 'personal' in plain]).toEqual([false, false]);
  });

  it('finds scenario files from where it stands', async () => {
    await expect(
      read({ ...SMALL, data: { simulator: { ...SMALL.data.simulator, scenarios: ['mine.yaml'] } } }),
    ).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    const scenarios = ['apt', 'zero-day'];
    const { experiment } = await read({
      ...SMALL,
      data: { simulator: { ...SMALL.data.simulator, scenarios } },
    });
    expect(experiment.data).toMatchObject({ scenarios: scenarios.map((scenario) => ({ scenario })) });
  });

  it('makes members special by tracks, and what no deployment has is not encrypted', async () => {
    const { experiment } = await read({
      ...SMALL,
      tracks: [NEW, { name: 'bad', members: ['port'] }],
      coldStart: { members: 'new', days: 1 },
      training: { participation: 0.5 },
      methods: [
        { ...federated, attack: { kind: 'sign-flip', members: 'bad' } },
        { ...federated, name: 'b', coldStart: null, training: { participation: 1 } },
        {
          ...federated,
          name: 'c',
          attack: { kind: 'false-incidents', members: 'bad' },
          training: { participation: 1 },
        },
        { ...federated, name: 'd', privacy: { epsilon: 8 } },
      ],
    });
    expect(experiment.tracks).toEqual([
      { name: 'new', of: { take: 'smallest', count: 1 } },
      { name: 'bad', of: { members: ['port'] } },
    ]);
    const [a, b, c, d] = trained(experiment.methods);
    expect(a).toMatchObject({
      coldStart: { members: 'new', days: 1 },
      attack: { kind: 'sign-flip', members: 'bad', factor: 10 },
      participation: 0.5,
    });
    // A poisoned list of incidents is files alone, which participants read like any other.
    expect([a, b, c, d].map((method) => method?.encryption)).toEqual([false, true, true, false]);
    expect([b?.coldStart, c?.attack, c?.falseIncidents?.count]).toEqual([null, null, 1000]);
    expect(d?.privacy).toEqual({ epsilon: 8, delta: 1e-5, unit: 'organisation', atLeast: 3, colluding: 1 });
  });

  it('may have layers as a task has them, and programs of one’s own with the folder that they are run in', async () => {
    const layers = [{ units: 3, activation: 'tanh' }, LOGIT];
    const { experiment } = await read({
      ...SMALL,
      model: { layers },
      methods: [
        federated,
        { name: 'b', weights: 'local', model: { hidden: 0 }, features: 'cross-organisation', evidence: 0 },
        { name: 'c', program: { command: ['node', 'mine.js'], files: [HERE] }, labels: 'all' },
      ],
    });
    const [a, b] = trained(experiment.methods).map((one) => trainTask(one, 1).model);
    expect([a, b]).toEqual([
      { kind: 'layers', features: 'edge-v1', layers },
      { kind: 'edge-scorer', features: 'edge-v2', hidden: 0 },
    ]);
    expect(experiment.methods[2]).toMatchObject({
      kind: 'program',
      labels: 'all',
      per: 'member',
      seconds: 600,
      folder,
      files: [{ file: HERE, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string }],
    });
  });

  it.each(readdirSync(GUIDE).filter((name) => name.endsWith('.yaml') && name !== 'contractor.yaml'))(
    'of the guide is read: %s',
    async (name) => {
      const { experiment } = await readExperiment(join(GUIDE, name));
      expect(`${experiment.name}.yaml`).toBe(name);
    },
  );

  const method = { name: 'a', weights: 'local' };
  it.each([
    [{ ...SMALL, seeds: undefined, sedes: [1] }, /did you mean seeds/],
    [{ ...SMALL, methods: [{ ...method, lables: 'own' }] }, /did you mean labels/],
    [{ ...SMALL, methods: [{ ...method, training: { step: 1 } }] }, /did you mean steps/],
    [{ ...SMALL, methods: [{ ...method, weights: 'lokal' }] }, /"local" or "federated" or "pooled"/],
    [{ ...SMALL, methods: [{ ...method, name: '../up' }] }, /methods\[0\]\.name/],
    [{ ...SMALL, methods: [method, { ...method }] }, /different names/],
    [{ ...SMALL, methods: [{ name: 'a' }] }, /one of weights, rule, program and bestOf.*got none/],
    [{ ...SMALL, methods: [{ ...method, rule: 'unseen-edge' }] }, /got weights and rule/],
    [{ ...SMALL, methods: [{ name: 'a', rule: 'unseen' }] }, /"unseen-edge"/],
    [{ ...SMALL, methods: [{ name: 'a', rule: 'edge-rarity', training: {} }] }, /got training/],
    [{ ...SMALL, methods: [method, { name: 'b', bestOf: ['a'], labels: 'own' }] }, /got labels/],
    [{ ...SMALL, methods: [{ name: 'b', bestOf: ['b'] }] }, /methods that are run/],
    [
      {
        ...SMALL,
        methods: [{ ...method, features: 'cross-organisation', evidence: 0, publicAttacks: ['apt'] }],
      },
      /evidence above 0, with publicAttacks/,
    ],
    [{ ...SMALL, methods: [{ ...method, evidence: 1 }] }, /evidence with features: cross-organisation/],
    [
      { ...SMALL, methods: [{ name: 'a', weights: 'federated', encryption: true, publicAttacks: ['apt'] }] },
      /encryption: false with publicAttacks/,
    ],
    [
      { ...SMALL, methods: [{ ...method, optimiser: { kind: 'fedavg' } }] },
      /optimiser of federated.*got local/,
    ],
    [{ ...SMALL, methods: [{ ...method, personal: 'head' }] }, /personal of federated weights.*got local/],
    [
      { ...SMALL, methods: [{ name: 'a', weights: 'federated', optimiser: { kind: 'fedadam', tau: 0.1 } }] },
      /optimiser\.learningRate/,
    ],
    [
      { ...SMALL, methods: [{ name: 'a', weights: 'federated', personal: 'head', model: { hidden: 0 } }] },
      /hidden units beside a personal head/,
    ],
    [
      { ...SMALL, methods: [{ ...federated, personal: 'head', model: { layers: [LOGIT] } }] },
      /hidden units beside a personal head/,
    ],
    [{ ...SMALL, methods: [{ ...method, model: { kind: 'layers' } }] }, /layers with kind: layers/],
    [
      { ...SMALL, methods: [{ ...method, model: { kind: 'edge-scorer', layers: [LOGIT] } }] },
      /layers with kind: layers.*got edge-scorer/,
    ],
    [{ ...SMALL, model: { hidden: 1, layers: [LOGIT] } }, /one of hidden and layers.*got both/],
    [{ ...SMALL, model: { layers: [{ ...LOGIT, units: 2 }] } }, /one linear unit.*got 2 linear/],
    [{ ...SMALL, model: { layers: [{ ...LOGIT, activation: 'gelu' }] } }, /activation/],
    [{ ...SMALL, methods: [{ name: 'a', program: { command: [] } }] }, /program\.command/],
    [{ ...SMALL, methods: [{ name: 'a', program: { command: ['node', 'mien.js'] } }] }, /got node mien\.js/],
    [{ ...SMALL, methods: [{ name: 'a', program: { command: [HERE] } }] }, /name a file in/],
    [
      { ...SMALL, methods: [{ name: 'a', program: { command: ['x'], files: [HERE] }, model: {} }] },
      /got model/,
    ],
    [
      { ...SMALL, methods: [{ ...method, program: { command: ['x'], files: [HERE] } }] },
      /got weights and program/,
    ],
    [
      { ...SMALL, methods: [{ ...federated, coldStart: { members: 'new', days: 1 } }] },
      /tracks: none, got new/,
    ],
    [{ ...SMALL, tracks: [NEW], methods: [{ ...federated, unlabelled: 'old' }] }, /tracks: new, got old/],
    [{ ...SMALL, tracks: [NEW], coldStart: { members: 'new', days: 2 } }, /coldStart\.days.*2 training days/],
    [{ ...SMALL, tracks: [NEW, { ...NEW }] }, /tracks of different names/],
    [{ ...SMALL, tracks: [{ name: 'new' }] }, /one of members, largest, smallest and random.*got none/],
    [{ ...SMALL, tracks: [{ ...NEW, random: 1 }] }, /track new.*got several/],
    [
      { ...SMALL, methods: [{ ...federated, attack: { kind: 'label-flop', members: 'new' } }] },
      /"label-flip"/,
    ],
    [poisoned({ kind: 'scaling', count: 3 }), /attack\.count.*false-incidents alone, got scaling/],
    [poisoned({ kind: 'free-rider', factor: 3 }), /attack\.factor.*got free-rider/],
    [poisoned({ kind: 'scaling' }, { encryption: true }), /encryption: false with attack scaling/],
    [poisoned({ kind: 'scaling' }, { weights: 'pooled' }), /attack of federated.*got pooled/],
    [
      poisoned({ kind: 'scaling' }, { weighting: 'size', optimiser: { kind: 'scaffold', learningRate: 1 } }),
      /another optimiser than scaffold with weighting/,
    ],
    [
      poisoned({ kind: 'scaling' }, { privacy: { epsilon: 1, atLeast: 3, colluding: 3 } }),
      /fewer than 3 colluding/,
    ],
    [{ ...SMALL, data: {} }, /one of simulator, lanl2015 and optc.*got none/],
    [onLanl({ days: 5, trainDays: 5 }), /trainDays of less than 5/],
    [onLanl({ partition: {} }), /one of balanced and blocks.*got none/],
    [onLanl({ partition: { balanced: 3, side: 'top' } }), /side and addresses beside blocks/],
    [onLanl({}, { publicAttacks: ['apt'] }), /publicAttacks beside simulated data/],
    [onOptc({}, { features: 'cross-organisation' }), /own features with data.optc/],
    [onOptc({ until: '2019-09-01T00:00:00Z' }), /trainUntil before until/],
    [onOptc({ until: '2019-09-01' }), /a moment like 2019-09-23T00:00:00Z/],
    [
      { ...SMALL, methods: [{ ...federated, partition: { kind: 'dirichlet' } }] },
      /alpha beside dirichlet.*got none/,
    ],
    [
      { ...SMALL, methods: [{ ...federated, partition: { kind: 'iid', alpha: 1 } }] },
      /nothing beside iid.*got alpha/,
    ],
    [{ ...SMALL, methods: [{ ...method, partition: { kind: 'iid' } }] }, /partition of federated.*got local/],
    [
      { ...SMALL, methods: [{ ...federated, encryption: true, partition: { kind: 'iid' } }] },
      /encryption: false with partition/,
    ],
    [{ ...SMALL, seeds: '3-1' }, /1-3,7/],
    [{ ...SMALL, compare: [['federated', 'pooled']] }, /pooled/],
    [{ ...SMALL, data: { simulator: { ...SMALL.data.simulator, orgs: 2 } } }, /at least 3/],
    [{ ...SMALL, data: { simulator: { ...SMALL.data.simulator, hosts: 59 } } }, /at least 20/],
    [{ ...SMALL, data: { simulator: { ...SMALL.data.simulator, trainDays: 3 } } }, /trainDays/],
    ['a: [', /not YAML/],
    ['#'.repeat(300_000), /at most 262144 bytes/],
  ])('with a fault is one clear error (%#)', async (content, words) => {
    const error: unknown = await read(content).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(String(error)).toMatch(words);
  });
});
