import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { genuineFiles } from './genuine-files.ts';
import { sharedData } from '../shared-data.ts';
import { fixture, temporaryFolder } from '../../datasets/fixtures/collect.ts';

const formats = sharedData('formats');

describe('files that are damaged in every way', () => {
  it('end in events, rejects or one error, and leave twin, features, counts and their snapshots whole', async () => {
    using folder = temporaryFolder();
    const files = genuineFiles([dirname(fixture('auth.txt'))], 16 * 1024).filter(({ name }) =>
      /\.(?:txt|jsonl)$/.test(name),
    );
    const outcomes = await fuzz({ files, folder: folder.root, seed: 1, copies: 20, size: 20_000 });
    expect(Object.keys(outcomes)).toEqual(
      expect.arrayContaining(['read', 'read, with rejects', 'FORMAT_UNKNOWN']),
    );
  });

  it.skipIf(formats === null)('so do excerpts of every format (needs shared data)', async () => {
    using folder = temporaryFolder();
    const files = genuineFiles([formats ?? ''], 8 * 1024);
    expect(files.length).toBeGreaterThan(20);
    const outcomes = await fuzz({ files, folder: folder.root, seed: 1, copies: 8, size: 20_000 });
    expect(Object.keys(outcomes)).toEqual(
      expect.arrayContaining(['read', 'read, with rejects', 'FORMAT_UNKNOWN']),
    );
  });
});
