import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from '../codec/codec.ts';
import { RoundFailure, plainFailure } from './runs.ts';

describe('reasons', () => {
  it('whatever anybody wrote into one, its plain form is as the schema says', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constant('\u001b[2J'.repeat(1000)),
      fc.constant('😀'.repeat(800)),
    );
    fc.assert(
      fc.property(text, text, text, (expected, got, next) => {
        const plain = plainFailure({ code: 'ROUND_FAILED', expected, got, next });
        expect(check(RoundFailure, plain, 'reason')).toEqual(plain);
        expect(plainFailure(plain)).toEqual(plain);
      }),
    );
  });
});
