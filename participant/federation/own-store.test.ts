import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OwnStore } from './own-store.ts';

const [RUN, OTHER] = ['run-0123456789abcdef', 'run-fedcba9876543210'];
let folder = '';
let store: OwnStore;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'cordon-own-')), 'own');
  store = new OwnStore(folder);
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

describe('what a member keeps to itself', () => {
  it('comes back as it was, with a file for what counts and one for what may come to count', async () => {
    const own = (round: number) => Float32Array.of(round, -0.5, 1e-30);
    await store.put(RUN, 3, own(3), null);
    await store.put(RUN, 4, own(4), null);
    expect(await readdir(folder)).toEqual([`${RUN}-4.f32`]);
    await store.put(RUN, 7, own(7), 4);
    expect(await store.read(RUN, 4, 3)).toEqual(own(4));
    expect(await store.read(RUN, 7, 3)).toEqual(own(7));
    if (process.platform !== 'win32') {
      expect((await stat(join(folder, `${RUN}-7.f32`))).mode & 0o777).toBe(0o600);
    }
    await store.put(OTHER, 8, own(8), null);
    store.clear(new Set([RUN]));
    expect(await readdir(folder)).toEqual([`${OTHER}-8.f32`]);
  });

  it('is refused where it is gone or cut', async () => {
    await expect(store.read(RUN, 4, 3)).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      got: 'no such file',
    });
    await store.put(RUN, 4, new Float32Array(3), null);
    await expect(store.read(RUN, 4, 4)).rejects.toMatchObject({ got: '12 bytes' });
    await writeFile(join(folder, `${RUN}-4.f32`), 'x');
    await expect(store.read(RUN, 4, 3)).rejects.toMatchObject({ code: 'DATA_NOT_FOUND', got: '1 bytes' });
  });
});
