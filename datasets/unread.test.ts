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
  ['a.pdf', '%PDF-1.7\n%\xe2\xe3\n', 'a PDF document'],
  ['auth.log', 'Jun  9 06:06:20 combo sshd[1]: Accepted password\n'.repeat(3), 'syslog of an SSH server'],
  ['messages', 'Jun 14 15:16:01 combo su(pam_unix)[1]: session opened\n'.repeat(3), 'syslog'],
  ['CBS.log', '2016-09-28 04:30:31, Info                  CBS    Loaded\n', 'a Windows servicing log (CBS)'],
  ['edges.csv', 'top,bottom,type,count\n10.0.0.1,10.0.0.2,TCP,2\n', 'edges of a graph (VAST 2013, CSV)'],
  ['a.yaml', 'title: X\nid: Y\ncontributors:\n  - A\n  - B\n', 'a YAML file'],
  ['README.txt', '# Title\n\nSome text.\n', 'a text in Markdown'],
  ['LICENSE', 'MIT License\n\nCopyright (c) A\n\nPermission is hereby granted\n', 'a licence'],
  ['map.json', '{"10.0.0.1": "a"}\n', 'a JSON document of another kind'],
  ['some.csv', 'a,b,c\n1,2,3\n4,5,6\n', 'a table (CSV) of another kind'],
  ['logs.7z', Buffer.from('377abcaf271c0004', 'hex'), 'a compressed file (bz2, xz or 7z)'],
  ['a.binetflow', 'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr\n', 'flows of CTU-13 (CSV)'],
];

describe('files that are not read', () => {
  it.each(KNOWN)('%s: says what it is', async (name, bytes, title) => {
    using folder = temporaryFolder();
    writeFileSync(folder.path(name), bytes);
    await expect(collect(folder.root)).rejects.toMatchObject({
      code: 'FORMAT_UNKNOWN',
      expected: expect.stringMatching(/^one of cordon-jsonl, windows-json, /) as string,
      got: `1 file(s), for example ${name}: ${title}: not read`,
      next: expect.stringMatching(/^(?!.*README).{20}/) as string,
    });
  });

  it('says of other files only that no reader recognises them', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('notes'), 'Not data\n');
    await expect(collect(folder.path('notes'))).rejects.toMatchObject({
      got: '1 file(s), for example notes: no reader recognises it',
      next: expect.stringContaining('must be converted first') as string,
    });
    writeFileSync(folder.path('bytes'), Buffer.alloc(100, 3).fill(0, 50));
    await expect(collect(folder.path('bytes'))).rejects.toMatchObject({
      got: '1 file(s), for example bytes: a binary file that no reader recognises',
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
