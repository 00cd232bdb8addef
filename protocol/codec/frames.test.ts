import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CordonError } from '../errors.ts';
import { joinFrames, splitFrames } from './frames.ts';
import { CODEC_LIMITS } from './limits.ts';

const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 8 });

describe('frames', () => {
  it('come apart as they were joined, also from the middle of a larger buffer', () => {
    fc.assert(
      fc.property(messages, fc.nat(7), (parts, offset) => {
        const joined = joinFrames(parts);
        const shifted = new Uint8Array(joined.length + offset);
        shifted.set(joined, offset);
        expect(splitFrames(shifted.subarray(offset)).map((part) => [...part])).toEqual(
          parts.map((part) => [...part]),
        );
      }),
    );
  });

  it('cut anywhere but between two frames are refused', () => {
    const parts = [new Uint8Array(3), new Uint8Array(10), new Uint8Array(1)];
    const joined = joinFrames(parts);
    const whole = new Set([0, 7, 21, 26]);
    for (let length = 0; length <= joined.length; length++) {
      const split = () => splitFrames(joined.subarray(0, length));
      if (whole.has(length)) expect(split()).toHaveLength([0, 7, 21, 26].indexOf(length));
      else expect(split).toThrow(CordonError);
    }
  });

  it('that are empty or longer than a message may be are refused', () => {
    expect(() => splitFrames(new Uint8Array(4))).toThrow(CordonError);
    const long = new Uint8Array(CODEC_LIMITS.maxBytes + 5);
    new DataView(long.buffer).setUint32(0, CODEC_LIMITS.maxBytes + 1);
    expect(() => splitFrames(long)).toThrow(CordonError);
    expect(() => splitFrames(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0))).toThrow(CordonError);
  });

  it('of random bytes give whole frames or a CordonError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          expect(joinFrames(splitFrames(bytes))).toEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CordonError);
        }
      }),
    );
  });
});
