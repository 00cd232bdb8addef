import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CordonError } from '../protocol/errors.ts';
import { collect, fixture, temporaryFolder } from './fixtures/collect.ts';
import { makeZip } from './fixtures/zip.ts';

const AUTH = readFileSync(fixture('auth.txt'));
const MANY = Buffer.from(
  Array.from(
    { length: 5000 },
    (_, i) => `${i},U${i % 97}@DOM1,U${i % 97}@DOM1,C${i % 53},C2,Kerberos,Network,LogOn,Success\n`,
  ).join(''),
);

async function failure(path: string, options = {}): Promise<CordonError> {
  try {
    await collect(path, options);
  } catch (error) {
    if (error instanceof CordonError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('readDataset', () => {
  it('gives the same events from plain, gz, zst and zip files whatever their names', async () => {
    using folder = temporaryFolder();
    const forms = {
      'a.bin': AUTH,
      'b.bin': gzipSync(AUTH),
      'c.bin': zstdCompressSync(AUTH),
      'd.bin': makeZip({ 'x.dat': AUTH }),
    };
    const expected = (await collect(fixture('auth.txt'))).events.map(({ source: _, ...event }) => event);
    expect(expected).toHaveLength(6);
    for (const [name, bytes] of Object.entries(forms)) {
      writeFileSync(folder.path(name), bytes);
      const { events } = await collect(folder.path(name));
      expect(
        events.map(({ source: _, ...event }) => event),
        name,
      ).toEqual(expected);
    }
  });

  it('reads several gz members and zip entries one after the other', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('two.gz'), Buffer.concat([gzipSync(AUTH), gzipSync(AUTH)]));
    writeFileSync(folder.path('two.zip'), makeZip({ 'one.txt': AUTH, 'sub/two.txt': AUTH }));
    expect((await collect(folder.path('two.gz'))).events).toHaveLength(12);
    const { stats, events } = await collect(folder.path('two.zip'));
    expect(events).toHaveLength(12);
    expect(stats.files.map(({ dataset }) => dataset)).toEqual(['two/one', 'two/two']);
  });

  it('reads the recognised files of a mixed folder and names the others', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.path('deep'));
    writeFileSync(folder.path('deep/auth.txt'), AUTH);
    writeFileSync(folder.path('redteam.txt'), readFileSync(fixture('redteam.txt')));
    writeFileSync(folder.path('events.jsonl'), readFileSync(fixture('windows-flat.jsonl')));
    writeFileSync(folder.path('README.md'), '# Not data\n');
    writeFileSync(folder.path('picture.png'), Buffer.from([137, 80, 78, 71, 0, 1, 2, 3]));
    writeFileSync(folder.path('empty.txt'), '');
    const { stats } = await collect(folder.root);
    expect(stats.files.map(({ file, format }) => `${file} ${format}`)).toEqual([
      'deep/auth.txt lanl-auth',
      'empty.txt empty',
      'events.jsonl windows-json',
      'redteam.txt lanl-redteam',
    ]);
    expect(stats.skipped.map(({ file }) => file)).toEqual(['README.md', 'picture.png']);
  });

  it('follows links to files, never links to folders, and says where a link leads nowhere', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.path('data/deep'), { recursive: true });
    writeFileSync(folder.path('data/deep/auth.txt'), AUTH);
    writeFileSync(folder.path('outside.txt'), AUTH);
    symlinkSync('.', folder.path('data/self'));
    symlinkSync('..', folder.path('data/deep/up'));
    symlinkSync('../outside.txt', folder.path('data/linked.txt'));
    symlinkSync('data', folder.path('whole'));
    for (const name of ['data', 'whole']) {
      const { stats } = await collect(folder.path(name));
      expect(
        stats.files.map(({ file }) => file),
        name,
      ).toEqual(['deep/auth.txt', 'linked.txt']);
    }
    symlinkSync('nowhere.txt', folder.path('data/broken.txt'));
    const { code, expected } = await failure(folder.path('data'));
    expect([code, expected.includes('broken.txt')]).toEqual(['DATA_NOT_FOUND', true]);
  });

  it('reads CRLF, a byte order mark and an empty file', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('crlf.txt'), `\uFEFF${AUTH.toString().replaceAll('\n', '\r\n')}`);
    writeFileSync(folder.path('empty.txt'), '');
    const { events, stats } = await collect(folder.path('crlf.txt'));
    expect(events).toHaveLength(6);
    expect(stats.rejects).toBe(0);
    expect((await collect(folder.path('empty.txt'))).stats).toMatchObject({ events: 0, lines: 0 });
  });

  it('says FILE_TRUNCATED for a gz and a zip cut at any place', async () => {
    using folder = temporaryFolder();
    for (const [name, bytes] of [
      ['cut.gz', gzipSync(MANY)],
      ['cut.zst', zstdCompressSync(MANY)],
      ['cut.zip', makeZip({ 'auth.txt': MANY })],
    ] as const) {
      for (const share of [0.3, 0.7, 0.999]) {
        writeFileSync(folder.path(name), bytes.subarray(0, Math.floor(bytes.length * share)));
        const { code, got } = await failure(folder.path(name));
        expect(code, `${name} ${share}`).toBe('FILE_TRUNCATED');
        if (name !== 'cut.zip') expect(got, name).toContain('a file that ends too early');
      }
    }
  });

  it('says FILE_TRUNCATED and what it is where complete bytes do not have their checksum', async () => {
    using folder = temporaryFolder();
    const zip = makeZip({ 'auth.txt': MANY });
    const central = zip.lastIndexOf('PK\x01\x02');
    zip.writeUInt32LE(1, central + 16);
    writeFileSync(folder.path('bad.zip'), zip);
    const gzip = gzipSync(MANY);
    gzip.writeUInt32LE(1, gzip.length - 8);
    writeFileSync(folder.path('bad.gz'), gzip);
    const zstd = zstdCompressSync(MANY, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    zstd.writeUInt32LE(1, zstd.length - 4);
    writeFileSync(folder.path('bad.zst'), zstd);
    for (const name of ['bad.zip', 'bad.gz', 'bad.zst']) {
      const { code, got } = await failure(folder.path(name));
      expect([code, got], name).toEqual([
        'FILE_TRUNCATED',
        expect.stringContaining('checksum is not the one in'),
      ]);
    }
  });

  it('reads a zip with bytes after its end and refuses unsafe names', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('tail.zip'), Buffer.concat([makeZip({ 'auth.txt': AUTH }), Buffer.from('\n')]));
    expect((await collect(folder.path('tail.zip'))).events).toHaveLength(6);
    for (const name of ['../auth.txt', '/auth.txt']) {
      writeFileSync(folder.path('bad.zip'), makeZip({ [name]: AUTH }));
      expect(await failure(folder.path('bad.zip')), name).toMatchObject({ code: 'FORMAT_UNKNOWN' });
    }
  });

  it('stops inflating a zip bomb', async () => {
    using folder = temporaryFolder();
    writeFileSync(
      folder.path('bomb.zip'),
      makeZip({ 'auth.txt': Buffer.concat([AUTH, Buffer.alloc(80 * 2 ** 20, 'x')]) }),
    );
    expect(await failure(folder.path('bomb.zip'))).toMatchObject({
      code: 'FORMAT_UNKNOWN',
      got: expect.stringContaining('a zip bomb') as string,
    });
  });

  it('says DATA_NOT_FOUND for a missing path and an empty folder, FORMAT_UNKNOWN for a binary file', async () => {
    using folder = temporaryFolder();
    expect(await failure(folder.path('nothing'))).toMatchObject({ code: 'DATA_NOT_FOUND' });
    expect(await failure(folder.root)).toMatchObject({ code: 'DATA_NOT_FOUND' });
    writeFileSync(
      folder.path('binary'),
      Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)),
    );
    expect(await failure(folder.path('binary'))).toMatchObject({ code: 'FORMAT_UNKNOWN' });
  });

  it('keeps bad lines as rejects and stops only when too large a share is bad', async () => {
    using folder = temporaryFolder();
    const lines = MANY.toString().split('\n').slice(0, 400);
    const spoil = (share: number): string =>
      lines.map((line, i) => (i % 100 < share * 100 ? 'nonsense' : line)).join('\n');
    writeFileSync(folder.path('some.txt'), `${lines[0]}\n${spoil(0.1)}`);
    const { stats } = await collect(folder.path('some.txt'), {
      maxRejectsKept: 3,
      rejectFile: folder.path('rejects.jsonl'),
    });
    expect(stats).toMatchObject({ lines: 401, records: 361, rejects: 40 });
    const kept = readFileSync(folder.path('rejects.jsonl'), 'utf8').trim().split('\n');
    expect(kept).toHaveLength(40);
    expect(stats.rejectList).toHaveLength(3);
    expect(JSON.parse(kept[0] ?? '')).toEqual({
      file: 'some.txt',
      line: 2,
      reason: '1 columns where 9 are needed',
      text: 'nonsense',
    });
    writeFileSync(folder.path('many.txt'), spoil(0.25));
    expect(await failure(folder.path('many.txt'))).toMatchObject({ code: 'TOO_MANY_REJECTS' });
    expect((await collect(folder.path('many.txt'), { maxRejectShare: 0.5 })).stats.rejects).toBe(100);
  });

  it('makes a reject of a line beyond the limit without holding it', async () => {
    using folder = temporaryFolder();
    const auth = AUTH.toString();
    writeFileSync(folder.path('long.txt'), `${auth}${'x'.repeat(300_000)}\n${auth}`);
    const { events, stats } = await collect(folder.path('long.txt'), { maxLineBytes: 1000 });
    expect(events).toHaveLength(12);
    expect(stats.rejectList).toMatchObject([{ line: 7, reason: 'longer than 1000 bytes' }]);
    expect(stats.rejectList[0]?.text).toHaveLength(200);
  });

  it('gives batches of the wanted size in the order of the file', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('a.txt'), AUTH);
    writeFileSync(folder.path('b.txt'), MANY);
    const { events } = await collect(folder.root, { batchSize: 100 });
    expect(events.map(({ source }) => source.record)).toEqual([
      ...Array.from({ length: 6 }, (_, i) => i + 1),
      ...Array.from({ length: 5000 }, (_, i) => i + 1),
    ]);
  });
});
