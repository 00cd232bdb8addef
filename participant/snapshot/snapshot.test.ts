import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SnapshotReader } from './snapshot-reader.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

function sample(): Uint8Array {
  const writer = new SnapshotWriter('sample', 1);
  writer.number(7);
  writer.text('pc');
  writer.bytes(Float64Array.of(1, 2));
  return writer.finish();
}

function takeApart(bytes: Uint8Array): unknown[] {
  const reader = new SnapshotReader(bytes, 'sample', 1);
  const values = [reader.whole('count', 9), reader.text('name', 5), reader.exactly('pair', 16)];
  reader.end();
  return values;
}

describe('snapshots', () => {
  test('numbers, strings of any content and arrays come back bit for bit', () => {
    fc.assert(
      fc.property(
        fc.double(),
        fc.string({ unit: 'binary' }),
        fc.float64Array(),
        fc.uint32Array(),
        (number, text, floats, words) => {
          const writer = new SnapshotWriter('thing', 3);
          writer.number(number);
          writer.text(`${text}\ud800`);
          // A view that begins in the middle of its buffer.
          writer.bytes(floats.subarray(1));
          writer.bytes(words);
          const reader = new SnapshotReader(writer.finish(), 'thing', 3);
          expect(Object.is(reader.number(), number)).toBe(true);
          expect(reader.text('text', 1000)).toBe(`${text}\ud800`);
          expect(new Float64Array(reader.bytes('floats', 1e6))).toEqual(floats.slice(1));
          expect(new Uint32Array(reader.bytes('words', 1e6))).toEqual(words);
          reader.end();
        },
      ),
    );
  });

  test('another kind, another version, a cut and a changed bit are each refused', () => {
    const whole = sample();
    expect(takeApart(whole)).toHaveLength(3);
    expect(() => new SnapshotReader(whole, 'sample', 2)).toThrow('"cordon sample 2"');
    expect(() => new SnapshotReader(whole, 'twin', 1)).toThrow('"cordon twin 1"');
    for (let length = 0; length < whole.length; length++) {
      expect(() => takeApart(whole.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'ENCODING_INVALID' }),
      );
    }
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => takeApart(changed)).toThrow(expect.objectContaining({ code: 'ENCODING_INVALID' }));
    }
  });

  test('a value out of its range, an array too long and bytes left over are refused', () => {
    const reader = new SnapshotReader(sample(), 'sample', 1);
    expect(() => reader.whole('count', 6)).toThrow('count from 0 to 6');
    expect(() => reader.text('name', 1)).toThrow('bytes of name from 0 to 2');
    expect(() => reader.end()).toThrow('nothing behind the last value');
    const writer = new SnapshotWriter('sample', 1);
    writer.number(2 ** 40);
    expect(() => new SnapshotReader(writer.finish(), 'sample', 1).bytes('rows', 2 ** 41)).toThrow(
      `${2 ** 40} more bytes`,
    );
  });
});
