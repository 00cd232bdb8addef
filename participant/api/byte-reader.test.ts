import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from './byte-reader.ts';

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
}

describe('a stream taken apart', () => {
  it('gives the same runs however it comes, and says where it ends too early', async () => {
    const small = fc.array(fc.nat(40), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(small, small, fc.nat(300), async (sizes, lengths, total) => {
        const bytes = Uint8Array.from({ length: total }, (_, i) => i);
        const reader = new ByteReader(cut(bytes, sizes));
        let at = 0;
        for (const length of lengths) {
          if (at + length > total) {
            await expect(reader.read(length)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
            return;
          }
          expect([...(await reader.read(length))]).toEqual([...bytes.subarray(at, at + length)]);
          at += length;
        }
      }),
    );
  });

  it('lets go of a stream that it does not need to the end', async () => {
    let released = false;
    async function* endless() {
      try {
        for (;;) yield await Promise.resolve(new Uint8Array(10));
      } finally {
        released = true;
      }
    }
    const reader = new ByteReader(endless());
    await reader.read(25);
    await reader.close();
    expect(released).toBe(true);
  });
});
