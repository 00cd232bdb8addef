import { setHash } from './answer.ts';
import { CanonicalFields } from './canonical.ts';
import { CryptoError } from './errors.ts';
import { challengeSeed } from './low-degree.ts';
import { manifestHash } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import type { PublicPrimitives } from './primitives.ts';
import type { Transcript } from './transcript.ts';

export interface Contributor {
  readonly member: string;
  readonly manifest: Manifest;
  readonly manifestHash: string;
  /** From which the challenge of the low-degree test is drawn (`low-degree.ts`). */
  readonly challengeSeed: Uint8Array;
}

/** Who sent a manifest, with the hashes of it that are asked for again and again. It verifies nothing. */
export function contributorOf(
  primitives: PublicPrimitives,
  manifest: Manifest,
  fields: CanonicalFields = new CanonicalFields(manifest),
): Contributor {
  return {
    member: manifest.member,
    manifest,
    manifestHash: manifestHash(primitives, manifest, fields),
    challengeSeed: challengeSeed(primitives, fields),
  };
}

/** Contributors of one round, as every party computes them from the log: those that were closed, or S. */
export class ContributorSet {
  readonly transcript: Transcript;
  readonly transcriptHash: string;
  /** In log order. */
  readonly contributors: readonly Contributor[];
  readonly setHash: string;

  constructor(
    primitives: PublicPrimitives,
    transcript: Transcript,
    digest: string,
    contributors: readonly Contributor[],
  ) {
    this.transcript = transcript;
    this.transcriptHash = digest;
    this.contributors = contributors;
    this.setHash = setHash(primitives, contributors);
  }

  /** Member ids in log order. */
  get members(): string[] {
    return this.contributors.map(({ member }) => member);
  }

  find(member: string): Contributor | undefined {
    return this.contributors.find((one) => one.member === member);
  }

  /**
   * For a member that holds a receipt: the coordinator may not leave out of the closed set what it accepted.
   * @throws CryptoError LOG_INVALID
   */
  assertIncluded(ownManifestHash: string): void {
    if (this.contributors.some((one) => one.manifestHash === ownManifestHash)) return;
    throw new CryptoError('LOG_INVALID', {
      expected: `manifest ${ownManifestHash}, for which there is a receipt, in the set`,
      got: 'a set without it',
      next: 'answer nothing for this round; keep the log as evidence and tell the other members',
    });
  }

  /** @throws CryptoError COHORT_TOO_SMALL below the k_min of the transcript */
  assertCohort(): void {
    const { kMin } = this.transcript;
    const got = this.contributors.length;
    if (got >= kMin) return;
    throw new CryptoError('COHORT_TOO_SMALL', {
      expected: `at least ${kMin} contributors`,
      got: String(got),
      next: `the round fails; it needs ${kMin - got} more in another round`,
    });
  }
}
