import { Packr, Unpackr } from 'msgpackr';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { CordonError } from '../errors.ts';
import { CODEC_LIMITS, type CodecLimits } from './limits.ts';
import { plainText } from '../messages/text.ts';
import { scanMessage } from './scan.ts';

/** A field that the schema does not know is named by its sender, so the name is cut. */
const LONGEST_PATH = 100;

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

/** The value as the schema's type, or an error that names the first field that is wrong (never its content). */
export function check<S extends TSchema>(schema: S, value: unknown, what: string): Static<S> {
  if (compiled(schema)(value)) return value as Static<S>;
  const errors = Value.Errors(schema, value);
  const first = errors[0];
  const where = first?.instancePath ? ` at ${plainText(first.instancePath, LONGEST_PATH)}` : '';
  throw new CordonError('MESSAGE_MALFORMED', {
    expected: `a ${what} as its schema says`,
    got: `${first === undefined ? 'something else' : describe(first, errors)}${where}`,
    next: 'check the versions of both sides, or the file',
  });
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

type SchemaError = ReturnType<typeof Value.Errors>[number];

/** An error of the schema in words that name what would be right; the library's own words for the rest. */
function describe(first: SchemaError, errors: readonly SchemaError[]): string {
  if (first.keyword === 'boolean') return 'a field that is not known';
  if (first.keyword !== 'const') return first.message;
  const allowed = errors.flatMap((error) =>
    error.keyword === 'const' && error.instancePath === first.instancePath
      ? String(error.params.allowedValue)
      : [],
  );
  return `something else than ${allowed.join(', ')}`;
}
