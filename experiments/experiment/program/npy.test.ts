import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readScores, writeMatrix } from './npy.ts';

/** `numpy.save` of `np.array([[1, -2, .5], [3, 4, 5]], dtype='<f4')`, NumPy 2.4.6. */
const OF_NUMPY =
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAAwAAAAD8AAEBAAACAQAAAoEA=';

let folder = '';
let path = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-npy-'));
  path = join(folder, 'a.npy');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file of version 1.0 whose header says this. */
async function array(header: string, data: ArrayBufferView, version = 1): Promise<string> {
  const text = Buffer.from(`${header}\n`, 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  const magic = Buffer.from('\x93NUMPY', 'latin1');
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  await writeFile(path, Buffer.concat([magic, Buffer.from([version, 0]), length, text, bytes]));
  return path;
}
const vector = (type: string, shape: string) =>
  `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`;
const read = (count: number) => readScores(path, count, 'org01');

describe('arrays as files of NumPy', () => {
  it('are written as numpy.save writes them', async () => {
    await writeMatrix(path, Float32Array.of(1, -2, 0.5, 3, 4, 5), 3);
    expect((await readFile(path)).toString('base64')).toBe(OF_NUMPY);
    await writeMatrix(path, new Float32Array(), 36);
    expect(String(await readFile(path))).toContain("'shape': (0, 36)");
  });

  it.each([
    ['float32', vector('<f4', '(2,)'), Float32Array.of(0.25, -1.5), 1],
    ['float64', vector('<f8', '(2,)'), Float64Array.of(0.25, -1.5), 1],
    ['a column', vector('<f8', '(2, 1)'), Float64Array.of(0.25, -1.5), 1],
    ['a row, with a header of another version', vector('<f4', '(1, 2)'), Float32Array.of(0.25, -1.5), 2],
  ])('are read as scores: %s', async (_, header, data, version) => {
    await array(header, data, version);
    expect([...(await read(2))]).toEqual([0.25, -1.5]);
  });

  it.each([
    ['SHAPE_MISMATCH', 'too many scores', vector('<f4', '(3,)'), new Float32Array(3)],
    ['SHAPE_MISMATCH', 'a matrix', vector('<f4', '(2, 2)'), new Float32Array(4)],
    ['SHAPE_MISMATCH', 'far too large a file', vector('<f4', '(2,)'), new Float32Array(50_000)],
    ['ENCODING_INVALID', 'other numbers', vector('<i8', '(2,)'), new Float64Array(2)],
    ['ENCODING_INVALID', 'a file that ends early', vector('<f8', '(2,)'), new Float64Array(1)],
    ['ENCODING_INVALID', 'objects', vector('|O', '(2,)'), new Float64Array(2)],
    ['NOT_FINITE', 'no number', vector('<f4', '(2,)'), Float32Array.of(0, NaN)],
    ['NOT_FINITE', 'infinity', vector('<f8', '(2,)'), Float64Array.of(0, Infinity)],
  ])('are refused with %s: %s', async (code, _, header, data) => {
    await array(header, data);
    await expect(read(2)).rejects.toMatchObject({
      code,
      expected: expect.stringContaining(path) as string,
    });
  });

  it('are refused where they are none, or are not there', async () => {
    await writeFile(path, '0.5\n0.25\n');
    await expect(read(2)).rejects.toMatchObject({ code: 'ENCODING_INVALID' });
    await rm(path);
    await expect(read(2)).rejects.toMatchObject({
      code: 'PROGRAM_FAILED',
      expected: expect.stringContaining('org01') as string,
    });
  });
});
