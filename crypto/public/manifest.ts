import { CanonicalFields } from './canonical.ts';
import { toHex } from './encoding.ts';
import { CryptoError } from './errors.ts';
import { unpackLowDegree } from './low-degree.ts';
import { CHUNK_BYTES, chunksFor } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';
import { MAX_COMMITTEE, memberOf } from './roster.ts';
import type { Roster } from './roster.ts';
import { sealedSizes } from './sealed-share.ts';
import { base64url, checkShape, hash, identifier, integer, list, text } from './shape.ts';
import { checkSigned } from './signed.ts';
import { transcriptHash } from './transcript.ts';
import type { Transcript } from './transcript.ts';

export type ManifestShare = {
  readonly committeeIndex: number;
  /** SHA-256 of the sealed bytes, hex */
  readonly hash: string;
  readonly bytes: number;
};

/** A member's signed statement of its one upload: packed chunks in order, then the sealed shares in this order. */
export type Manifest = {
  readonly consortium: string;
  readonly round: number;
  readonly member: string;
  readonly transcriptHash: string;
  readonly chunks: number;
  /** RFC 9162 Merkle root of the packed chunks, hex */
  readonly chunkRoot: string;
  readonly blobBytes: number;
  /** SHA-256 of the whole blob, hex */
  readonly blobHash: string;
  readonly shares: readonly ManifestShare[];
  /** Masked combinations of the shared polynomials at the first t committee positions (`low-degree.ts`), base64url */
  readonly lowDegree: string;
  readonly signature: string;
};

/**
 * SHA-256 of the manifest under its domain, signature included; hex.
 * @param fields of the manifest, where they are at hand
 */
export function manifestHash(
  primitives: PublicPrimitives,
  manifest: Manifest,
  fields: CanonicalFields = new CanonicalFields(manifest),
): string {
  return toHex(primitives.sha256(fields.bytes('cordon/v1/manifest')));
}

function need(ok: boolean, expected: string, got: string): void {
  if (ok) return;
  throw new CryptoError('MANIFEST_INVALID', {
    expected,
    got,
    next: 'refuse the upload; its member must send the update of this round',
  });
}

const FIELDS = {
  consortium: identifier,
  round: integer(0),
  member: identifier,
  transcriptHash: hash,
  chunks: integer(1),
  chunkRoot: hash,
  blobBytes: integer(1),
  blobHash: hash,
  shares: list(1, MAX_COMMITTEE),
  lowDegree: text(MAX_COMMITTEE * 24),
  signature: base64url(64),
};
const SHARE_FIELDS = { committeeIndex: integer(1, MAX_COMMITTEE), hash, bytes: integer(1) };

function checkFields(manifest: Manifest): void {
  checkShape('MANIFEST_INVALID', 'manifest', manifest, FIELDS);
  for (const share of manifest.shares) checkShape('MANIFEST_INVALID', 'share', share, SHARE_FIELDS);
}

/**
 * Checks that a member of the roster signed this manifest for this transcript and that its sizes are the only ones
 * that the transcript allows. The transcript itself has been checked before (`verifyTranscript`).
 * @param digest hash of this transcript, for callers that have computed it
 * @param fields of the manifest, where they are at hand
 * @throws CryptoError MANIFEST_INVALID, ROSTER_INVALID (not a member), SIGNATURE_INVALID
 */
export function verifyManifest(
  primitives: PublicPrimitives,
  manifest: Manifest,
  transcript: Transcript,
  roster: Roster,
  digest: string = transcriptHash(primitives, transcript),
  fields?: CanonicalFields,
): void {
  checkFields(manifest);
  const { shares } = manifest;
  const { committee, length, layout } = transcript;
  need(manifest.transcriptHash === digest, `transcript ${digest}`, manifest.transcriptHash);
  const place = (of: { consortium: string; round: number }): string => `${of.consortium}, round ${of.round}`;
  need(place(manifest) === place(transcript), place(transcript), place(manifest));
  const chunks = chunksFor(length, layout);
  need(manifest.chunks === chunks, `${chunks} chunks`, String(manifest.chunks));
  need(shares.length === committee.length, `${committee.length} shares`, String(shares.length));
  for (const [position, share] of shares.entries()) {
    const index = committee[position]?.committeeIndex;
    need(share.committeeIndex === index, `share ${index} in place ${position}`, `${share.committeeIndex}`);
    const sizes = sealedSizes(position, roster.threshold);
    need(sizes.includes(share.bytes), `share ${index} of ${sizes.join(' or ')} bytes`, String(share.bytes));
  }
  unpackLowDegree(manifest.lowDegree, roster.threshold);
  const blob = chunks * CHUNK_BYTES + shares.reduce((sum, share) => sum + share.bytes, 0);
  need(manifest.blobBytes === blob, `a blob of ${blob} bytes`, String(manifest.blobBytes));
  const { signKey } = memberOf(roster, manifest.member);
  const names = { who: manifest.member, what: 'its manifest' };
  checkSigned(primitives, signKey, 'cordon/v1/manifest', manifest, names, fields);
}

/** Where the sealed share of a committee member lies in the blob. @throws CryptoError MANIFEST_INVALID if nowhere */
export function shareRange(manifest: Manifest, committeeIndex: number): { offset: number; bytes: number } {
  let offset = manifest.chunks * CHUNK_BYTES;
  for (const share of manifest.shares) {
    if (share.committeeIndex === committeeIndex) return { offset, bytes: share.bytes };
    offset += share.bytes;
  }
  throw new CryptoError('MANIFEST_INVALID', {
    expected: `a share for committee member ${committeeIndex}`,
    got: 'none',
    next: 'ask only for the shares of those who advertised a key for this round',
  });
}
