import { CanonicalFields } from './canonical.ts';
import type { Contributor } from './contributor-set.ts';
import { fromBase64Url, toBase64Url } from './encoding.ts';
import { CryptoError } from './errors.ts';
import { CHALLENGE_BYTES, combineElements } from './kernels/share.ts';
import { lagrangeFactors } from './lagrange.ts';
import type { Manifest } from './manifest.ts';
import { MASKS, SHARE_PRIME } from './params.ts';
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
 * The hash from which a manifest's challenge is drawn, 32 bytes.
 * @param fields of the manifest, or of its core
 */
export function challengeSeed(primitives: PublicPrimitives, fields: CanonicalFields): Uint8Array {
  return primitives.sha256(fields.bytes('cordon/v1/low-degree', 'lowDegree', 'signature'));
}

/** Writes the challenge that follows from a seed: the AES-256-CTR key stream under it from a zero block. */
function drawChallenge(primitives: PublicPrimitives, seed: Uint8Array, challenge: Uint8Array): void {
  primitives.keyStream(seed)(new Uint8Array(16), challenge);
}

/** The challenge of a manifest: 8 * 4,096 numbers of 16 bits, combination by combination, little-endian. */
export function lowDegreeChallenge(primitives: PublicPrimitives, core: ManifestCore): Uint8Array {
  const challenge = new Uint8Array(CHALLENGE_BYTES);
  drawChallenge(primitives, challengeSeed(primitives, new CanonicalFields(core)), challenge);
  return challenge;
}

/** The 8 combinations of one share (4,104 elements below 131071): mask r plus the sum of challenge times element. */
export function combineShare(challenge: Uint8Array, share: Uint32Array): Uint32Array {
  return combineElements((area) => area.set(challenge), share);
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
  passes(
    { manifest, challengeSeed: seed }: Pick<Contributor, 'manifest' | 'challengeSeed'>,
    share: Uint32Array,
  ): boolean {
    const published = unpackLowDegree(manifest.lowDegree, this.#threshold);
    const own = combineElements((area) => drawChallenge(this.#primitives, seed, area), share);
    let difference = 0;
    for (let r = 0; r < MASKS; r++) {
      let expected = 0;
      this.#factors.forEach((factor, j) => (expected += factor * (published[j * MASKS + r] ?? 0)));
      difference |= (expected % SHARE_PRIME) ^ (own[r] ?? 0);
    }
    return difference === 0;
  }
}
