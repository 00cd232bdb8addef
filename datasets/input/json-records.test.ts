import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReaderContext } from '../format.ts';
import { jsonLayout, jsonReader } from './json-records.ts';

/** What a reader hands out of `bytes`, written in pieces of `size`. */
function read(
  bytes: string,
  size = 1 << 20,
  maxLineBytes = 1 << 20,
): { values: unknown[]; rejects: string[]; lines: number } {
  const values: unknown[] = [];
  const rejects: string[] = [];
  let lines = 0;
  // Only what jsonReader calls: the rest of a context is the format's.
  const context: Pick<ReaderContext, 'maxLineBytes' | 'line' | 'reject'> = {
    maxLineBytes,
    line: () => void lines++,
    reject: (line, reason) => void rejects.push(`${line} ${reason}`),
  };
  const reader = jsonReader(context as ReaderContext, (buffer, start, end) => {
    try {
      values.push(JSON.parse(buffer.toString('utf8', start, end)));
      return null;
    } catch {
      return 'not JSON';
    }
  });
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length; at += size) reader.write(all.subarray(at, at + size));
  reader.end();
  return { values, rejects, lines };
}

const layouts: Record<string, (values: readonly unknown[]) => string> = {
  lines: (values) => values.map((value) => `${JSON.stringify(value)}\n`).join(''),
  list: (values) => JSON.stringify(values),
  'printed list': (values) => JSON.stringify(values, null, 2),
  'list of lines': (values) => `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]\n`,
  Records: (values) => JSON.stringify({ Records: values }),
  'events, printed, after scalars': (values) =>
    JSON.stringify({ count: 3, next: null, events: values }, null, 1),
  'objects over lines': (values) => values.map((value) => JSON.stringify(value, null, 2)).join('\n'),
};

describe('jsonReader', () => {
  it.each(Object.keys(layouts))('%s: every object once, whatever the chunks are', (layout) => {
    const objects = fc.array(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), {
        noNullPrototype: true,
        minKeys: 1,
        maxKeys: 5,
      }),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(objects, fc.integer({ min: 1, max: 40 }), (values, size) => {
        const text = layouts[layout]?.(values) ?? '';
        const plain: unknown = JSON.parse(JSON.stringify(values));
        expect(read(text, size)).toMatchObject({ values: plain, rejects: [] });
      }),
      { numRuns: 60 },
    );
  });

  it('hands out a line as soon as it has ended, so that a growing log is followed', () => {
    const values: unknown[] = [];
    const context: Pick<ReaderContext, 'maxLineBytes' | 'line'> = {
      maxLineBytes: 100,
      line: () => undefined,
    };
    const reader = jsonReader(context as ReaderContext, (buffer, start, end) => {
      values.push(JSON.parse(buffer.toString('utf8', start, end)));
      return null;
    });
    reader.write(Buffer.from('{"a":1}\n{"a"'));
    expect(values).toEqual([{ a: 1 }]);
    reader.write(Buffer.from(':2}\n'));
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('counts what is no object, what is too long and what ends too early', () => {
    expect(read('[{"a":1}, 7, "x", null, {"a":2}]')).toEqual({
      values: [{ a: 1 }, { a: 2 }],
      rejects: ['2 not a JSON object', '3 not a JSON object', '4 not a JSON object'],
      lines: 5,
    });
    expect(read(`[{"a":1},{"b":"${'x'.repeat(100)}"},{"a":2}]`, 7, 50)).toEqual({
      values: [{ a: 1 }, { a: 2 }],
      rejects: ['2 longer than 50 bytes'],
      lines: 3,
    });
    for (const cut of ['[{"a":1},{"a":', '[{"a":1},', '{"Records":[{"a":1}', '{"Records":[{"a":1}]']) {
      expect(read(cut)).toMatchObject({ values: [{ a: 1 }], rejects: ['2 the document ends too early'] });
    }
    expect(read('{"a":1}\n{"a":\n{"a":2}\n')).toMatchObject({
      values: [{ a: 1 }, { a: 2 }],
      rejects: ['2 not JSON'],
    });
  });

  it('takes an object with other lists for a record', () => {
    expect(jsonLayout('{"class_uid":3002,"observables":[{"name":"x"}]}\n')).toBe('lines');
    expect(jsonLayout('{"a":{"Records":[1]}}\n')).toBe('lines');
    expect(jsonLayout('\uFEFF[{"a":1}]')).toBe('document');
  });
});
