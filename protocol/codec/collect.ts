import { CordonError, type ErrorDetail } from '../errors.ts';

/**
 * A body that comes in pieces, as one; no more than `limit` bytes of it are ever held.
 * @param next what whoever reads the error is to do
 * @throws CordonError MESSAGE_TOO_LARGE; whatever the pieces throw
 */
export async function collect(
  pieces: AsyncIterable<Uint8Array>,
  limit: number,
  next: ErrorDetail['next'],
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of pieces) {
    total += part.length;
    if (total > limit) {
      throw new CordonError('MESSAGE_TOO_LARGE', { expected: `at most ${limit} bytes`, got: 'more', next });
    }
    parts.push(part);
  }
  const whole = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
