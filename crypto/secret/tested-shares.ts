import { canonicalJson } from '../public/canonical.ts';
import { type Complaint, faultOf } from '../public/complaint.ts';
import type { Contributor, ContributorSet } from '../public/contributor-set.ts';
import { equalBytes, fromHex, toBase64Url } from '../public/encoding.ts';
import { CryptoError } from '../public/errors.ts';
import { LowDegreeTest } from '../public/low-degree.ts';
import { pairIndex } from '../public/pair-keys.ts';
import { N, SHARE_ELEMENTS } from '../public/params.ts';
import type { PublicPrimitives } from '../public/primitives.ts';
import type { Roster } from '../public/roster.ts';
import { expandShare } from '../public/share-plaintext.ts';
import { signFields } from '../public/signed.ts';
import type { Sign } from '../public/signed.ts';
import type { EphemeralKey } from './ephemeral-key.ts';
import { openShare } from './seal.ts';
import { ADD, TAKE_AWAY, sumShares } from './shares.ts';

export interface TestModules {
  readonly primitives: PublicPrimitives;
  /** The member's long-term key. */
  readonly sign: Sign;
  readonly roster: Roster;
}

/** What a member needs to test its shares. */
export interface TestRequest {
  /** The contributors that were closed, as the member computed them from its log. */
  readonly closed: ContributorSet;
  /** Null after a restart: keys do not survive one. */
  readonly key: EphemeralKey | null;
  /** The sealed shares for this member, by contributor. */
  readonly sealed: ReadonlyMap<string, Uint8Array>;
}

/**
 * A committee member's shares of one round, opened and tested: their sum, and a complaint about each that is bad. Only the
 * sum is kept in clear; a share is opened again where others complain of its contributor.
 */
export class TestedShares {
  readonly closed: ContributorSet;
  readonly key: EphemeralKey;
  readonly complaints: readonly Complaint[];
  readonly #modules: TestModules;
  readonly #sealed: ReadonlyMap<string, Uint8Array>;
  readonly #sum: Uint32Array;

  private constructor(
    modules: TestModules,
    request: TestRequest & { readonly key: EphemeralKey },
    complaints: readonly Complaint[],
    sum: Uint32Array,
  ) {
    this.closed = request.closed;
    this.key = request.key;
    this.complaints = complaints;
    this.#modules = modules;
    this.#sealed = request.sealed;
    this.#sum = sum;
  }

  /**
   * Opens every share, compares it with the manifest, and runs the low-degree test.
   * @throws CryptoError SHARE_INVALID where sealed bytes are not those of the manifest (the coordinator's fault, so nothing
   *   can be proven by it); KEY_SPENT without the key of this transcript
   */
  static test(modules: TestModules, request: TestRequest): TestedShares {
    const { closed, sealed } = request;
    const key = announcedKey(request.key, closed);
    const { committeeIndex } = key.public;
    const test = new LowDegreeTest(modules.primitives, closed.transcript, modules.roster, committeeIndex);
    for (const contributor of closed.contributors)
      requirePromised(modules, contributor, committeeIndex, sealed);
    const bad: Contributor[] = [];
    const sum = sumShares(goodShares(modules, { ...request, key }, test, bad));
    const complaints = bad.map((contributor) => complain(modules, { ...request, key }, contributor));
    return new TestedShares(modules, { ...request, key }, complaints, sum);
  }

