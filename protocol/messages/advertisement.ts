import Type, { type Static } from 'typebox';
import { decode, encode } from '../codec/codec.ts';
import { joinFrames } from '../codec/frames.ts';
import { CODEC_LIMITS } from '../codec/limits.ts';
import { CordonError } from '../errors.ts';
import { EphemeralPublicMessage } from './ephemeral-public.ts';
import { closed, RunId } from './fields.ts';

/** Committee member: willing to serve in this round, with these keys. */
const Advertisement = Type.Object({ run: RunId, key: EphemeralPublicMessage }, closed);
export type Advertisement = Static<typeof Advertisement>;

/** Raw bytes of one pair of keys: X25519 and ML-KEM-768. */
const PAIR_BYTES = 32 + 1184;

/** Longest body of an advertisement to a consortium of so many members. */
export function longestAdvertisement(members: number): number {
  return 4 + CODEC_LIMITS.maxBytes + members * PAIR_BYTES;
}

/** The body: the advertisement as a frame, then the pairs as they are. */
export function joinAdvertisement(advertisement: Advertisement, keys: Uint8Array): Uint8Array {
  const frame = joinFrames([encode(advertisement)]);
  const body = new Uint8Array(frame.length + keys.length);
  body.set(frame);
  body.set(keys, frame.length);
  return body;
}

/** @throws CordonError MESSAGE_MALFORMED, MESSAGE_TOO_LARGE for anything else than `joinAdvertisement` makes */
export function splitAdvertisement(body: Uint8Array): Advertisement & { readonly keys: Uint8Array } {
  const length = body.length < 4 ? 0 : new DataView(body.buffer, body.byteOffset).getUint32(0);
  if (length === 0 || length > body.length - 4) {
    throw new CordonError('MESSAGE_MALFORMED', {
      expected: 'an advertisement and its keys',
      got: `${body.length} bytes`,
      next: 'send what the interface description says',
    });
  }
  const advertisement = decode(Advertisement, body.subarray(4, 4 + length));
  return { ...advertisement, keys: body.subarray(4 + length) };
}
