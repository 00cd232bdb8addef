import type { Answer } from '../public/answer.ts';
import { fromHex, equalBytes, toBase64Url } from '../public/encoding.ts';
import { canonicalJson } from '../public/canonical.ts';
import { contributorSet } from '../public/contributor-set.ts';
import type { Contributor, ContributorSet } from '../public/contributor-set.ts';
import { CryptoError } from '../public/errors.ts';
import { packShare } from '../public/key-shares.ts';
import type { SignedLogEntry } from '../public/log.ts';
import type { PublicPrimitives } from '../public/primitives.ts';
import type { Roster } from '../public/roster.ts';
import { signFields } from '../public/signed.ts';
import type { Sign } from '../public/signed.ts';
import type { AnswerJournal } from './answer-journal.ts';
import type { EphemeralKey } from './ephemeral-key.ts';
import { invalidShare, openShare } from './seal.ts';
import { expandShare, sumShares } from './shares.ts';

export interface AnswerModules {
  readonly primitives: PublicPrimitives;
  /** The member's long-term key. */
  readonly sign: Sign;
  readonly journal: Pick<AnswerJournal, 'lookup' | 'record'>;
}

export interface AnswerRequest {
  readonly roster: Roster;
  /** Of the round this member took part in; it comes from the member's own memory, never with the request. */
  readonly transcriptHash: string;
  /** Entries that this member's LogVerifier accepted, from the announce to the close. */
  readonly entries: readonly SignedLogEntry[];
  /** Null after a restart: keys do not survive one. */
  readonly key: EphemeralKey | null;
  /** Hash of this member's own manifest, if it holds a receipt for one. */
  readonly ownManifestHash: string | null;
  /** Gets the sealed shares for this member, by contributor of the set; asked only once everything else is checked. */
  readonly fetchSealed: (set: ContributorSet) => Promise<ReadonlyMap<string, Uint8Array>>;
}

/**
 * The committee member's part of the opening, in the order of the protocol: S from the log, its own contribution in
 * it, the cohort, every share against its manifest, the sum, signature, journal (synced), key erased, reply.
 * A journalled answer of the round is returned as it is; without key and journal the member is silent.
 * @throws CryptoError LOG_INVALID, MANIFEST_INVALID, SIGNATURE_INVALID, COHORT_TOO_SMALL; SHARE_INVALID naming the
 *   contributor; ALREADY_ANSWERED for another transcript or set than was answered; KEY_SPENT after a restart
 */
export async function answerRound(modules: AnswerModules, request: AnswerRequest): Promise<Answer> {
  const { primitives, sign, journal } = modules;
  const { transcriptHash, key } = request;
  const set = contributorSet(primitives, request.entries, transcriptHash, request.roster);
  const { consortium, round } = set.transcript;
  if (request.ownManifestHash !== null) set.assertIncluded(request.ownManifestHash);
  set.assertCohort();

  const journalled = await journal.lookup(set.transcript);
  if (journalled !== null) {
    key?.erase();
    return sameQuestion(journalled, set);
  }
  const own = ownKey(key, set);
  const sealed = await request.fetchSealed(set);
  const shares = sumShares(opened(set.contributors, (one) => openChecked(primitives, own, set, one, sealed)));
  const answer = signFields(sign, 'cordon/v1/answer', {
    consortium,
    round,
    member: own.public.member,
    committeeIndex: own.public.committeeIndex,
    transcriptHash,
    setHash: set.setHash,
    shares: toBase64Url(packShare(shares)),
  });
  const recorded = await journal.record(set.transcript, answer);
  own.erase();
  return recorded;
}

function sameQuestion(journalled: Answer, set: ContributorSet): Answer {
  if (journalled.transcriptHash === set.transcriptHash && journalled.setHash === set.setHash) {
    return journalled;
  }
  throw new CryptoError('ALREADY_ANSWERED', {
    expected: `set ${journalled.setHash}, which was answered in round ${journalled.round}`,
    got: `set ${set.setHash}`,
    next: 'answer nothing; two sets for one round are evidence against the coordinator',
  });
}

/** The key, if it is the one that this transcript announced for this member. */
function ownKey(key: EphemeralKey | null, set: ContributorSet): EphemeralKey {
  const announced = set.transcript.committee.map((one) => canonicalJson(one));
  if (key === null || !announced.includes(canonicalJson(key.public))) {
    throw new CryptoError('KEY_SPENT', {
      expected: `the ephemeral key that this member advertised for round ${set.transcript.round}`,
      got: key === null ? 'none: it does not survive a restart' : 'a key that the transcript does not name',
      next: 'be silent for this round; the others can open it if the threshold allows',
    });
  }
  key.bind(set.transcriptHash);
  return key;
}

function openChecked(
  primitives: PublicPrimitives,
  key: EphemeralKey,
  set: ContributorSet,
  { member, manifest }: Contributor,
  sealedShares: ReadonlyMap<string, Uint8Array>,
): Uint32Array {
  const sealed = sealedShares.get(member);
  const promised = manifest.shares.find((share) => share.committeeIndex === key.public.committeeIndex);
  if (
    sealed === undefined ||
    promised === undefined ||
    sealed.length !== promised.bytes ||
    !equalBytes(primitives.sha256(sealed), fromHex(promised.hash, 32))
  ) {
    throw invalidShare(member);
  }
  const { transcriptHash } = set;
  const share = openShare(primitives, key, { transcriptHash, contributor: member }, sealed);
  try {
    return expandShare(share);
  } catch {
    throw invalidShare(member);
  } finally {
    share.fill(0);
  }
}

/** Opens one share after the other, so that a single one is in memory, and overwrites each once it is added. */
function* opened(
  contributors: readonly Contributor[],
  open: (contributor: Contributor) => Uint32Array,
): Generator<Uint32Array> {
  for (const contributor of contributors) {
    const values = open(contributor);
    try {
      yield values;
    } finally {
      values.fill(0);
    }
  }
}