  /**
   * The sum of the shares over S.
   * @throws CryptoError SHARE_INVALID where S holds a contributor that this member complains of; LOG_INVALID for a set that
   *   is no part of the closed one
   */
  sumOver(set: ContributorSet): Uint32Array {
    const bad = this.complaints.find(({ contributor }) => set.find(contributor) !== undefined);
    if (bad !== undefined) throw invalidShare(bad.contributor);
    const closed = new Set(this.closed.contributors.map(({ manifestHash }) => manifestHash));
    if (!set.contributors.every(({ manifestHash }) => closed.has(manifestHash))) {
      throw new CryptoError('LOG_INVALID', {
        expected: 'a set out of those that were closed',
        got: 'one with others',
        next: 'answer nothing for this round',
      });
    }
    return sumShares(this.#less(set));
  }

  /** Overwrites the sum; the key is erased on its own. */
  wipe(): void {
    this.#sum.fill(0);
  }

  /** The sum, and again each good share whose contributor is not in S, to be taken away. */
  *#less(set: ContributorSet): Generator<readonly [number, Uint32Array]> {
    yield [ADD, this.#sum];
    const { primitives, roster } = this.#modules;
    for (const { member } of this.closed.contributors) {
      const counted = !this.complaints.some(({ contributor }) => contributor === member);
      if (!counted || set.find(member) !== undefined) continue;
      const place = { transcriptHash: this.closed.transcriptHash, contributor: member };
      const plain = openShare(
        primitives,
        this.key,
        roster,
        place,
        this.#sealed.get(member) ?? new Uint8Array(),
      );
      if (plain === null) throw invalidShare(member);
      const share = expandShare(primitives, plain);
      plain.fill(0);
      try {
        yield [TAKE_AWAY, share.subarray(0, N)];
      } finally {
        share.fill(0);
      }
    }
  }
}

/** The one error for a share that cannot be used, whatever the reason. */
export function invalidShare(contributor: string): CryptoError {
  return new CryptoError('SHARE_INVALID', {
    expected: `the share of ${contributor} that its manifest promises, sealed to this member for this round`,
    got: 'something else',
    next: `answer nothing with ${contributor} in the set; report it to the other members`,
  });
}

/** The key, if it is the one that this transcript announced for this member; bound to it from here on. */
function announcedKey(
  key: EphemeralKey | null,
  { transcript, transcriptHash }: ContributorSet,
): EphemeralKey {
  const announced = transcript.committee.find(({ member }) => member === key?.public.member);
  if (key === null || announced === undefined || canonicalJson(announced) !== canonicalJson(key.public)) {
    throw new CryptoError('KEY_SPENT', {
      expected: `the ephemeral key that this member advertised for round ${transcript.round}`,
      got: key === null ? 'none: it does not survive a restart' : 'a key that the transcript does not name',
      next: 'be silent for this round; the others can open it if the threshold allows',
    });
  }
  key.bind(transcriptHash);
  return key;
}

function requirePromised(
  { primitives }: TestModules,
  { member, manifest }: Contributor,
  committeeIndex: number,
  sealedShares: ReadonlyMap<string, Uint8Array>,
): void {
  const sealed = sealedShares.get(member);
  const promised = manifest.shares.find((share) => share.committeeIndex === committeeIndex);
  const same =
    sealed !== undefined &&
    sealed.length === promised?.bytes &&
    equalBytes(primitives.sha256(sealed), fromHex(promised.hash, 32));
  if (!same) throw invalidShare(member);
}

/** The keys' part of every good share, one after the other, so that a single one is in memory; the bad are noted. */
function* goodShares(
  { primitives, roster }: TestModules,
  { closed, key, sealed }: TestRequest & { readonly key: EphemeralKey },
  test: LowDegreeTest,
  bad: Contributor[],
): Generator<readonly [number, Uint32Array]> {
  const share = new Uint32Array(SHARE_ELEMENTS);
  const part = share.subarray(0, N);
  try {
    for (const contributor of closed.contributors) {
      const place = { transcriptHash: closed.transcriptHash, contributor: contributor.member };
      const bytes = sealed.get(contributor.member) ?? new Uint8Array();
      const plain = openShare(primitives, key, roster, place, bytes);
      const fault = faultOf(primitives, test, contributor, plain, share);
      if (fault === null) yield [ADD, part];
      else bad.push(contributor);
    }
  } finally {
    share.fill(0);
  }
}

function complain(
  { roster, sign }: TestModules,
  { closed, key, sealed }: TestRequest & { readonly key: EphemeralKey },
  contributor: Contributor,
): Complaint {
  const { consortium, epoch, round } = closed.transcript;
  const { member, committeeIndex } = key.public;
  return signFields(sign, 'cordon/v1/complaint', {
    consortium,
    epoch,
    round,
    transcriptHash: closed.transcriptHash,
    member,
    committeeIndex,
    contributor: contributor.member,
    manifestHash: contributor.manifestHash,
    ...key.reveal(closed.transcriptHash, pairIndex(roster, contributor.member)),
    sealed: toBase64Url(sealed.get(contributor.member) ?? new Uint8Array()),
  });
}
