import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyEd25519 } from './verify-ed25519.ts';

describe('a signature that was verified before', () => {
  it('verifies again, and lends its success to no other key, message or signature', () => {
    const secret = ed25519.utils.randomSecretKey();
    const key = ed25519.getPublicKey(secret);
    const other = ed25519.getPublicKey(ed25519.utils.randomSecretKey());
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (message, at) => {
        const signature = ed25519.sign(message, secret);
        const flip = (bytes: Uint8Array) =>
          bytes.map((byte, i) => (i === at % bytes.length ? byte ^ 1 : byte));
        const changed: [Uint8Array, Uint8Array, Uint8Array][] = [
          [other, message, signature],
          [key, flip(message), signature],
          [key, message, flip(signature)],
          // The same bytes one after the other, cut elsewhere.
          [key, message.subarray(1), Uint8Array.of(...signature.subarray(1), message[0] ?? 0)],
        ];
        for (let time = 0; time < 2; time++) {
          expect(verifyEd25519(key, message, signature)).toBe(true);
          for (const triple of changed) expect(verifyEd25519(...triple)).toBe(false);
        }
      }),
      { numRuns: 50 },
    );
  });
});
