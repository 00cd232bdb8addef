import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CordonError } from '../../protocol/errors.ts';
import { makeLabel } from './label.ts';
import { readLabels } from './label-text.ts';

const any = { account: null, source: null, destination: null, uid: null, technique: null, note: null };
const own = makeLabel(
  { ...any, from: 1, to: 2, source: 'a', campaign: 'c', verdict: 'benign' },
  { by: 'ann', at: 1 },
);

/** Values where a field has others, fields missing, fields of other names. */
const near = fc
  .record(
    Object.fromEntries(
      Object.keys(own).map((name) => [
        name,
        fc.oneof(fc.constantFrom(...Object.values(own)), fc.jsonValue({ maxDepth: 1 })),
      ]),
    ),
    { requiredKeys: [] },
  )
  .map((changed) => JSON.stringify({ ...own, ...changed }));
const lines = fc.array(
  fc.oneof(near, fc.json(), fc.string(), fc.constant(JSON.stringify(own)), fc.constant('__proto__')),
  { maxLength: 5 },
);

describe('the text of a label file', () => {
  it('is labels that say what their ids stand for, or one error with the number of a line', () => {
    let [read, refused] = [0, 0];
    fc.assert(
      fc.property(lines, fc.constantFrom('', '\n'), (list, end) => {
        const text = `${list.join('\n')}${end}`;
        try {
          for (const [id, { by, at, type: _type, id: _id, ...said }] of readLabels(text, 'f').active) {
            expect(makeLabel(said, { by, at }).id).toBe(id);
          }
          read++;
        } catch (error) {
          expect(error).toBeInstanceOf(CordonError);
          expect(error).toMatchObject({
            code: 'ENCODING_INVALID',
            expected: expect.stringMatching(/in line [1-9]\d* of f,/) as string,
          });
          refused++;
        }
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(read, refused)).toBeGreaterThan(100);
  });
});
