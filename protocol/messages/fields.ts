import Type from 'typebox';

/**
 * Building blocks of the schemas. Lengths are exact wherever the content has one length only; descriptions are what an
 * error says that belongs there.
 */

export const MemberId = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'a name of 1 to 63 lower-case letters, digits and hyphens, the first no hyphen',
});
export const RunId = Type.String({ pattern: '^run-[0-9a-f]{16}$' });
export const Hash = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'a hash in 64 lower-case hexadecimal digits',
});
/** The length stands in the pattern: counting the letters of an answer beside it took twice the time. */
export const Base64Url = (bytes: number, what = `${bytes} bytes`) => {
  const letters = Math.ceil((bytes * 4) / 3);
  return Type.String({
    pattern: `^[A-Za-z0-9_-]{${letters}}$`,
    description: `${what} in ${letters} letters of base64url`,
  });
};
export const Ed25519Key = Base64Url(32, 'an Ed25519 public key');
export const Signature = Base64Url(64, 'an Ed25519 signature');
export const Nonce = Base64Url(32);
/** Round numbers count all rounds of a consortium's epoch, over every run, and are never used twice. */
export const RoundNumber = Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 });
/** A site's or operator's way to the coordinator. */
export const CoordinatorUrl = Type.String({
  pattern: '^https?://[^/]+/?$',
  description: 'an address like https://host:port, without a path',
});
export const Time = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const Name = Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x20-\\x7e]+$' });
/** Error texts come from the other side: short, one line, no control characters, never trusted as more than text. */
export const Text = Type.String({ maxLength: 1024, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]{0,1024}$' });
/** Place of a chunk in the vector, or the one after the last. */
export const Chunk = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 });

export const closed = { additionalProperties: false } as const;
