import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../test/shared-data.ts';
import { temporaryFolder } from '../fixtures/collect.ts';
import { findEntry, loadEntry, publicCatalogue } from './catalogue.ts';
import { findInMirror } from './from-mirror.ts';
import { unsafePath, unsafeUrl } from './schema.ts';
import { difference, digestOf } from './verify.ts';

const shared = sharedData('telemetry');

describe('the public catalogue', () => {
  it('has valid entries, one an id, each file of an open one with address, size and SHA-256', async () => {
    const catalogue = await publicCatalogue();
    expect(new Set(catalogue.map(({ id }) => id)).size).toBe(catalogue.length);
    for (const { id, access, files } of catalogue) {
      expect(files.length, id).toBeGreaterThan(0);
      for (const { url, bytes, sha256, path } of files) {
        const known = [url, bytes, sha256].filter((value) => value !== null).length;
        expect(known, `${id} ${path}`).toBe(access === 'direct' ? 3 : 0);
      }
    }
  });

  it('says what it knows where an id is not there', async () => {
    const catalogue = await publicCatalogue();
    expect(() => findEntry(catalogue, 'lanl')).toThrow(/lanl2015/);
  });

  it.skipIf(shared === null)(
    'has the size and SHA-256 of every file that is in the shared data',
    async () => {
      let compared = 0;
      for (const { id, files } of await publicCatalogue()) {
        for (const file of files) {
          const path = await findInMirror(shared ?? '', id, file);
          if (path === null || file.sha256 === null) continue;
          expect(difference(file, await digestOf(path)), path).toBeNull();
          compared++;
        }
      }
      expect(compared).toBe(271);
    },
  );
});

describe('an entry from a file', () => {
  const good = {
    id: 'own',
    title: 't',
    publisher: 'p',
    home: 'h',
    licence: 'l',
    cite: 'c',
    formats: [],
    access: 'direct',
    note: '',
    files: [{ path: 'a/b.gz', url: 'https://example.org/b.gz', bytes: 1, sha256: null }],
  };
  const load = async (entry: unknown): Promise<unknown> => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('entry.json'), JSON.stringify(entry));
    return await loadEntry(folder.path('entry.json'));
  };
  const withFile = (more: object) => ({ ...good, files: [{ ...good.files[0], ...more }] });

  it('is taken as it is', async () => {
    expect(await load(good)).toEqual(good);
  });

  it.each([
    ['a missing field', { ...good, licence: undefined }, 'licence'],
    ['an unknown field', { ...good, extra: 1 }, 'extra'],
    ['a path that leads out', withFile({ path: '../b' }), '..'],
    ['an absolute path', withFile({ path: '/etc/passwd' }), 'absolute'],
    ['a path twice', { ...good, files: [...good.files, ...good.files] }, 'twice'],
    ['plain HTTP to elsewhere', withFile({ url: 'http://example.org/b' }), 'https'],
    ['an address with a password', withFile({ url: 'https://a:b@example.org/b' }), 'password'],
    ['a checksum of another kind', withFile({ sha256: 'abc' }), 'sha256'],
  ])('is refused with %s', async (_, entry, word) => {
    await expect(load(entry)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(load(entry)).rejects.toThrow(word);
  });

  it('never leads out of its folder, whatever the path', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', '\\', 'C:', '\n') }), (path) => {
        if (unsafePath(path) !== null) return;
        expect(join('/out/own', path).startsWith('/out/own/')).toBe(true);
      }),
    );
  });

  it('asks this machine over HTTP, and no other', () => {
    expect(unsafeUrl('http://127.0.0.1:1/x')).toBeNull();
    expect(unsafeUrl('http://127.0.0.1.example.org/x')).not.toBeNull();
    expect(unsafeUrl('file:///etc/passwd')).not.toBeNull();
    expect(unsafeUrl('http://127.0.0.1:1/x', 'http://127.0.0.1:1/y')).toBeNull();
    expect(unsafeUrl('http://127.0.0.1:1/x', 'https://publisher.example/y')).not.toBeNull();
  });
});
