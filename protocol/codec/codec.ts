import { Packr, Unpackr } from 'msgpackr';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { CordonError } from '../errors.ts';
import { CODEC_LIMITS, type CodecLimits } from './limits.ts';
import { describeFault, kindOf } from './fault.ts';
import { scanMessage } from './scan.ts';

const packr = new Packr({
  useRecords: false,
  moreTypes: false,
  variableMapSize: true,
  encodeUndefinedAsNil: false,
});
const unpackr = new Unpackr({
  useRecords: false,
  moreTypes: false,
  mapsAsObjects: true,
  int64AsType: 'number',
});

/** A plain object as MessagePack. @throws CordonError MESSAGE_TOO_LARGE when it would not pass the receiver's limit */
export function encode(value: unknown, limits: CodecLimits = CODEC_LIMITS): Uint8Array {
  const bytes = packr.pack(value);
  if (bytes.length > limits.maxBytes) {
    throw new CordonError('MESSAGE_TOO_LARGE', {
      expected: `at most ${limits.maxBytes} bytes`,
      got: `${bytes.length} bytes`,
      next: 'send large things by the bulk plane',
    });
  }
  return bytes;
}

/**
 * Decodes one message: structural scan, MessagePack, schema - in this order, so that no decoder sees hostile structure
 * and no handler sees a field that the schema does not name.
 * @throws CordonError MESSAGE_TOO_LARGE, MESSAGE_MALFORMED
 */
export function decode<S extends TSchema>(
  schema: S,
  bytes: Uint8Array,
  limits: CodecLimits = CODEC_LIMITS,
): Static<S> {
  scanMessage(bytes, limits);
  const value: unknown = unpackr.unpack(bytes);
  return check(schema, value, 'message');
}

/** Whether a value is of the schema's type. */
export function fits<S extends TSchema>(schema: S, value: unknown): value is Static<S> {
  return compiled(schema)(value);
}

/** The value as the schema's type, or an error that names the first field that is wrong (never its content). */
export function check<S extends TSchema>(schema: S, value: unknown, what: string): Static<S> {
  if (fits(schema, value)) return value;
  const { expected, got } = describeFault(schema, value, { what, show: kindOf });
  const next = 'check the versions of both sides, or the file';
  throw new CordonError('MESSAGE_MALFORMED', { expected, got, next });
}

type Accepts = (value: unknown) => boolean;
const accepts = new WeakMap<TSchema, Accepts>();

/**
 * A schema as a function, made at its first use: walking the schema anew for every message took a tenth of a member's
 * time. The code comes from our own schemas alone, never from a message; where a runtime forbids it, the library walks.
 */
function compiled(schema: TSchema): Accepts {
  const known = accepts.get(schema);
  if (known) return known;
  const validator = Compile(schema);
  const accept: Accepts = (value) => validator.Check(value);
  accepts.set(schema, accept);
  return accept;
}
