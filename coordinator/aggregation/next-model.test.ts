import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { uint32ToBytes } from '../../crypto/public/encoding.ts';
import { applyUpdate } from '../../models/detection/apply-update.ts';
import { bytesToFloat32, float32ToBytes, modelHash } from '../../models/detection/model-hash.ts';
import { FederatedModel, type FederatedState } from '../../models/federated/federated-model.ts';
import type { Optimiser } from '../../models/federated/optimiser.ts';
import { ModelStore } from '../store/model-store.ts';
import { nextModel } from './next-model.ts';

const quantiser = { clipNorm: 1, bits: 16 };
const ADAM: Optimiser = { kind: 'fedadam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.01 };
let folder = '';
let models: ModelStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-model-'));
  models = new ModelStore(join(folder, 'models'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A first model in the store and a sum of three members on disk. */
async function prepare(
  hidden: number,
  change: (sum: Uint32Array) => Uint32Array = (sum) => sum,
  optimiser: Optimiser = { kind: 'fedavg' },
) {
  const federated = new FederatedModel(
    {
      seed: 5,
      model: { kind: 'edge-scorer', features: 'edge-v1', hidden },
      training: { steps: 5, learningRate: 0.01 },
      quantiser,
      optimiser,
    },
    3,
  );
  const [weights] = federated.firstState();
  const before = modelHash(nodePrimitives.sha256, federated.model.architecture, weights);
  await models.save(before, weights);
  const sum = change(Uint32Array.from({ length: federated.sent.length }, (_, i) => (i * 7919) % 196_605));
  const sumPath = join(folder, 'sum');
  await writeFile(sumPath, uint32ToBytes(sum));
  return { step: { federated, before, sumPath, members: 3, isLast: false }, weights, sum };
}

describe('the next model', () => {
  // 77 weights; 65,475 and 65,551, just below and above a piece; more than two pieces.
  it.each([2, 1723, 1725, 4000])(
    'with %i hidden units has the bits and the hash of the whole vector',
    async (hidden) => {
      const { step, weights, sum } = await prepare(hidden);
      const hash = await nextModel(step, models);
      const whole = applyUpdate(step.federated.shape, weights, sum, 3, quantiser);
      expect(hash).toBe(modelHash(nodePrimitives.sha256, step.federated.model.architecture, whole));
      const stored = bytesToFloat32(await readFile(models.path(hash)));
      expect(Buffer.compare(Buffer.from(stored.buffer), Buffer.from(whole.buffer))).toBe(0);
      if (process.platform !== 'win32') expect((await stat(models.path(hash))).mode & 0o777).toBe(0o600);
      await models.keep(hash);
    },
  );

  it.each<[number, Optimiser]>([
    [2, ADAM],
    [1725, ADAM],
    [1725, { kind: 'entente', share: 0.2 }],
  ])(
    'with %i hidden units and the memory of %j has the bits and the hash of the whole state',
    async (hidden, optimiser) => {
      const { step, weights, sum } = await prepare(hidden, (values) => values, optimiser);
      const { federated } = step;
      let [before, state]: [string, FederatedState] = [step.before, [weights]];
      // The first stands on weights alone, the last leaves weights alone.
      for (const isLast of [false, false, true]) {
        before = await nextModel({ ...step, before, isLast }, models);
        state = federated.next(state, sum, 3, isLast);
        const hash = createHash('sha256').update(federated.hashStart(state.length));
        for (const vector of state) hash.update(float32ToBytes(vector));
        expect(before).toBe(hash.digest('hex'));
        const stored = bytesToFloat32(await readFile(models.path(before)));
        expect(stored).toEqual(Float32Array.from(state.flatMap((vector) => [...vector])));
      }
      expect(state).toHaveLength(1);
      expect(before).toBe(modelHash(nodePrimitives.sha256, federated.model.architecture, state[0]));
    },
  );

  it('is not there after a sum that cannot be, broken weights or files of different lengths', async () => {
    const wrong = await prepare(1800, (sum) => sum.fill(196_606, 66_000, 66_001));
    await expect(nextModel(wrong.step, models)).rejects.toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
      got: '196606 at index 66000',
    });
    const short = await prepare(4, (sum) => sum.subarray(1));
    await expect(nextModel(short.step, models)).rejects.toMatchObject({ code: 'INTERNAL' });
    const broken = await prepare(1800);
    broken.weights[66_599] = Infinity; // the last of b1
    await models.save(broken.step.before, broken.weights);
    await expect(nextModel(broken.step, models)).rejects.toMatchObject({
      code: 'NOT_FINITE',
      got: 'Infinity at b1[1799]',
    });
    expect((await readdir(join(folder, 'models'))).every((name) => name.endsWith('.f32'))).toBe(true);
  });
});
