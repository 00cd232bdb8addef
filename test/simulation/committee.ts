import type { Answer } from '../../crypto/public/answer.ts';
import type { Complaint } from '../../crypto/public/complaint.ts';
import { fromBase64Url, toBase64Url } from '../../crypto/public/encoding.ts';
import { pairIndex } from '../../crypto/public/pair-keys.ts';
import { N, SHARE_PRIME } from '../../crypto/public/params.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import type { RoundRecord } from '../../crypto/public/round-record.ts';
import { packField, unpackField } from '../../crypto/public/share-packing.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { answerRound } from '../../crypto/secret/committee-answer.ts';
import { TestedShares } from '../../crypto/secret/tested-shares.ts';
import { sealedFor } from '../crypto-contribution.ts';
import type { Contribution } from '../crypto-contribution.ts';
import type { TestFederation, TestRound } from '../crypto-federation.ts';

/** The committee members of a simulated round: each has its keys in memory, its journal on what counts as disk. */
export class Committee {
  /** Answers that are not the true ones, though signed. */
  readonly lies = new Set<Answer>();
  readonly #federation: TestFederation;
  readonly #primitives: PublicPrimitives;
  readonly #tested = new Map<string, TestedShares>();
  readonly #journals = new Map<string, Answer>();
  /** Members that have lost what they had in memory. */
  readonly #restarted = new Set<string>();

  constructor(federation: TestFederation, primitives: PublicPrimitives) {
    this.#federation = federation;
    this.#primitives = primitives;
  }

  restart(member: string): void {
    this.#restarted.add(member);
    this.#tested.delete(member);
  }

  /** The member's shares, opened and tested once; null where it has no key or there is nothing to test. */
  test(
    member: string,
    round: TestRound,
    record: RoundRecord | null,
    uploads: readonly Contribution[],
  ): TestedShares | null {
    const closed = record?.closed ?? null;
    if (closed === null || this.#restarted.has(member) || !this.#serves(round, member)) return null;
    const own = closed.find(member);
    if (own) closed.assertIncluded(own.manifestHash);
    const { roster } = this.#federation;
    const known = this.#tested.get(member);
    if (known !== undefined) return known;
    const tested = TestedShares.test(
      { primitives: this.#primitives, roster, sign: this.#federation.key(member).sign },
      { closed, key: round.ephemeral(member), sealed: sealedFor(uploads, member) },
    );
    this.#tested.set(member, tested);
    return tested;
  }

  /** What the member answers; another point than the true one where it is not honest; null for silence. */
  async answer(
    member: string,
    round: TestRound,
    record: RoundRecord | null,
    uploads: readonly Contribution[],
    honest: boolean,
  ): Promise<Answer | null> {
    const set = record?.set ?? null;
    if (set === null || !this.#serves(round, member)) return null;
    const journalled = this.#journals.get(member) ?? null;
    const tested = journalled === null ? this.test(member, round, record, uploads) : null;
    // A member that finds a bad share in S keeps its answer to itself.
    if (journalled === null && (!tested || tested.complaints.some((one) => set.find(one.contributor)))) {
      return null;
    }
    const answer = await answerRound(
      {
        primitives: this.#primitives,
        sign: this.#federation.key(member).sign,
        journal: {
          lookup: () => Promise.resolve(journalled),
          record: (_key, made) => {
            this.#journals.set(member, made);
            return Promise.resolve(made);
          },
        },
      },
      { set, tested },
    );
    return honest ? answer : this.#falsified(answer);
  }

  /** A complaint about an honest contributor, with all that the member could show: its pair's secret, its very bytes. */
  falseComplaint(
    member: string,
    round: TestRound,
    record: RoundRecord | null,
    uploads: readonly Contribution[],
  ): Complaint | null {
    const tested = this.test(member, round, record, uploads);
    if (!tested || tested.key.erased) return null;
    const bad = new Set(tested.complaints.map(({ contributor }) => contributor));
    const victim = tested.closed.contributors.find((one) => !bad.has(one.member));
    const sealed = sealedFor(uploads, member).get(victim?.member ?? '');
    if (!victim || !sealed) return null;
    const { transcript, transcriptHash } = tested.closed;
    return signFields(this.#federation.key(member).sign, 'cordon/v1/complaint', {
      consortium: transcript.consortium,
      epoch: transcript.epoch,
      round: transcript.round,
      transcriptHash,
      member,
      committeeIndex: tested.key.public.committeeIndex,
      contributor: victim.member,
      manifestHash: victim.manifestHash,
      ...tested.key.reveal(transcriptHash, pairIndex(this.#federation.roster, victim.member)),
      sealed: toBase64Url(sealed),
    });
  }

  #serves(round: TestRound, member: string): boolean {
    return round.transcript.committee.some((key) => key.member === member);
  }

  /** Off in one coefficient that depends on the member, and signed all the same. */
  #falsified(answer: Answer): Answer {
    const sums = unpackField(fromBase64Url(answer.shares), N);
    const at = (answer.committeeIndex * 271) % N;
    sums[at] = ((sums[at] ?? 0) + answer.committeeIndex) % SHARE_PRIME;
    const { signature: _, ...fields } = answer;
    const lie = signFields(this.#federation.key(answer.member).sign, 'cordon/v1/answer', {
      ...fields,
      shares: toBase64Url(packField(sums)),
    });
    this.lies.add(lie);
    return lie;
  }
}
