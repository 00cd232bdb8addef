import { setHash } from './answer.ts';
import type { JsonObject } from './canonical.ts';
import { CryptoError } from './errors.ts';
import type { LogEntry, LogKind, SignedLogEntry } from './log.ts';
import { manifestHash, verifyManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import type { PublicPrimitives } from './primitives.ts';
import type { Roster } from './roster.ts';
import { transcriptHash, verifyTranscript } from './transcript.ts';
import type { Transcript } from './transcript.ts';

export interface Contributor {
  readonly member: string;
  readonly manifest: Manifest;
  readonly manifestHash: string;
}

function refuse(expected: string, got: string): never {
  throw new CryptoError('LOG_INVALID', {
    expected,
    got,
    next: 'answer nothing for this round; keep the log as evidence and tell the other members',
  });
}

/** S of one round, as every party computes it from the log. */
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

  /**
   * For a member that holds a receipt: the coordinator may not leave out what it accepted.
   * @throws CryptoError LOG_INVALID
   */
  assertIncluded(ownManifestHash: string): void {
    if (this.contributors.some((one) => one.manifestHash === ownManifestHash)) return;
    refuse(`manifest ${ownManifestHash}, for which there is a receipt, in the set`, 'a set without it');
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

function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function only(entries: readonly LogEntry[], kind: LogKind, digest: string): number {
  const at = entries.flatMap((entry, i) =>
    entry.kind === kind && entry.body['transcriptHash'] === digest ? [i] : [],
  );
  const [first] = at;
  if (first === undefined || at.length > 1) refuse(`one ${kind} of transcript ${digest}`, String(at.length));
  return first;
}

/**
 * S by rule: every manifest in the log between the announce and the close of the transcript, one a member. Entries
 * after the close change nothing. An entry there that is not a valid manifest of this round condemns the log: skipping
 * it would be a choice.
 * @param entries consecutive entries that a `LogVerifier` accepted, from the announce (or earlier) to the close (or later)
 * @throws CryptoError LOG_INVALID, and what `verifyTranscript` and `verifyManifest` throw
 */
export function contributorSet(
  primitives: PublicPrimitives,
  entries: readonly SignedLogEntry[],
  digest: string,
  roster: Roster,
): ContributorSet {
  const plain = entries.map(({ entry }) => entry);
  plain.forEach((entry, i) => {
    const before = plain[i - 1];
    if (before !== undefined && entry.index !== before.index + 1) refuse('consecutive entries', 'a gap');
  });
  const announce = only(plain, 'announce', digest);
  const close = only(plain, 'close', digest);
  if (close < announce) refuse('the close after the announce', 'it before');
  const transcript = announcedTranscript(primitives, plain[announce]?.body, digest);
  verifyTranscript(primitives, transcript, roster);
  checkClose(plain[close]?.body, transcript);
  const contributors: Contributor[] = [];
  for (const { kind, body } of plain.slice(announce + 1, close)) {
    if (kind === 'upload') contributors.push(contributor(primitives, body, transcript, digest, roster));
    if (kind === 'announce' || kind === 'abort' || kind === 'epoch') {
      refuse(`round ${transcript.round} closed before the log goes on to something else`, kind);
    }
  }
  if (new Set(contributors.map(({ member }) => member)).size < contributors.length) {
    refuse('one manifest a member', 'two of one member');
  }
  return new ContributorSet(primitives, transcript, digest, contributors);
}

function announcedTranscript(
  primitives: PublicPrimitives,
  body: JsonObject | undefined,
  digest: string,
): Transcript {
  const value = body?.['transcript'];
  if (!isRecord(value)) refuse('a transcript in the announce', 'none');
  // verifyTranscript checks every field of it
  const transcript = value as unknown as Transcript;
  const actual = transcriptHash(primitives, transcript);
  if (actual !== digest) refuse(`a transcript with hash ${digest}`, actual);
  return transcript;
}

function checkClose(body: JsonObject | undefined, transcript: Transcript): void {
  if (body?.['run'] !== transcript.run || body['round'] !== transcript.round) {
    refuse(`the close of ${transcript.run}, round ${transcript.round}`, 'that of another');
  }
}

function contributor(
  primitives: PublicPrimitives,
  body: JsonObject,
  transcript: Transcript,
  transcriptDigest: string,
  roster: Roster,
): Contributor {
  const value = body['manifest'];
  if (!isRecord(value)) refuse('a manifest in the upload', 'none');
  // verifyManifest checks every field of it
  const manifest = value as unknown as Manifest;
  verifyManifest(primitives, manifest, transcript, roster, transcriptDigest);
  const digest = manifestHash(primitives, manifest);
  if (body['manifestHash'] !== digest) refuse(`manifest hash ${digest} in the upload`, 'another');
  return { member: manifest.member, manifest, manifestHash: digest };
}
