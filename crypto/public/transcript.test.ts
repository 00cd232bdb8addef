import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { SigningKey } from '../identity/signing-key.ts';
import { verifyEphemeral } from './ephemeral.ts';
import { signedBytes } from './signed.ts';
import type { EphemeralPublic } from './ephemeral.ts';
import { signFields } from './signed.ts';
import { transcriptHash, verifyTranscript } from './transcript.ts';
import type { Transcript } from './transcript.ts';
import { toBase64Url } from './encoding.ts';

const federation = new TestFederation(4);
const { roster } = federation;
const round = federation.round(7);
const good = round.transcript;
const [first, second, third, fourth] = good.committee;
if (!first || !second || !third || !fourth) throw new Error('no committee');

/** The key of `first` with other fields, properly signed by `signer`. */
function resigned(change: Partial<EphemeralPublic>, signer = federation.key('org-1')): EphemeralPublic {
  const { signature: _, ...fields } = { ...first, ...change } as EphemeralPublic;
  return signFields(signer.sign, 'cordon/v1/ephemeral', fields);
}

describe('verifyTranscript', () => {
  it('accepts an honest one, and one whose fourth committee member did not advertise', () => {
    expect(() => verifyTranscript(p, good, roster)).not.toThrow();
    expect(() => verifyTranscript(p, { ...good, committee: [first, second, fourth] }, roster)).not.toThrow();
  });

  it.each<[string, Partial<Transcript>]>([
    ['another consortium', { consortium: 'other' }],
    ['another epoch', { epoch: 2 }],
    ['another roster', { rosterHash: '0'.repeat(64) }],
    ['another round than its ephemeral keys', { round: 8 }],
    ['fewer ephemeral keys than the threshold', { committee: [first, second] }],
    ['an ephemeral key twice', { committee: [first, second, second] }],
    ['ephemeral keys out of order', { committee: [second, first, third] }],
    ['k_min below the roster', { kMin: 2 }],
    ['k_min above the members', { kMin: 5 }],
    ['an unknown layout', { layout: '5x15' as '3x26' }],
    ['a layout name of Object.prototype', { layout: 'constructor' as '3x26' }],
    ['values that overflow a slot when all members contribute', { layout: '4x19', valueBits: 18 }],
    ['a quantiser wider than the values', { quantiser: { clipNorm: 1, bits: 17 } }],
    ['a clip norm of zero', { quantiser: { clipNorm: 0, bits: 16 } }],
    ['a clip norm that is NaN', { quantiser: { clipNorm: Number.NaN, bits: 16 } }],
    ['an empty vector', { length: 0 }],
    ['a vector of half a value', { length: 0.5 }],
    ['a deadline of no time', { deadline: { collectSeconds: 0, graceSeconds: 0 } }],
    ['a negative grace', { deadline: { collectSeconds: 1, graceSeconds: -1 } }],
    ['a model hash with capitals', { modelHash: 'A'.repeat(64) }],
    ['differential privacy that nobody has defined yet', { dp: 1 as unknown as null }],
  ])('refuses %s', (_, change) => {
    expect(() => verifyTranscript(p, { ...good, ...change }, roster)).toThrow('_INVALID');
  });

  it('refuses a value for a offered by the coordinator: a transcript has no such field', () => {
    const withA = { ...good, a: toBase64Url(new Uint8Array(46080)) } as Transcript;
    expect(() => verifyTranscript(p, withA, roster)).toThrow('TRANSCRIPT_INVALID');
  });

  it.each([
    ['raised by the members', new TestFederation(4, { kMin: 4 })],
    ['that three colluding members demand', new TestFederation(5, { cRoster: 3, kMin: 5 })],
  ])("takes the roster's floor of contributors, one %s, and none below it", (_, strict) => {
    const { kMin } = strict.roster;
    const announced = (floor: number) => strict.round(7, { kMin: floor }).transcript;
    expect(() => verifyTranscript(p, announced(kMin), strict.roster)).not.toThrow();
    for (let floor = 3; floor < kMin; floor++) {
      expect(() => verifyTranscript(p, announced(floor), strict.roster)).toThrow(
        expect.objectContaining({
          code: 'TRANSCRIPT_INVALID',
          expected: `kMin from ${kMin} to ${strict.roster.members.length}`,
        }),
      );
    }
  });

  it('refuses a weak roster before anything else', () => {
    const weak = { ...roster, cRoster: 0 };
    expect(() => verifyTranscript(p, good, weak)).toThrow('ROSTER_INVALID');
  });
});

describe('verifyEphemeral', () => {
  it('the signature covers every field: any one changed is refused', () => {
    const changes: Partial<EphemeralPublic>[] = [
      { consortium: 'other' },
      { epoch: 2 },
      { round: 8 },
      { member: 'org-2' },
      { committeeIndex: 2 },
      { keys: 5 },
      { keysRoot: second.keysRoot },
      { signature: second.signature },
    ];
    expect(changes.flatMap((change) => Object.keys(change))).toEqual(Object.keys(first));
    for (const change of changes) {
      expect(() => verifyEphemeral(p, { ...first, ...change }, roster)).toThrow('_INVALID');
    }
  });

  it.each<[string, EphemeralPublic]>([
    ['a member that signs for another seat', resigned({ committeeIndex: 2 })],
    ['a member that signs for another epoch', resigned({ epoch: 2 })],
    ['a member of another consortium', resigned({ consortium: 'other' })],
    ['a key by somebody outside the roster', resigned({}, SigningKey.generate())],
    ['a seat outside the committee', resigned({ committeeIndex: 5 })],
    ['a root that is no hash', resigned({ keysRoot: first.keysRoot.slice(2) })],
    ['fewer pairs than members', resigned({ keys: 3 })],
    ['more pairs than members', resigned({ keys: 5 })],
  ])('refuses %s', (_, key) => {
    expect(() => verifyEphemeral(p, key, roster)).toThrow('_INVALID');
  });

  it('all fields but the signature are what is signed', () => {
    const { signature, ...fields } = first;
    expect(toBase64Url(federation.key('org-1').sign(signedBytes('cordon/v1/ephemeral', fields)))).toBe(
      signature,
    );
  });
});

describe('transcriptHash', () => {
  it('covers every field, the signatures of the ephemeral keys included', () => {
    const seen = new Set([round.hash]);
    const changes: Partial<Transcript>[] = [
      { run: 'run-2' },
      { taskHash: '1'.repeat(64) },
      { modelHash: '2'.repeat(64) },
      { length: 20_001 },
      { kMin: 4 },
      { valueBits: 15 },
      { quantiser: { clipNorm: 1.25, bits: 16 } },
      { deadline: { collectSeconds: 61, graceSeconds: 0 } },
      { committee: [first, second, third] },
      { committee: [{ ...first, signature: second.signature }, second, third, fourth] },
    ];
    for (const change of changes) seen.add(transcriptHash(p, { ...good, ...change }));
    expect(seen.size).toBe(changes.length + 1);
  });
});
