import { CordonError } from '../errors.ts';
import { CODEC_LIMITS } from './limits.ts';

/** Several messages in one body: each a big-endian 32-bit length and the message. */
export function joinFrames(messages: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(messages.reduce((sum, message) => sum + 4 + message.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const message of messages) {
    view.setUint32(at, message.length);
    out.set(message, at + 4);
    at += 4 + message.length;
  }
  return out;
}

/** @throws CordonError MESSAGE_MALFORMED for a frame that is empty, longer than a message may be, or cut short */
export function splitFrames(body: Uint8Array): Uint8Array[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const messages: Uint8Array[] = [];
  let at = 0;
  while (at < body.length) {
    const length = at + 4 <= body.length ? view.getUint32(at) : 0;
    if (length === 0 || length > CODEC_LIMITS.maxBytes || at + 4 + length > body.length) {
      throw new CordonError('MESSAGE_MALFORMED', {
        expected: 'whole frames with their length before them',
        got: `a frame of ${length} bytes with ${Math.max(0, body.length - at - 4)} left`,
        next: 'ask again; the answer was probably cut short',
      });
    }
    messages.push(body.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return messages;
}
