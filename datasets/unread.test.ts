import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { collect, temporaryFolder } from './fixtures/collect.ts';

const capture = Buffer.alloc(24);
capture.writeUInt32LE(0xa1b2c3d4);
const KNOWN: [name: string, bytes: Buffer | string, title: string][] = [
  ['one.pcap', capture, 'a packet capture (pcap)'],
  ['swapped.pcap', Buffer.from(capture).swap32(), 'a packet capture (pcap)'],
  ['one.pcapng', Buffer.from('0a0d0d0a1c0000004d3c2b1a', 'hex'), 'a packet capture (pcapng)'],
  ['a.binetflow.gz', gzipSync('StartTime,Dur,Proto,SrcAddr,Sport\n'), 'flows of CTU-13 (CSV)'],
  ['a.binetflow', 'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr\n', 'flows of CTU-13 (CSV)'],
];

describe('files that are not read', () => {
  it.each(KNOWN)('%s: says what it is', async (name, bytes, title) => {
    using folder = temporaryFolder();
    writeFileSync(folder.path(name), bytes);
    await expect(collect(folder.root)).rejects.toMatchObject({
      code: 'FORMAT_UNKNOWN',
      expected: expect.stringMatching(/^one of cordon-jsonl, windows-json, /) as string,
      got: `1 file(s), for example ${name}: ${title}: not read yet`,
      next: expect.not.stringContaining('README') as string,
    });
  });

  it('says of other files only that no reader recognises them', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('notes.md'), '# Not data\n');
    await expect(collect(folder.root)).rejects.toMatchObject({
      got: '1 file(s), for example notes.md: no reader recognises it',
    });
  });

  it('tells a folder with hidden files alone from an empty one', async () => {
    using folder = temporaryFolder();
    await expect(collect(folder.root)).rejects.toMatchObject({ got: 'an empty folder' });
    mkdirSync(folder.path('.git'));
    writeFileSync(folder.path('.auth.txt'), 'x');
    await expect(collect(folder.root)).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      got: 'no readable file (hidden ones are not read)',
    });
  });
});
