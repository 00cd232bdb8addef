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
  it.each<[object, string, string | RegExp]>([
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
    [
      { ...good, opne: true },
      'only known fields in the file',
      'a field that is not known: opne; did you mean open?',
    ],
    [{ ...good, elsewhere: 1 }, 'only known fields in the file', /not known: elsewhere$/],
    [{ ...good, Name: 'b' }, 'only known fields in the file', /not known: Name$/],
    [[good], 'a file: an object with name, noise, layout, share, seats, code, open', 'a list of 1'],
  ])('%j', (value, expected, got) => {
    const told = tell(value);
    expect(told[0]).toBe(expected);
    expect(told[1]).toMatch(got);
  });

  describe('in one of several kinds of object', () => {
    const closed = { additionalProperties: false } as const;
    const kinds = Array.from({ length: 9 }, (_, i) =>
      Type.Object(
        { kind: Type.Literal(`k${i}`), [`a${i}`]: Type.Integer({ minimum: i }), b: Type.Number() },
        closed,
      ),
    );
    const Many = Type.Object({ rule: Type.Union(kinds), list: Type.Array(Type.Union(kinds)) }, closed);
    const good = { kind: 'k8', a8: 8, b: 1 };

    it.each<[unknown, string, string]>([
      [
        { kind: 'k8', a8: 7, b: 1 },
        'a8 in the file: a whole number of at least 8',
        'the number 7 at rule.a8',
      ],
      [{ kind: 'k8', a8: 8 }, 'b in the file: a number', 'no rule.b'],
      [{ ...good, c: 1 }, 'only known fields', 'not known: rule.c'],
      [{ kind: 'k9' }, 'rule.kind in the file: "k0" or "k1" or', 'the text "k9" at rule.kind'],
      [{}, 'rule.kind in the file: "k0" or', 'no rule.kind'],
      [7, 'rule in the file: an object with kind, a0, b or', 'the number 7 at rule'],
    ])('%j is told what it lacks as that kind, or which kinds there are', (rule, expected, got) => {
      const fault = (value: unknown) => describeFault(Many, value, { what: 'file', show: quoted });
      const told = fault({ rule, list: [] });
      expect(told.expected).toContain(expected);
      expect(told.got).toContain(got);
      const inList = fault({ rule: good, list: [good, rule] });
      expect(inList.got).toContain(got.replace('rule', 'list[1]'));
    });
  });

  describe('where a field is missing because it is misspelt', () => {
    const closed = { additionalProperties: false } as const;
    const Way = (kind: string, field: string) =>
      Type.Object({ kind: Type.Literal(kind), [field]: Type.Integer() }, closed);
    const Nested = Type.Object(
      {
        key: Type.String(),
        telemetry: Type.Object({ incidents: Type.String(), events: Type.Optional(Type.String()) }, closed),
        tls: Type.Union([Type.Null(), Type.Object({ certificate: Type.String() }, closed)]),
        way: Type.Union([Way('first', 'length'), Way('second', 'height')]),
        open: Type.Object({ name: Type.String() }),
      },
      closed,
    );
    const all = {
      key: 'k',
      telemetry: { incidents: 'i' },
      tls: null,
      way: { kind: 'first', length: 1 },
      open: { name: 'n' },
    };
    const got = (value: unknown) => describeFault(Nested, value, { what: 'file', show: quoted }).got;
    const { telemetry, ...rest } = all;

    it.each<[unknown, string]>([
      [{ ...rest, telemtry: telemetry }, 'telemtry; did you mean telemetry?'],
      [
        { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, ...rest, telemtry: 1 },
        'telemtry; did you mean telemetry?',
      ],
      [{ ...all, telemetry: { incidnets: 'i' } }, 'telemetry.incidnets; did you mean incidents?'],
      [{ ...all, tls: { certficate: 'c' } }, 'tls.certficate; did you mean certificate?'],
      [{ ...all, way: { kind: 'second', heigth: 1 } }, 'way.heigth; did you mean height?'],
    ])('%j names that one, and the right spelling', (value, field) => {
      expect(got(value)).toBe(`a field that is not known: ${field}`);
    });

    it.each<[unknown, string]>([
      [{ ...rest, logs: telemetry }, 'no telemetry'],
      [{ ...all, open: { nam: 'n' } }, 'no open.name'],
    ])('%j, where nothing is alike or any field may stand, does not', (value, text) => {
      expect(got(value)).toBe(text);
    });

    it('repeats no control character of the name, and no more of it than 100 letters', () => {
      expect(got({ ...rest, 'telemtr\u001b': 1 })).toBe(
        'a field that is not known: telemtr ; did you mean telemetry?',
      );
      expect(got({ ...all, ['x'.repeat(1000)]: 1 }).length).toBeLessThan(130);
    });
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
