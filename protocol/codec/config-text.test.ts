import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { CordonError } from '../errors.ts';
import { parseConfig } from './config-text.ts';

const Schema = Type.Object(
  {
    name: Type.String({ maxLength: 20 }),
    port: Type.Integer(),
    list: Type.Optional(Type.Array(Type.Unknown())),
  },
  { additionalProperties: false },
);
const parse = (text: string) => parseConfig(Schema, text, 'configuration test.yaml');

function refusal(text: string): CordonError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof CordonError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

describe('configuration text', () => {
  it('of good YAML, and of JSON, is the typed value', () => {
    expect(parse('name: a\nport: 80\n')).toEqual({ name: 'a', port: 80 });
    expect(parse('{"name": "a", "port": 80}')).toEqual({ name: 'a', port: 80 });
  });

  it('that is wrong names the first field that is', () => {
    const error = refusal('name: a\nport: high\n');
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.expected).toContain('test.yaml');
    expect(error.expected).toBe('port in the configuration test.yaml: a whole number');
    expect(error.got).toBe('the text "high" at port');
    expect(refusal('name: a\n').got).toBe('no port');
    expect(refusal('name: a\nport: 1\nprot: 2\n').got).toBe('a field that is not known: prot');
    expect(refusal('name: a\nprot: 2\n').got).toBe('a field that is not known: prot; did you mean port?');
  });

  it.each([
    ['an alias', 'name: &a x\nport: 1\nlist: [*a]\n'],
    [
      'a billion laughs',
      [
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...Array.from('bcdefghi', (k, i) => `${k}: &${k} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
      ].join('\n'),
    ],
    ['a merge key', 'base: &b {name: a}\n<<: *b\nport: 1\n'],
    ['a tag that nobody knows', 'name: !!js/function "x"\nport: 1\n'],
    ['a local tag', 'name: !secret x\nport: 1\n'],
    ['a key twice', 'name: a\nname: b\nport: 1\n'],
    ['a prototype', '__proto__: {name: a}\nname: a\nport: 1\n'],
    ['two documents', 'name: a\nport: 1\n---\nname: b\nport: 2\n'],
    ['nothing', ''],
    ['a list', '- 1\n'],
    ['broken brackets', 'name: [a\nport: 1\n'],
    ['binary', '%YAML 1.1\n---\nname: !!binary aGk=\nport: 1\n'],
    ['thousands of brackets', '['.repeat(20_000)],
  ])('with %s is refused as CONFIG_INVALID', (_, text) => {
    expect(refusal(text).code).toBe('CONFIG_INVALID');
  });

  it('never gives an object whose prototype the file chose', () => {
    const value = parseConfig(Type.Unknown(), '__proto__: {polluted: true}\n', 'file') as {
      polluted?: unknown;
    };
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
