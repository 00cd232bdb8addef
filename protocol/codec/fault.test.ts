import fc from 'fast-check';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { Task } from '../task.ts';
import { ServerMessage } from '../messages/control.ts';
import { RosterFile } from '../messages/epoch.ts';
import { fits } from './codec.ts';
import { describeFault, kindOf, quoted } from './fault.ts';

const Schema = Type.Object(
  {
    name: Type.String({ maxLength: 20 }),
    noise: Type.Optional(Type.Union([Type.Null(), Type.Object({ sigma: Type.Number({ minimum: 0.5 }) })])),
    layout: Type.Union([Type.Literal('3x26'), Type.Literal('4x19')]),
    share: Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 1 }), Type.Null()]),
    seats: Type.Array(Type.Object({ index: Type.Integer({ minimum: 1 }) }), { minItems: 1 }),
    code: Type.String({ pattern: '^[A-Z]+$' }),
    open: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
const good = { name: 'a', layout: '3x26', share: 1, seats: [{ index: 1 }], code: 'A' };
const tell = (value: unknown, show = quoted) => {
  const { expected, got } = describeFault(Schema, value, { what: 'file', show });
  return [expected, got];
};

describe('a fault in words', () => {
  it.each<[object, string, string]>([
    [{ ...good, name: 7 }, 'name in the file: text of at most 20 letters', 'the number 7 at name'],
    [{ ...good, name: 'x'.repeat(21) }, 'name in the file: text of at most 20 letters', '"xxxx'],
    [{ ...good, layout: 'x' }, 'layout in the file: "3x26" or "4x19"', 'the text "x" at layout'],
    [{ ...good, share: 0 }, 'share in the file: a number above 0 and of at most 1 or null', 'the number 0'],
    [
      { ...good, noise: { sigma: -1 } },
      'noise.sigma in the file: a number of at least 0.5',
      'the number -1 at noise.sigma',
    ],
    [{ ...good, noise: {} }, 'noise.sigma in the file: a number of at least 0.5', 'no noise.sigma'],
    [{ ...good, noise: 1 }, 'noise in the file: null or an object with sigma', 'the number 1 at noise'],
    [{ ...good, seats: {} }, 'seats in the file: a list of at least 1', 'an object at seats'],
    [{ ...good, seats: [] }, 'seats in the file: a list of at least 1', 'an empty list at seats'],
    [
      { ...good, seats: [{ index: 1 }, null] },
      'seats[1] in the file: an object with index',
      'null at seats[1]',
    ],
    [
      { ...good, seats: [{}] },
      'seats[0].index in the file: a whole number of at least 1',
      'no seats[0].index',
    ],
    [{ ...good, code: '' }, 'code in the file: text of the form ^[A-Z]+$', 'empty text at code'],
    [{ ...good, open: 'yes' }, 'open in the file: true or false', 'the text "yes" at open'],
    [{ ...good, opne: true }, 'only known fields in the file', 'a field that is not known: opne'],
    [[good], 'a file: an object with name, noise, layout, share, seats, code, open', 'a list of 1'],
  ])('%j', (value, expected, got) => {
    const told = tell(value);
    expect(told[0]).toBe(expected);
    expect(told[1]).toContain(got);
  });

  it('shows no long text, which may be a key, and nothing at all where only the kind is to be told', () => {
    const key = 'k'.repeat(43);
    expect(tell({ ...good, code: key })[1]).toBe('text of 43 letters at code');
    expect(tell({ ...good, code: 'secret' }, kindOf)[1]).toBe('text of 6 letters at code');
    expect(tell({ ...good, name: 31415 }, kindOf)[1]).toBe('a number at name');
  });

  it('speaks plainly of whatever is not a task, a message or a roster file: one line, bounded, no word of the library', () => {
    for (const schema of [Task, ServerMessage, RosterFile]) {
      fc.assert(
        fc.property(fc.jsonValue(), (value) => {
          if (fits(schema, value)) return;
          const { expected, got } = describeFault(schema, value, { what: 'file', show: quoted });
          for (const text of [expected, got]) {
            expect(text).not.toMatch(/must (be|have|match|not)|something else|undefined|\p{Cc}/u);
            expect(text.length).toBeLessThan(1001);
          }
        }),
        { numRuns: 300 },
      );
    }
  });
});
