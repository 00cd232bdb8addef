import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from './lines.ts';

function split(
  chunks: readonly Buffer[],
  maxBytes = 1 << 20,
): { lines: string[]; numbers: number[]; tooLong: string[] } {
  const lines: string[] = [];
  const numbers: number[] = [];
  const tooLong: string[] = [];
  const splitter = new LineSplitter(
    (buffer, start, end, line) => {
      lines.push(buffer.toString('utf8', start, end));
      numbers.push(line);
    },
    (head, line) => tooLong.push(`${line}:${head.toString('utf8')}`),
    maxBytes,
  );
  for (const chunk of chunks) splitter.write(chunk);
  splitter.end();
  return { lines, numbers, tooLong };
}

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...sorted].map((from, i) => bytes.subarray(from, sorted[i] ?? bytes.length));
}

const text = fc
  .array(fc.constantFrom('a', 'é', '😀', '\n', '\r\n', ',', '"'), { maxLength: 60 })
  .map((parts) => parts.join(''));

describe('LineSplitter', () => {
  it('gives the lines of String.split for every chunking, multi-byte characters included', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat()), (whole, places) => {
        const expected = whole.split(/\r?\n/);
        if (expected.at(-1) === '') expected.pop();
        expect(split(cut(Buffer.from(whole), places)).lines).toEqual(expected);
      }),
    );
  });

  it('tells long lines from short ones for every chunking and never keeps more than the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 20 }), fc.array(fc.nat()), (lengths, places) => {
        const whole = lengths
          .map((length, i) => String.fromCharCode(97 + (i % 26)).repeat(length))
          .join('\n');
        const found = split(cut(Buffer.from(`${whole}\n`), places), 20);
        const lines = `${whole}\n`.split('\n').slice(0, -1);
        expect(found.lines).toEqual(lines.filter((line) => line.length <= 20));
        const long = lines.flatMap((line, i) => (line.length > 20 ? [`${i + 1}:${line}`] : []));
        expect(found.tooLong).toHaveLength(long.length);
        found.tooLong.forEach((head, i) => expect(long[i]?.startsWith(head)).toBe(true));
      }),
    );
  });

  it('drops a byte order mark before the first line only', () => {
    expect(split([Buffer.from('\uFEFFa\r\n\uFEFFb')]).lines).toEqual(['a', '\uFEFFb']);
  });

  it('numbers lines from one and counts blank lines', () => {
    expect(split([Buffer.from('a\n\nb')])).toMatchObject({ lines: ['a', '', 'b'], numbers: [1, 2, 3] });
  });
});
