import { open } from 'node:fs/promises';

/**
 * A whole file as UTF-8 text, or null where it has more than `mostBytes`; of a file that grows or never ends no more than
 * that is read.
 * @throws what the file system throws
 */
export async function readBoundedText(path: string, mostBytes: number): Promise<string | null> {
  await using file = await open(path);
  const buffer = Buffer.alloc(mostBytes + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    length += bytesRead;
    if (length > mostBytes) return null;
    if (bytesRead === 0) return buffer.toString('utf8', 0, length);
  }
}
