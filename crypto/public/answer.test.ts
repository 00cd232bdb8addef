import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { mutationsOf } from '../../test/mutate.ts';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { signFields, signedBytes } from './signed.ts';
import { setHash, verifyAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { toBase64Url } from './encoding.ts';

const federation = new TestFederation(4);
const round = federation.round(3);
const set = setHash(p, [
  { member: 'org-1', manifestHash: '1'.repeat(64) },
  { member: 'org-2', manifestHash: '2'.repeat(64) },
  { member: 'org-3', manifestHash: '3'.repeat(64) },
]);
const good = round.answer('org-2', set);
const verify = (answer: Answer, of = round, expected = set) =>
  verifyAnswer(p, answer, of.transcript, expected, federation.roster);

describe('verifyAnswer', () => {
  it('accepts an honest one', () => {
    expect(() => verify(good)).not.toThrow();
    const { signature, ...fields } = good;
    expect(toBase64Url(federation.key('org-2').sign(signedBytes('cordon/v1/answer', fields)))).toBe(
      signature,
    );
  });

  it('any change in any place is refused', () => {
    fc.assert(
      fc.property(mutationsOf(good), (forged) => {
        expect(() => verify(forged as unknown as Answer)).toThrow('_INVALID');
      }),
      { numRuns: 300 },
    );
  });

  it('an answer for another set, round or transcript is refused', () => {
    expect(() => verify(good, round, '0'.repeat(64))).toThrow('ANSWER_INVALID');
    expect(() => verify(good, federation.round(4))).toThrow('ANSWER_INVALID');
    expect(() => verify(good, federation.round(3))).toThrow('ANSWER_INVALID');
  });

  it("an answer under another member's index, or for a seat that did not advertise, is refused", () => {
    const { signature: _, ...fields } = good;
    for (const committeeIndex of [1, 5]) {
      const other = signFields(federation.key('org-2').sign, 'cordon/v1/answer', {
        ...fields,
        committeeIndex,
      });
      expect(() => verify(other)).toThrow('ANSWER_INVALID');
    }
  });

  it('an answer outside the field is refused on arrival: in the log it would keep the others from opening', () => {
    const { signature: _, ...fields } = good;
    const shares = toBase64Url(new Uint8Array(8704).fill(255));
    const other = signFields(federation.key('org-2').sign, 'cordon/v1/answer', { ...fields, shares });
    expect(() => verify(other)).toThrow(/ANSWER_INVALID.*org-2/);
  });

  it('an answer signed by another member is refused', () => {
    const { signature: _, ...fields } = good;
    const other = signFields(federation.key('org-1').sign, 'cordon/v1/answer', fields);
    expect(() => verify(other)).toThrow('SIGNATURE_INVALID');
  });
});

describe('setHash', () => {
  const pair = fc.record({
    member: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,5}$/),
    manifestHash: fc.stringMatching(/^[0-9a-f]{64}$/),
  });

  it('does not depend on the order of uploads, and on everything else', () => {
    const pairs = fc.uniqueArray(pair, { minLength: 2, maxLength: 8, selector: (one) => one.member });
    fc.assert(
      fc.property(pairs, (list) => {
        const hash = setHash(p, list);
        expect(setHash(p, list.toReversed())).toBe(hash);
        expect(setHash(p, list.slice(1))).not.toBe(hash);
        const [first, second, ...rest] = list;
        if (!first || !second || first.manifestHash === second.manifestHash) return;
        const swapped = [
          { ...first, manifestHash: second.manifestHash },
          { ...second, manifestHash: first.manifestHash },
        ];
        expect(setHash(p, [...swapped, ...rest])).not.toBe(hash);
      }),
      { numRuns: 50 },
    );
  });
});
