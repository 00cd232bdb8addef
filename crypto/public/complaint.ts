import { fromBase64Url, fromHex, toHex } from './encoding.ts';
import { CryptoError } from './errors.ts';
import { LowDegreeTest } from './low-degree.ts';
import type { Contributor } from './contributor-set.ts';
import { PAIR_SECRET_BYTES } from './pair-sizes.ts';
import { SHARE_ELEMENTS } from './params.ts';
import { verifyPair } from './pair-keys.ts';
import type { PublicPrimitives } from './primitives.ts';
import { MAX_COMMITTEE, memberOf } from './roster.ts';
import type { Roster } from './roster.ts';
import { openSealed } from './sealed-share.ts';
import { base64url, checkShape, hash, identifier, integer, list, text } from './shape.ts';
import { expandShare } from './share-plaintext.ts';
import { checkSigned } from './signed.ts';
import type { Transcript } from './transcript.ts';

/** Levels of the tree over the pairs of the largest roster. */
const MAX_PROOF = 10;
/** Letters of the longest sealed share, with room. */
const MAX_SEALED = 21_846;

/**
 * A committee member's proof that the share sealed to it is bad. It reveals the secret of the one pair that the share was
 * sealed to: whoever reads it can open that share, and no other.
 */
export type Complaint = {
  readonly consortium: string;
  readonly epoch: number;
  readonly round: number;
  readonly transcriptHash: string;
  /** Who complains. */
  readonly member: string;
  readonly committeeIndex: number;
  /** Of whom. */
  readonly contributor: string;
  readonly manifestHash: string;
  /** 96 bytes, base64url */
  readonly pairSecret: string;
  /** Place of the pair under the member's `keysRoot`: RFC 9162 inclusion proof, hex, lowest first */
  readonly proof: readonly string[];
  /** The sealed share, base64url */
  readonly sealed: string;
  readonly signature: string;
};

/** What can be wrong with a share that has the hash its manifest promises. */
export type ShareFault = 'does not open' | 'is malformed' | 'does not fit the others';

/**
 * What is wrong with a share that opened, or did not; null for a good one. The recipient and whoever verifies its complaint
 * run this, so they cannot differ.
 * @param plaintext of the sealed share, or null where it did not open; overwritten
 * @param share written over with the elements of a share that opens; the caller overwrites them
 */
export function faultOf(
  primitives: PublicPrimitives,
  test: LowDegreeTest,
  contributor: Pick<Contributor, 'manifest' | 'challengeSeed'>,
  plaintext: Uint8Array | null,
  share: Uint32Array,
): ShareFault | null {
  if (plaintext === null) return 'does not open';
  try {
    expandShare(primitives, plaintext, share);
  } catch {
    return 'is malformed';
  } finally {
    plaintext.fill(0);
  }
  return test.passes(contributor, share) ? null : 'does not fit the others';
}

/** What a complaint is verified against: the round as the verifier knows it. */
export interface ComplaintContext {
  readonly transcript: Transcript;
  readonly transcriptHash: string;
  readonly roster: Roster;
  /** The contributor that it names, with the manifest that is in the log. */
  readonly contributor: Contributor | undefined;
}

/**
 * Checks that a complaint proves its contributor's share bad.
 * @returns what is wrong with the share
 * @throws CryptoError COMPLAINT_INVALID naming who complains, where it proves nothing; SIGNATURE_INVALID
 */
export function verifyComplaint(
  primitives: PublicPrimitives,
  complaint: Complaint,
  { transcript, transcriptHash, roster, contributor }: ComplaintContext,
): ShareFault {
  checkFields(complaint);
  const need: Need = (ok, expected, got) => {
    if (!ok) throw unproven(complaint, expected, got);
  };
  const { member, committeeIndex } = complaint;
  need(complaint.transcriptHash === transcriptHash, `transcript ${transcriptHash}`, complaint.transcriptHash);
  const place = (of: Pick<Complaint, 'consortium' | 'epoch' | 'round'>): string =>
    `${of.consortium}, epoch ${of.epoch}, round ${of.round}`;
  need(place(complaint) === place(transcript), place(transcript), place(complaint));
  const recipient = transcript.committee.find((key) => key.member === member);
  if (recipient?.committeeIndex !== committeeIndex) {
    throw unproven(complaint, 'a committee member of this round', `${member} as number ${committeeIndex}`);
  }
  if (contributor?.manifestHash !== complaint.manifestHash) {
    throw unproven(complaint, `the manifest of ${complaint.contributor} in the log`, 'another one, or none');
  }
  checkSigned(primitives, memberOf(roster, member).signKey, 'cordon/v1/complaint', complaint, {
    who: member,
    what: 'its complaint',
  });
  const sealed = decoded(complaint);
  const promised = contributor.manifest.shares.find((share) => share.committeeIndex === committeeIndex);
  need(
    promised?.hash === toHex(primitives.sha256(sealed)),
    'the sealed bytes that the manifest promises',
    'others',
  );
  const secret = fromBase64Url(complaint.pairSecret, PAIR_SECRET_BYTES);
  const pair = primitives.pairOfSecret(secret);
  const proof = complaint.proof.map((node) => fromHex(node, 32));
  try {
    verifyPair(primitives, recipient, roster, { contributor: complaint.contributor, pair, proof });
  } catch {
    throw unproven(
      complaint,
      `the secret of the pair of ${member} for ${complaint.contributor}`,
      'another one',
    );
  }
  const opened = openSealed(
    primitives,
    { recipient, pair, transcriptHash, contributor: complaint.contributor },
    sealed,
    (x25519, mlkem768) => primitives.agreeWithSecret(secret, x25519, mlkem768),
  );
  const test = new LowDegreeTest(primitives, transcript, roster, committeeIndex);
  const share = new Uint32Array(SHARE_ELEMENTS);
  const fault = faultOf(primitives, test, contributor, opened, share);
  share.fill(0);
  if (fault === null) throw unproven(complaint, 'a share that is bad', 'one that opens and fits the others');
  return fault;
}

type Need = (ok: boolean, expected: string, got: string) => void;

function checkFields(complaint: Complaint): void {
  checkShape('COMPLAINT_INVALID', 'complaint', complaint, {
    consortium: identifier,
    epoch: integer(0),
    round: integer(0),
    transcriptHash: hash,
    member: identifier,
    committeeIndex: integer(1, MAX_COMMITTEE),
    contributor: identifier,
    manifestHash: hash,
    pairSecret: base64url(PAIR_SECRET_BYTES),
    proof: list(0, MAX_PROOF),
    sealed: text(MAX_SEALED),
    signature: base64url(64),
  });
  const bad = complaint.proof.find((node) => !hash.test(node));
  if (bad !== undefined) throw unproven(complaint, 'a proof of hashes', 'something else');
}

function decoded(complaint: Complaint): Uint8Array {
  try {
    return fromBase64Url(complaint.sealed);
  } catch {
    throw unproven(complaint, 'sealed bytes in base64url', 'something else');
  }
}

function unproven({ member, contributor }: Complaint, expected: string, got: string): CryptoError {
  return new CryptoError('COMPLAINT_INVALID', {
    expected: `${expected}, in the complaint of ${member} about ${contributor}`,
    got,
    next: `keep ${contributor} in the set; look into what is wrong at ${member}`,
  });
}
