import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { hashObject } from '../../crypto/public/hash-object.ts';
import { toCordonError } from '../../protocol/errors.ts';
import { madeModel } from '../../test/made-model.ts';
import { isModelFile, readModel, readVersion, writeModel } from './model-file.ts';
import { versionOf } from './model-version.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-model-file-'));
  path = join(folder, 'a.cordon');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: unknown) => toCordonError(error).code,
  );

describe('a model file', () => {
  it('is one line, a line of JSON and float32 from a multiple of 64 on, and comes back as it was', async () => {
    const model = madeModel();
    await writeModel(path, model);
    expect(await readModel(path)).toEqual({ version: model.version, weights: model.weights });
    expect(await readVersion(path)).toEqual(model.version);
    expect(await isModelFile(path)).toBe(true);
    expect(await readdir(folder)).toEqual(['a.cordon']);
    const bytes = await readFile(path);
    const [first, header = ''] = bytes.toString('latin1').split('\n', 2);
    expect(first).toBe('cordon model 1');
    expect(JSON.parse(header)).toEqual(model.version);
    const start = (first?.length ?? 0) + header.length + 2;
    expect(start % 64).toBe(0);
    expect(model.weights.every((value, i) => bytes.readFloatLE(start + 4 * i) === value)).toBe(true);
    expect(bytes).toHaveLength(start + 4 * model.weights.length);
  });

  it('has the id and hash that Python works out of its bytes by the guide alone', async () => {
    const { facts, weights } = madeModel();
    const task = { name: 'fixed', note: 'föderiert', rate: 0.01, b: [1, { a: null }] };
    const origin = { ...facts.origin, task, taskHash: hashObject(nodePrimitives, 'cordon/v1/task', task) };
    const version = versionOf(nodePrimitives, { ...facts, origin, previous: 'model-0123456789abcdef' });
    await writeModel(path, { version, weights });
    expect((await readModel(path)).version).toEqual(version);
    // json, hashlib: sha256(b'cordon/v1/model-version\0' + json.dumps(header without id, sort_keys=True,
    // separators=(',', ':'), ensure_ascii=False)), and so for modelHash over the architecture and the weights' bytes.
    expect([version.id, version.modelHash]).toEqual([
      'model-798dd5d9ddcff271',
      '90971c9955755ab27575d5355600d707f7b44703f8c6068180a9bc29bc48b380',
    ]);
  });

  it('may hold layers of any depth', async () => {
    const model = madeModel({
      layers: [
        { units: 3, activation: 'tanh' },
        { units: 2, activation: 'sigmoid' },
        { units: 1, activation: 'linear' },
      ],
    });
    const { version, weights } = model;
    expect(weights).toHaveLength(36 * 3 + 3 + 3 * 2 + 2 + 2 + 1);
    await writeModel(path, model);
    expect(await readModel(path)).toEqual({ version, weights });
    // Layers that this version does not have.
    const architecture = { ...version.architecture, layers: [{ units: 1, activation: 'tanh' as const }] };
    const { id: _, ...facts } = { ...version, architecture } as typeof version;
    await writeModel(path, { version: versionOf(nodePrimitives, facts), weights });
    expect(await codeOf(readVersion(path))).toBe('ENCODING_INVALID');
  });

  it('is refused wherever one byte of it is another, or it is cut or longer', async () => {
    await writeModel(path, madeModel());
    const good = await readFile(path);
    const anywhere = fc.integer({ min: 0, max: good.length - 1 });
    await fc.assert(
      fc.asyncProperty(anywhere, fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const bytes = Buffer.from(good);
        bytes[place] = (bytes[place] ?? 0) ^ change;
        await writeFile(path, bytes);
        // Space for space is the one change that says nothing else.
        const isPadding = good[place] === 0x20 && [0x09, 0x0d].includes(bytes[place] ?? 0);
        const code = await codeOf(readModel(path));
        expect(isPadding ? 'accepted' : code).toBe(isPadding ? code : code === 'accepted' ? 'refused' : code);
      }),
      { numRuns: 150 },
    );
    for (const bytes of [
      good.subarray(0, -1),
      good.subarray(0, 100),
      Buffer.concat([good, good]),
      Buffer.alloc(0),
    ]) {
      await writeFile(path, bytes);
      expect(await codeOf(readVersion(path))).toBe('ENCODING_INVALID');
    }
    expect(await codeOf(readModel(join(folder, 'none')))).toBe('DATA_NOT_FOUND');
    expect(await codeOf(readModel(folder))).toBe('DATA_NOT_FOUND');
    expect(await isModelFile(folder)).toBe(false);
  });

  it('with other weights than its hash says is MODEL_MISMATCH, with numbers that are none NOT_FINITE', async () => {
    const { version, weights } = madeModel();
    await writeModel(path, { version, weights: weights.map((value) => value + 1) });
    expect(await codeOf(readModel(path))).toBe('MODEL_MISMATCH');
    await writeModel(path, madeModel({ change: (values) => values.fill(NaN, 3, 4) }));
    expect(await codeOf(readModel(path))).toBe('NOT_FINITE');
  });

  it('with a header that never ends, or that says another size, is refused before its weights are read', async () => {
    await writeFile(path, `cordon model 1\n${'{"a":'.repeat(1000)}`);
    expect(await codeOf(readVersion(path))).toBe('ENCODING_INVALID');
    await writeFile(path, `cordon model 1\n${'{"a":'.repeat(1000)}\n`);
    expect(await codeOf(readVersion(path))).toBe('ENCODING_INVALID');
    const { version, weights } = madeModel();
    await writeModel(path, { version, weights: weights.subarray(1) });
    expect(await codeOf(readVersion(path))).toBe('ENCODING_INVALID');
  });
});
