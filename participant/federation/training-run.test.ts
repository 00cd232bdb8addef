import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { bytesToUint32, toHex, uint32ToBytes } from '../../crypto/public/encoding.ts';
import { hashObject } from '../../crypto/public/hash-object.ts';
import { merkleRoot } from '../../crypto/public/merkle.ts';
import { applyUpdate } from '../../models/detection/apply-update.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { toCordonError } from '../../protocol/errors.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import { TASK } from '../../test/running-coordinator.ts';
import {
  MODEL_LENGTH,
  OfflinePlane,
  TRAINING,
  TRAINING_MODULES,
  trainingRun,
} from '../../test/training-member.ts';
import type { SumStore } from './sum-store.ts';
import { OwnStore } from './own-store.ts';
import { TrainingRun } from './training-run.ts';

let folder = '';
let plane: OfflinePlane;
let sums: SumStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-training-run-'));
  plane = new OfflinePlane();
  sums = plane.freshSums(join(folder, 'sums'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a training run as a member sees it', () => {
  interface Published {
    readonly opened: LogBody<'opened'>;
    readonly publish: LogBody<'publish'>;
    readonly weights: Float32Array;
  }

  /** An honest publication of a sum of ones for round `round` after `before`. */
  function published(round: number, before: Float32Array): Published {
    const { bits } = TASK.quantiser;
    const sum = Uint32Array.from({ length: MODEL_LENGTH }, (_, i) => 3 * 2 ** (bits - 1) + (i % 5));
    const bytes = uint32ToBytes(sum);
    plane.sums.set(round, bytes);
    const run = trainingRun();
    const weights = applyUpdate(run.federated.shape, before, sum, 3, TASK.quantiser);
    const hash = (digest: string) => digest.repeat(64);
    const shared = { run: TRAINING.run, round, transcriptHash: hash('0'), setHash: hash('0'), members: 3 };
    return {
      weights,
      opened: { ...shared, keySum: '', sumBytes: bytes.length, ...digestsOf(bytes) },
      publish: {
        ...shared,
        sumHash: digestsOf(bytes).sumHash,
        modelHash: modelHash(nodePrimitives.sha256, run.architecture, weights),
      },
    };
  }

  function digestsOf(bytes: Uint8Array): { sumHash: string; sumRoot: string } {
    return {
      sumHash: createHash('sha256').update(bytes).digest('hex'),
      sumRoot: toHex(merkleRoot(nodePrimitives, [bytes])),
    };
  }

  it('follows the published sums and refuses a tampered sum, another model and another size', async () => {
    const [weights] = (await trainingRun().model(sums)).state;
    const one = published(1, weights);
    const code = async (
      opened: Partial<LogBody<'opened'>>,
      publish: Partial<LogBody<'publish'>> = {},
      bytes?: Uint8Array,
    ) => {
      const run = trainingRun();
      run.published({ ...one.opened, ...opened }, { ...one.publish, ...publish });
      const genuine = plane.sums.get(1) ?? new Uint8Array(0);
      if (bytes) plane.sums.set(1, bytes);
      const result = await run.model(plane.freshSums(join(folder, 'sums'))).then(
        ({ hash }) => hash,
        (error: unknown) => toCordonError(error).code,
      );
      plane.sums.set(1, genuine);
      return result;
    };
    expect(await code({})).toBe(one.publish.modelHash);
    const tampered = (plane.sums.get(1) ?? new Uint8Array(0)).map((byte, i) => (i === 8 ? byte ^ 1 : byte));
    expect(await code({}, {}, tampered)).toBe('DIGEST_MISMATCH');
    const { sumHash, sumRoot } = digestsOf(tampered);
    expect(await code({ sumHash }, {}, tampered)).toBe('DIGEST_MISMATCH');
    expect(await code({ sumRoot }, {}, tampered)).toBe('DIGEST_MISMATCH');
    expect(await code({ sumHash, sumRoot }, {}, tampered)).toBe('MODEL_MISMATCH');
    expect(await code({}, { modelHash: '0'.repeat(64) })).toBe('MODEL_MISMATCH');
    expect(await code({ members: 2 })).toBe('MODEL_MISMATCH');
    expect(await code({ sumBytes: 4 })).toBe('MODEL_MISMATCH');
  });

  it('takes every round once and in order: a sum published twice or left out condemns the log', async () => {
    const [weights] = (await trainingRun().model(sums)).state;
    const one = published(1, weights);
    const two = published(2, one.weights);
    const run = trainingRun();
    const take = ({ opened, publish }: Published) => run.published(opened, publish);
    expect(() => take(two)).toThrow(/round 1/);
    take(one);
    expect(() => take(one)).toThrow(/round 2/);
    take(two);
    expect((await run.model(sums)).hash).toBe(two.publish.modelHash);
    // Each is on disk only until the model has been updated from it.
    expect(await readdir(join(folder, 'sums'))).toEqual([]);
  });

  it('refuses a task under the hash of another', () => {
    expect(() => new TrainingRun({ ...TRAINING, taskHash: '0'.repeat(64) }, TRAINING_MODULES)).toThrow(
      /hash/,
    );
    expect(
      () => new TrainingRun({ ...TRAINING, task: { ...TRAINING.task, seed: 8 } }, TRAINING_MODULES),
    ).toThrow(/hash/);
  });

  it('tries a sum again that did not come, without applying one twice', async () => {
    const [weights] = (await trainingRun().model(sums)).state;
    const one = published(1, weights);
    const bytes = plane.sums.get(1) ?? new Uint8Array(0);
    const run = trainingRun();
    run.published(one.opened, one.publish);
    plane.sums.delete(1);
    await expect(run.model(sums)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    plane.sums.set(1, bytes);
    expect((await run.model(sums)).hash).toBe(one.publish.modelHash);
    expect((await run.model(sums)).hash).toBe(one.publish.modelHash);
  });

  it('keeps of its own what was made for a sum that it is in, whatever else was trained, also read anew', async () => {
    const task = { ...TRAINING.task, optimiser: { kind: 'scaffold' as const, learningRate: 1 } };
    const taskHash = hashObject(nodePrimitives, 'cordon/v1/task', task);
    const scaffold = () => new TrainingRun({ ...TRAINING, task, taskHash }, TRAINING_MODULES);
    const own = new OwnStore(join(folder, 'own'));
    const mine = (value: number) => new Float32Array(MODEL_LENGTH).fill(value);
    let state = (await scaffold().model(sums)).state;
    const told: { publication: Published; isOwn: boolean }[] = [];
    const run = scaffold();
    for (const [i, isOwn] of [true, false].entries()) {
      const before = (await run.start({ sums, own })).own;
      expect(before).toEqual(i === 0 ? null : mine(1));
      await run.keepOwn(own, i + 1, mine(i + 1));
      // Until the sum is published, nothing has moved on.
      expect((await run.start({ sums, own })).own).toEqual(before);
      const publication = published(i + 1, state[0]);
      const sum = bytesToUint32(plane.sums.get(i + 1) ?? new Uint8Array(0));
      state = run.federated.next(state, sum, 3, i === 1);
      const publish = { ...publication.publish, modelHash: run.federated.hash(nodePrimitives.sha256, state) };
      told.push({ publication: { ...publication, publish }, isOwn });
      run.published(publication.opened, publish, isOwn);
    }
    expect(await run.start({ sums, own })).toMatchObject({ own: mine(1), state });
    const again = scaffold();
    for (const { publication, isOwn } of told)
      again.published(publication.opened, publication.publish, isOwn);
    const anew = plane.freshSums(join(folder, 'other-sums'));
    expect(await again.start({ sums: anew, own })).toMatchObject({ own: mine(1), state });
    await rm(join(folder, 'own'), { recursive: true });
    await expect(again.start({ sums: anew, own })).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });
});
