import { canonicalBytes } from './canonical.ts';
import { fromBase64Url, toBase64Url } from './encoding.ts';
import { CryptoError } from './errors.ts';
import { requireLength } from './kernels/ring.ts';
import { lagrangeFactors } from './lagrange.ts';
import type { Manifest } from './manifest.ts';
import { MASKS, N, SHARE_ELEMENTS, SHARE_PRIME } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';
import type { Roster } from './roster.ts';
import { packField, unpackField } from './share-packing.ts';
import type { Transcript } from './transcript.ts';

/*
 * That all recipients of a contributor's shares hold values of polynomials of degree below t, shown once by the
 * contributor without a further message: 8 random combinations of its 4,096 polynomials, each with a mask polynomial of its
 * own added, are published; every recipient compares them with the same combinations of what it holds. Challenges of 16
 * bits come from a hash of the manifest (Fiat and Shamir 1986), which commits to every sealed share: shares that fit no
 * such polynomials pass with probability 2^-16 a combination, 2^-128 in all. The masks are uniform, so t - 1 recipients
 * learn nothing from what is published.
 */

/** Bytes of the 8 combinations at one position. */
const POSITION_BYTES = 17;

/** Everything of a manifest that its challenge depends on. */
export type ManifestCore = Omit<Manifest, 'lowDegree' | 'signature'>;

/**
 * The challenge of a manifest: 8 * 4,096 numbers of 16 bits, combination by combination, little-endian from AES-256-CTR
 * under the hash of all its fields but `lowDegree` and `signature`.
 * @param challenge written over, where one is at hand
 */
export function lowDegreeChallenge(
  primitives: PublicPrimitives,
  core: ManifestCore,
  challenge: Uint16Array<ArrayBuffer> = new Uint16Array(MASKS * N),
): Uint16Array {
  const { consortium, round, member, transcriptHash, chunks, chunkRoot, blobBytes, blobHash, shares } = core;
  const fields = {
    consortium,
    round,
    member,
    transcriptHash,
    chunks,
    chunkRoot,
    blobBytes,
    blobHash,
    shares,
  };
  const seed = primitives.sha256(canonicalBytes('cordon/v1/low-degree', fields));
  const bytes = new Uint8Array(challenge.buffer);
  primitives.keyStream(seed)(new Uint8Array(16), bytes);
  if (isLittleEndian) return challenge;
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < challenge.length; i++) challenge[i] = view.getUint16(2 * i, true);
  return challenge;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The 8 combinations of one share: mask r plus the sum of challenge times element. No branch by a value. */
export function combineShare(challenge: Uint16Array, share: Uint32Array): Uint32Array {
  requireLength('a share', share.length, SHARE_ELEMENTS);
  const out = new Uint32Array(MASKS);
  // 4,096 products of 33 bits stay below 2^46: exact in doubles, which are converted to once
  const doubles = new Float64Array(share);
  for (let r = 0; r < MASKS; r++) {
    const row = challenge.subarray(r * N, (r + 1) * N);
    let sum = doubles[N + r] ?? 0;
    for (let i = 0; i < N; i++) sum += (row[i] ?? 0) * (doubles[i] ?? 0);
    out[r] = sum % SHARE_PRIME;
  }
  doubles.fill(0);
  return out;
}

/** What stands in the manifest: the combinations at the first t positions of the committee, one after the other. */
export function packLowDegree(combinations: readonly Uint32Array[]): string {
  return toBase64Url(packField(Uint32Array.from(combinations.flatMap((one) => Array.from(one)))));
}

/** @throws CryptoError MANIFEST_INVALID for another length or an element outside the field */
export function unpackLowDegree(text: string, threshold: number): Uint32Array {
  try {
    return unpackField(fromBase64Url(text, threshold * POSITION_BYTES), threshold * MASKS);
  } catch (error) {
    throw new CryptoError('MANIFEST_INVALID', {
      expected: `${MASKS} combinations at each of ${threshold} positions, packed`,
      got: error instanceof CryptoError ? error.got : 'something else',
      next: 'refuse the upload; its member must send the update of this round',
    });
  }
}

/** The test of one recipient for all manifests of a round. */
export class LowDegreeTest {
  readonly #primitives: PublicPrimitives;
  readonly #threshold: number;
  /** From the first t positions to the recipient's own. */
  readonly #factors: readonly number[];
  /** Of one manifest after the other. */
  readonly #challenge = new Uint16Array(MASKS * N);

  constructor(
    primitives: PublicPrimitives,
    { committee }: Pick<Transcript, 'committee'>,
    { threshold }: Pick<Roster, 'threshold'>,
    committeeIndex: number,
  ) {
    this.#primitives = primitives;
    this.#threshold = threshold;
    const points = committee.slice(0, threshold).map((one) => one.committeeIndex);
    this.#factors = lagrangeFactors(points, committeeIndex);
  }

  /** Whether this recipient's share of the manifest's contributor lies on the published combinations. */
  passes(manifest: Manifest, share: Uint32Array): boolean {
    const published = unpackLowDegree(manifest.lowDegree, this.#threshold);
    const own = combineShare(lowDegreeChallenge(this.#primitives, manifest, this.#challenge), share);
    let difference = 0;
    for (let r = 0; r < MASKS; r++) {
      let expected = 0;
      this.#factors.forEach((factor, j) => (expected += factor * (published[j * MASKS + r] ?? 0)));
      difference |= (expected % SHARE_PRIME) ^ (own[r] ?? 0);
    }
    return difference === 0;
  }
}
