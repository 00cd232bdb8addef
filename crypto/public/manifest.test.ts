import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { mutationsOf } from '../../test/mutate.ts';
import { nodePrimitives as p, systemRandom } from '../identity/node-primitives.ts';
import { SigningKey } from '../identity/signing-key.ts';
import { signFields } from './signed.ts';
import { manifestHash, shareRange, verifyManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { CHUNK_BYTES } from './params.ts';
import { SEALED_SEED_BYTES, SEALED_VECTOR_BYTES } from './sealed-share.ts';

const federation = new TestFederation(4);
const { roster } = federation;
const round = federation.round(1);
const good = round.manifest('org-2');
const verify = (manifest: Manifest, of = round) => verifyManifest(p, manifest, of.transcript, roster);

describe('verifyManifest', () => {
  it('accepts an honest one, with seeds or with vectors for the first t - 1 shares', () => {
    expect(() => verify(good)).not.toThrow();
    const vectors = [1, 2, 3, 4].map(() => systemRandom(SEALED_VECTOR_BYTES));
    expect(() => verify(round.manifest('org-1', vectors))).not.toThrow();
  });

  it('accepts one for a round in which a committee member did not advertise', () => {
    const { committee } = round.transcript;
    const fewer = federation.round(1, { committee: committee.filter((key) => key.committeeIndex !== 2) });
    const manifest = fewer.manifest('org-2');
    expect(manifest.shares.map((share) => share.committeeIndex)).toEqual([1, 3, 4]);
    expect(() => verify(manifest, fewer)).not.toThrow();
  });

  it('forged manifest: any change in any place is refused', () => {
    fc.assert(
      fc.property(mutationsOf(good), (forged) => {
        expect(() => verify(forged as unknown as Manifest)).toThrow('_INVALID');
      }),
      { numRuns: 500 },
    );
  });

  it('forged manifest: signed by somebody else, member or not, is refused', () => {
    const { signature: _, ...fields } = good;
    for (const key of [federation.key('org-3'), federation.coordinator, SigningKey.generate()]) {
      expect(() => verify(signFields(key.sign, 'cordon/v1/manifest', fields))).toThrow('SIGNATURE_INVALID');
    }
  });

  it('forged manifest: a signature made in another domain is refused', () => {
    const { signature: _, ...fields } = good;
    const other = signFields(federation.key('org-2').sign, 'cordon/v1/answer', fields);
    expect(() => verify(other)).toThrow('SIGNATURE_INVALID');
  });

  it('replayed manifest: one of another round is refused', () => {
    expect(() => verify(good, federation.round(2))).toThrow('MANIFEST_INVALID');
  });

  it('replayed manifest: one for another transcript of the same round is refused', () => {
    expect(() => verify(good, federation.round(1))).toThrow('MANIFEST_INVALID');
  });

  it('a stranger is refused', () => {
    const strangers = new TestFederation(5);
    const manifest = strangers.round(1).manifest('org-5');
    const { signature: _, ...fields } = { ...manifest, transcriptHash: round.hash, shares: good.shares };
    const { chunks, blobBytes, lowDegree } = good;
    const own = { ...fields, chunks, blobBytes, lowDegree };
    expect(() => verify(signFields(strangers.key('org-5').sign, 'cordon/v1/manifest', own))).toThrow(
      'ROSTER_INVALID',
    );
  });

  const [a, b, c, d] = good.shares;
  if (!a || !b || !c || !d) throw new Error('no shares');
  it.each<[string, Partial<Manifest>]>([
    ['another number of chunks than the vector takes', { chunks: good.chunks + 1 }],
    ['a blob of another size', { blobBytes: good.blobBytes + 1 }],
    ['a share too few', { shares: [a, b, c] }],
    ['a share twice', { shares: [a, b, c, c] }],
    ['shares out of order', { shares: [b, a, c, d] }],
    ['a share for an index that did not advertise', { shares: [a, b, c, { ...d, committeeIndex: 5 }] }],
    ['a seed where a vector must be', { shares: [a, b, c, { ...d, bytes: SEALED_SEED_BYTES }] }],
    ['a share of odd size', { shares: [a, { ...b, bytes: b.bytes + 1 }, c, d] }],
    ['another transcript', { transcriptHash: '0'.repeat(64) }],
    ['another consortium', { consortium: 'other' }],
    ['another round number', { round: 2 }],
  ])('even with a valid signature: %s is refused', (_, change) => {
    expect(() => verify(round.manifest('org-2', undefined, change))).toThrow('MANIFEST_INVALID');
  });
});

describe('manifest', () => {
  it('the hash covers the signature', () => {
    const other = { ...good, signature: round.manifest('org-2').signature };
    expect(manifestHash(p, other)).not.toBe(manifestHash(p, good));
  });

  it('shareRange: shares follow the chunks without gap to the end of the blob', () => {
    let offset = good.chunks * CHUNK_BYTES;
    for (const share of good.shares) {
      expect(shareRange(good, share.committeeIndex)).toEqual({ offset, bytes: share.bytes });
      offset += share.bytes;
    }
    expect(offset).toBe(good.blobBytes);
    expect(() => shareRange(good, 9)).toThrow('MANIFEST_INVALID');
  });
});
