import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { collect, fixture, temporaryFolder } from './fixtures/collect.ts';
import { makeZip } from './fixtures/zip.ts';
import { inspectDataset } from './inspect.ts';
import { renderInspection } from './inspect-text.ts';

const ROW = '1,U1@D,U1@D,C1,C2,Kerberos,Network,LogOn,Success\n';
const AUTH = readFileSync(fixture('auth.txt'));
const cutGzip = (content: Buffer | string): Buffer => gzipSync(content).subarray(0, -10);

/** A zip file of two entries, of which the first has another checksum than the directory says (APPNOTE 4.3.12). */
function spoiltZip(): Buffer {
  const zip = makeZip({ 'auth.txt': AUTH, 'more.txt': AUTH });
  const checksum = zip.indexOf('PK\x01\x02') + 16;
  zip.writeUInt8((zip[checksum] ?? 0) ^ 1, checksum);
  return zip;
}

describe('a folder of which not all can be read', () => {
  it.each<[string, (path: string) => void, string, string]>([
    ['cut.gz', (path) => writeFileSync(path, cutGzip(AUTH)), 'FILE_TRUNCATED', 'ends too early'],
    ['dangling', (path) => symlinkSync('nowhere', path), 'DATA_NOT_FOUND', 'ENOENT'],
    ['circle', (path) => symlinkSync('circle', path), 'DATA_NOT_FOUND', 'ELOOP'],
    ['cut.zip', (path) => writeFileSync(path, spoiltZip().subarray(0, -30)), 'FILE_TRUNCATED', ''],
    [
      'bad.txt',
      (path) => writeFileSync(path, ROW.repeat(60) + 'x\n'.repeat(60)),
      'TOO_MANY_REJECTS',
      '60 of',
    ],
  ])(
    'is inspected without %s, which is named, and read by nothing else',
    async (name, make, code, reason) => {
      using folder = temporaryFolder();
      copyFileSync(fixture('windows-flat.jsonl'), folder.path('a.jsonl'));
      mkdirSync(folder.path('below'));
      make(folder.path(`below/${name}`));
      copyFileSync(fixture('windows-flat.jsonl'), folder.path('z.jsonl'));
      const alone = await inspectDataset(folder.path('a.jsonl'));
      const found = await inspectDataset(folder.root);
      const counted = found.files.filter(({ file }) => file.endsWith('.jsonl'));
      expect(counted.map(({ events }) => events)).toEqual([alone.events, alone.events]);
      expect(found.skipped).toMatchObject([
        { file: `below/${name}`, code, reason: expect.stringContaining(reason) as string },
      ]);
      expect(found.warnings).toEqual([
        `the counts are incomplete: 1 file could not be read, or not to the end (${code})`,
      ]);
      expect(renderInspection(found)).toContain(`  below/${name}: ${code}: ${found.skipped[0]?.reason}\n`);
      await expect(collect(folder.root)).rejects.toMatchObject({ code });
      await expect(inspectDataset(folder.path(`below/${name}`))).rejects.toMatchObject({ code });
    },
  );

  it('counts what a file gave until it ended, and the other entries of its archive', async () => {
    using folder = temporaryFolder();
    const whole = await inspectDataset(fixture('auth.txt'));
    writeFileSync(folder.path('many.gz'), cutGzip(ROW.repeat(100_000)));
    writeFileSync(folder.path('spoilt.zip'), spoiltZip());
    const found = await inspectDataset(folder.root);
    expect(found.skipped.map(({ file }) => file)).toEqual(['many.gz', 'spoilt.zip/auth.txt']);
    expect(found.files.reduce((sum, { events }) => sum + events, 0)).toBe(found.events);
    const [many, other] = found.files;
    expect(many?.events).toBeGreaterThan(50_000);
    expect(other).toMatchObject({ file: 'spoilt.zip/more.txt', events: whole.events });
  });

  it('is the error of its first file where no other was begun', async () => {
    using folder = temporaryFolder();
    symlinkSync('nowhere', folder.path('dangling'));
    await expect(inspectDataset(folder.root)).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      got: expect.stringContaining('ENOENT') as string,
    });
  });

  it('leaves no warning where files are only of no known kind', async () => {
    using folder = temporaryFolder();
    copyFileSync(fixture('auth.txt'), folder.path('auth.txt'));
    writeFileSync(folder.path('README.txt'), '# Title\n');
    const found = await inspectDataset(folder.root);
    expect(found.skipped).toHaveLength(1);
    expect(found.warnings).toEqual([]);
  });
});
