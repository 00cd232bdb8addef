import { CanonicalFields, type JsonObject } from './canonical.ts';
import { type Complaint, type ShareFault, verifyComplaint } from './complaint.ts';
import { type Contributor, ContributorSet, contributorOf } from './contributor-set.ts';
import { CryptoError } from './errors.ts';
import type { LogEntry, SignedLogEntry } from './log.ts';
import { verifyManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import type { PublicPrimitives } from './primitives.ts';
import type { Roster } from './roster.ts';
import { transcriptHash, verifyTranscript } from './transcript.ts';
import type { Transcript } from './transcript.ts';

function refuse(expected: string, got: string): never {
  throw new CryptoError('LOG_INVALID', {
    expected,
    got,
    next: 'answer nothing for this round; keep the log as evidence and tell the other members',
  });
}

/**
 * One round as the log tells it, entry after entry from its announcement: everything is verified once. An entry that is
 * not what the protocol has in that place condemns the log: skipping it would be a choice.
 */
export class RoundRecord {
  readonly transcript: Transcript;
  readonly transcriptHash: string;
  readonly #primitives: PublicPrimitives;
  readonly #roster: Roster;
  #next: number;
  /** The manifest of each member that was verified last, in the log or not yet; of many of one member only one is held. */
  readonly #verified = new Map<string, Contributor>();
  readonly #uploads: Contributor[] = [];
  readonly #removed = new Map<string, ShareFault>();
  #closed: ContributorSet | null = null;
  #set: ContributorSet | null = null;

  /**
   * @param announce the entry that announces this transcript
   * @throws CryptoError LOG_INVALID; TRANSCRIPT_INVALID, ROSTER_INVALID, SIGNATURE_INVALID
   */
  constructor(primitives: PublicPrimitives, roster: Roster, digest: string, announce: LogEntry | undefined) {
    if (announce?.kind !== 'announce') refuse(`one announce of transcript ${digest}`, 'none');
    this.#primitives = primitives;
    this.#roster = roster;
    this.#next = announce.index + 1;
    this.transcript = announcedTranscript(primitives, announce.body, digest);
    this.transcriptHash = digest;
    verifyTranscript(primitives, this.transcript, roster);
  }

  /** The contributors that were closed; complaints may still remove some. Null before the close. */
  get closed(): ContributorSet | null {
    return this.#closed;
  }

  /** S; null before `checked`. */
  get set(): ContributorSet | null {
    return this.#set;
  }

  /** Contributors whose shares are proven bad, and what is wrong with them. */
  get removed(): ReadonlyMap<string, ShareFault> {
    return this.#removed;
  }

  /** @throws CryptoError LOG_INVALID where S does not stand yet */
  requireSet(): ContributorSet {
    if (this.#closed === null) refuse(`the close of transcript ${this.transcriptHash}`, 'none');
    return this.#set ?? refuse(`the set of transcript ${this.transcriptHash}, tested`, 'none');
  }

  /** S as it stands so far: what was closed less what is removed. Null before the close. */
  remaining(): ContributorSet | null {
    const closed = this.#set ?? this.#closed;
    if (closed === null || closed === this.#set || this.#removed.size === 0) return closed;
    const left = closed.contributors.filter(({ member }) => !this.#removed.has(member));
    return new ContributorSet(this.#primitives, this.transcript, this.transcriptHash, left);
  }

  /** Verifies a manifest of this round, once. @throws what `verifyManifest` throws */
  verify(manifest: Manifest): Contributor {
    const fields = new CanonicalFields(manifest);
    const contributor = contributorOf(this.#primitives, manifest, fields);
    const known = this.#verified.get(manifest.member);
    if (known?.manifestHash === contributor.manifestHash) return known;
    verifyManifest(this.#primitives, manifest, this.transcript, this.#roster, this.transcriptHash, fields);
    this.#verified.set(manifest.member, contributor);
    return contributor;
  }

  /**
   * Verifies a complaint about one of the closed contributors.
   * @throws CryptoError COMPLAINT_INVALID where it proves nothing, SIGNATURE_INVALID
   */
  prove(complaint: Complaint): ShareFault {
    const { transcript } = this;
    const contributor = this.#closed?.find(complaint.contributor);
    const context = { transcript, transcriptHash: this.transcriptHash, roster: this.#roster, contributor };
    return verifyComplaint(this.#primitives, complaint, context);
  }

  /** Takes the next entry of the log. @throws CryptoError LOG_INVALID, and whatever the entry breaks */
  accept({ index, kind, body }: LogEntry): void {
    if (index !== this.#next) refuse(`consecutive entries, now ${this.#next}`, String(index));
    this.#next++;
    const ours = body['transcriptHash'] === this.transcriptHash;
    if (ours && kind === 'announce') refuse(`one announce of transcript ${this.transcriptHash}`, 'two');
    if (ours && kind === 'close') this.#close(body);
    else if (ours && kind === 'checked') this.#fix(body);
    else if (this.#closed === null) {
      if (kind === 'upload') this.#upload(body);
      if (kind === 'announce' || kind === 'abort' || kind === 'epoch') {
        refuse(`round ${this.transcript.round} closed before the log goes on to something else`, kind);
      }
    } else if (kind === 'complaint' && this.#set === null) this.#complain(body);
  }

  #upload(body: JsonObject): void {
    const value = body['manifest'];
    if (!isRecord(value)) refuse('a manifest in the upload', 'none');
    // verifyManifest checks every field of it
    const contributor = this.verify(value as unknown as Manifest);
    const { member, manifestHash: digest } = contributor;
    if (body['manifestHash'] !== digest) refuse(`manifest hash ${digest} in the upload`, 'another');
    if (this.#uploads.some((one) => one.member === member))
      refuse('one manifest a member', `two of ${member}`);
    this.#uploads.push(contributor);
  }

  #close(body: JsonObject): void {
    if (this.#closed !== null) refuse(`one close of transcript ${this.transcriptHash}`, 'two');
    this.#requireRound('close', body);
    this.#closed = new ContributorSet(this.#primitives, this.transcript, this.transcriptHash, this.#uploads);
  }

  #complain(body: JsonObject): void {
    const value = body['complaint'];
    if (!isRecord(value)) refuse('a complaint in its entry', 'none');
    // verifyComplaint checks every field of it
    const complaint = value as unknown as Complaint;
    this.#removed.set(complaint.contributor, this.prove(complaint));
  }

  #fix(body: JsonObject): void {
    const set = this.remaining();
    if (set === null || this.#set !== null) {
      refuse(`one check of transcript ${this.transcriptHash}, after its close`, 'another');
    }
    this.#requireRound('check', body);
    if (body['setHash'] !== set.setHash) refuse(`set ${set.setHash}, which follows from the log`, 'another');
    this.#set = set;
  }

  #requireRound(what: string, body: JsonObject): void {
    const { run, round } = this.transcript;
    if (body['run'] === run && body['round'] === round) return;
    refuse(`the ${what} of ${run}, round ${round}`, 'that of another');
  }
}

/**
 * S by rule, from the log of a round: every manifest between the announce and the close of the transcript, one a member,
 * less those of contributors with a proven complaint between the close and the entry `checked`. What follows changes
 * nothing. `RoundRecord` says what condemns the log.
 * @public for whoever checks a log that is at hand whole
 * @param entries consecutive entries that a `LogVerifier` accepted, from the announce (or earlier) to `checked` (or later)
 * @throws CryptoError LOG_INVALID, and what `verifyTranscript`, `verifyManifest` and `verifyComplaint` throw
 */
export function contributorSet(
  primitives: PublicPrimitives,
  entries: readonly SignedLogEntry[],
  digest: string,
  roster: Roster,
): ContributorSet {
  const from = entries.findIndex(
    ({ entry }) => entry.kind === 'announce' && entry.body['transcriptHash'] === digest,
  );
  const record = new RoundRecord(primitives, roster, digest, entries[Math.max(0, from)]?.entry);
  for (const { entry } of entries.slice(from + 1)) record.accept(entry);
  return record.requireSet();
}

function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function announcedTranscript(primitives: PublicPrimitives, body: JsonObject, digest: string): Transcript {
  const value = body['transcript'];
  if (!isRecord(value)) refuse('a transcript in the announce', 'none');
  // verifyTranscript checks every field of it
  const transcript = value as unknown as Transcript;
  const actual = transcriptHash(primitives, transcript);
  if (actual !== digest) refuse(`a transcript with hash ${digest}`, actual);
  return transcript;
}
