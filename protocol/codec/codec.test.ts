import fc from 'fast-check';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { CordonError } from '../errors.ts';
import { ClientMessage, ServerMessage } from '../messages/control.ts';
import { SignedLogEntryMessage } from '../messages/log-entry.ts';
import { check, decode, encode } from './codec.ts';
import { CODEC_LIMITS } from './limits.ts';
import { decodePlain } from '../../test/plain-msgpack.ts';

const Anything = Type.Unknown();

/** Plain data as the messages have it; -0 is left out because canonical JSON has none. */
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
    fc.maxSafeInteger(),
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(
      fc
        .string({ unit: 'grapheme', maxLength: 12 })
        .filter(
          (key) => Buffer.byteLength(key) <= 64 && !['__proto__', 'constructor', 'prototype'].includes(key),
        ),
      tie('value'),
      { maxKeys: 6, noNullPrototype: true },
    ),
  ),
})).value;

function refusal(work: () => unknown): CordonError {
  try {
    work();
  } catch (error) {
    if (error instanceof CordonError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('codec', () => {
  it('what it encodes passes the scan, comes back the same, and an independent decoder reads the same', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const bytes = encode(value);
        expect(decode(Anything, bytes)).toEqual(value);
        expect(decodePlain(bytes)).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('random bytes give a CordonError or a value of the schema, never anything else', () => {
    for (const schema of [ClientMessage, ServerMessage, SignedLogEntryMessage, Anything]) {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
          try {
            decode(schema, bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(CordonError);
          }
        }),
        { numRuns: 1000 },
      );
    }
  });

  it('text of half a surrogate pair does not leave as something that the receiver reads differently', () => {
    expect(refusal(() => decode(Anything, encode('\ud800'))).code).toBe('MESSAGE_MALFORMED');
  });

  it('an undefined field is refused by the receiver instead of becoming an extension type', () => {
    expect(refusal(() => decode(Anything, encode({ a: undefined }))).code).toBe('MESSAGE_MALFORMED');
  });

  it('refuses to send what the receiver would refuse as too large', () => {
    expect(refusal(() => encode('x'.repeat(CODEC_LIMITS.maxBytes))).code).toBe('MESSAGE_TOO_LARGE');
  });

  it('names the field that is wrong and never repeats its content', () => {
    const schema = Type.Object(
      {
        id: Type.String({ pattern: '^[a-z]+$', maxLength: 8 }),
        n: Type.Integer({ minimum: 1 }),
        role: Type.Literal('member'),
      },
      { additionalProperties: false },
    );
    const good = { id: 'abc', n: 1, role: 'member' };
    const secret = 'SECRET-2718281828';
    for (const bad of [
      { ...good, id: secret },
      { ...good, n: secret },
      { ...good, role: secret },
      { ...good, extra: secret },
      { id: secret },
      secret,
      [secret],
      null,
    ]) {
      const error = refusal(() => check(schema, bad, 'message'));
      expect(error.code).toBe('MESSAGE_MALFORMED');
      expect(JSON.stringify(error.toWire())).not.toContain(secret);
    }
    expect(refusal(() => check(schema, { ...good, n: 0 }, 'message')).got).toBe('a number at n');
  });

  it('an unknown field with an endless or unprintable name does not reach the error whole', () => {
    const schema = Type.Object({}, { additionalProperties: false });
    const error = refusal(() => check(schema, { [`\u001b[2J${'x'.repeat(10_000)}`]: 1 }, 'file'));
    expect(error.got.length).toBeLessThan(200);
    expect(error.got).not.toMatch(/\p{Cc}/u);
  });

  it('a schema refuses what it does not name, at every level of a real message', () => {
    const message = {
      type: 'refuse',
      run: 'run-0123456789abcdef',
      round: 1,
      phase: 'collecting',
      code: 'X',
      expected: '',
      got: '',
      next: '',
    };
    expect(decode(ClientMessage, encode(message))).toEqual(message);
    for (const field of Object.keys(message)) {
      const { [field as 'run']: _, ...without } = message;
      expect(refusal(() => decode(ClientMessage, encode(without))).code).toBe('MESSAGE_MALFORMED');
    }
    expect(refusal(() => decode(ClientMessage, encode({ ...message, more: 1 }))).code).toBe(
      'MESSAGE_MALFORMED',
    );
    for (const got of ['a\nb', '\u001b[31m', 'x'.repeat(1025), '\u0301'.repeat(2000)]) {
      expect(refusal(() => decode(ClientMessage, encode({ ...message, got }))).code).toBe(
        'MESSAGE_MALFORMED',
      );
    }
  });
});
