import { constants, zstdCompressSync } from 'node:zlib';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/collect.ts';
import { openParts } from './parts.ts';
import { ZstdFrames } from './zstd-frames.ts';

function skippable(bytes: number): Buffer {
  const frame = Buffer.alloc(8 + bytes, 0x28);
  frame.writeUInt32LE(0x184d2a53, 0);
  frame.writeUInt32LE(bytes, 4);
  return frame;
}

async function read(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const part of openParts(path)) for await (const chunk of part.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const frame = fc
  .tuple(fc.nat(3000), fc.nat(255), fc.boolean(), fc.boolean())
  .map(([length, seed, checksum, repeated]) => {
    const data = Buffer.from(Array.from({ length }, (_, i) => (repeated ? seed : (i * (seed + 7919)) >> 3)));
    const params = { [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0 };
    return { data, packed: zstdCompressSync(data, { params }) };
  });

it('cuts at the end of each frame, in whatever pieces the bytes come', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), fc.integer({ min: 1, max: 700 }), (frames, step) => {
      const bytes = Buffer.concat(frames.map(({ packed }) => packed));
      const ends = new Set<number>();
      let end = 0;
      for (const { packed } of frames) ends.add((end += packed.length));
      const splitter = new ZstdFrames();
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += step)
        pieces.push(...splitter.split(bytes.subarray(at, at + step)));
      expect(Buffer.concat(pieces)).toEqual(bytes);
      expect(splitter.end()).toHaveLength(0);
      const cuts = new Set<number>();
      let at = 0;
      for (const piece of pieces) cuts.add((at += piece.length));
      for (const place of ends) expect(cuts.has(place)).toBe(true);
    }),
  );
});

it('reads every frame of a file, skippable ones left out, where Node alone reads the first', async () => {
  using folder = temporaryFolder();
  const parts = ['one\n', '', 'two\n'.repeat(100_000), 'three\n'].map((text) => Buffer.from(text));
  const packed = parts.flatMap((part) => [skippable(20), zstdCompressSync(part)]);
  writeFileSync(folder.path('a'), Buffer.concat([...packed, skippable(0)]));
  expect((await read(folder.path('a'))).equals(Buffer.concat(parts))).toBe(true);
});

it('says FILE_TRUNCATED of a file that ends within a later frame and of other bytes behind a frame', async () => {
  using folder = temporaryFolder();
  const packed = zstdCompressSync(Buffer.from('a,b,c\n'.repeat(1000)));
  for (const tail of [
    packed.subarray(0, 2),
    packed.subarray(0, 6),
    packed.subarray(0, -1),
    Buffer.from('garbage'),
  ]) {
    writeFileSync(folder.path('a'), Buffer.concat([packed, tail]));
    await expect(read(folder.path('a')), tail.toString('hex')).rejects.toMatchObject({
      code: 'FILE_TRUNCATED',
    });
  }
});
