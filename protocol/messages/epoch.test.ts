import { describe, expect, it } from 'vitest';
import { decode, encode } from '../codec/codec.ts';
import { EPOCH_LIMITS, SignedEpochMessage } from './epoch.ts';

const b64 = (bytes: number) => 'A'.repeat(Math.ceil((bytes * 4) / 3));
const name = (i: number) => `${'n'.repeat(59)}${String(i).padStart(4, '0')}`;

/** The largest epoch that there can be: every name of 63 letters, signed by everybody. */
const largest: SignedEpochMessage = {
  roster: {
    consortium: 'c'.repeat(63),
    epoch: 2 ** 31 - 1,
    previous: '0'.repeat(64),
    members: Array.from({ length: 1024 }, (_, i) => ({ id: name(i), index: i + 1, signKey: b64(32) })),
    committee: Array.from({ length: 15 }, (_, i) => name(i)),
    threshold: 15,
    cRoster: 1022,
    cCommittee: 14,
    kMin: 1024,
    coordinatorKey: b64(32),
  },
  signatures: Array.from({ length: 1024 }, (_, i) => ({ member: name(i), signature: b64(64) })),
};

describe('a signed epoch as a message', () => {
  it('of 1,024 members with the longest names fits its limits', () => {
    const bytes = encode(largest, EPOCH_LIMITS);
    expect(decode(SignedEpochMessage, bytes, EPOCH_LIMITS)).toEqual(largest);
  });

  it('of more members, or with more signatures, is refused', () => {
    const [member] = largest.roster.members;
    const [signature] = largest.signatures;
    if (!member || !signature) throw new Error('no member');
    for (const tooLarge of [
      { ...largest, roster: { ...largest.roster, members: [...largest.roster.members, member] } },
      { ...largest, signatures: [...largest.signatures, signature] },
      { ...largest, more: 1 },
    ]) {
      const bytes = encode(tooLarge, { ...EPOCH_LIMITS, maxBytes: 2 ** 20 });
      expect(() => decode(SignedEpochMessage, bytes, EPOCH_LIMITS)).toThrow('not well formed');
    }
  });
});
