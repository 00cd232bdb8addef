import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { float32ToBytes } from '../../models/detection/model-hash.ts';
import { madeModel } from '../../test/made-model.ts';
import { EXPORT_FORMATS, exportModel } from './export-model.ts';
import { readModel } from './model-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-export-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('an export is there whole, says which model it is, and never takes the place of anything', async () => {
  const { version, weights } = madeModel();
  const at = (format: string) => join(folder, format);
  for (const format of EXPORT_FORMATS) await exportModel({ version, weights }, format, 'logit', at(format));
  expect(await readModel(at('cordon'))).toEqual({ version, weights });
  expect((await readFile(at('onnx'))).includes(version.modelHash)).toBe(true);
  const { userDefinedMetadata } = JSON.parse(
    await readFile(join(at('tfjs'), 'model.json'), 'utf8'),
  ) as object & {
    userDefinedMetadata: object;
  };
  const { id, modelHash } = version;
  expect(userDefinedMetadata).toEqual({
    cordon: { model: id, modelHash, features: 'edge-v1', output: 'logit' },
  });
  expect(Buffer.from(await readFile(join(at('tfjs'), 'weights.bin')))).toEqual(
    Buffer.from(float32ToBytes(weights)),
  );
  for (const format of EXPORT_FORMATS) {
    await expect(exportModel({ version, weights }, format, 'logit', at(format))).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    });
    await expect(
      exportModel({ version, weights }, format, 'logit', join(folder, 'none', 'x')),
    ).rejects.toMatchObject({ code: 'ENOENT' });
  }
  expect((await readdir(folder)).toSorted()).toEqual(EXPORT_FORMATS.toSorted());
});
