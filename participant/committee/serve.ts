import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { shareRange } from '../../crypto/public/manifest.ts';
import type { Answer } from '../../crypto/public/answer.ts';
import type { AnswerJournal } from '../../crypto/secret/answer-journal.ts';
import { answerRound } from '../../crypto/secret/committee-answer.ts';
import { EphemeralKey } from '../../crypto/secret/ephemeral-key.ts';
import { TestedShares } from '../../crypto/secret/tested-shares.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import type { RoundDiary } from '../federation/diary.ts';
import type { ParticipantModules } from '../modules.ts';

export interface ServeModules extends ParticipantModules {
  readonly bulk: BulkClient;
  readonly journal: AnswerJournal;
  readonly diary: RoundDiary;
}

/** One round's key, and the shares that were tested with it. */
interface Service {
  readonly round: number;
  readonly key: EphemeralKey;
  tested: TestedShares | null;
  /** What testing has cost so far. */
  ms: number;
  bytesDown: number;
}

/** The committee member's side of all rounds: a fresh key each, in memory only, and one answer. */
export class CommitteeSeat {
  private readonly modules: ServeModules;
  private readonly committeeIndex: number;
  private current: Service | null = null;

  private constructor(modules: ServeModules, committeeIndex: number) {
    this.modules = modules;
    this.committeeIndex = committeeIndex;
  }

  /** The seat of this member, or null where the roster gives it none. */
  static of(modules: ServeModules): CommitteeSeat | null {
    const place = modules.roster.committee.indexOf(modules.member);
    return place < 0 ? null : new CommitteeSeat(modules, place + 1);
  }

  /** Where in the committee this seat is, from 0 to below 1. */
  get place(): number {
    return (this.committeeIndex - 1) / this.modules.roster.committee.length;
  }

  /** This round's keys; the same ones however often they are asked for, until the next round. */
  advertise(round: number): EphemeralKey {
    if (this.current?.round !== round) {
      this.retire();
      const { roster, member } = this.modules;
      const { consortium, epoch, members } = roster;
      const seat = { consortium, epoch, round, member, committeeIndex: this.committeeIndex };
      const key = EphemeralKey.generate(this.modules, seat, members.length);
      this.current = { round, key, tested: null, ms: 0, bytesDown: 0 };
    }
    return this.current.key;
  }

  /** The round is over: its keys are of no use to anybody any more. */
  retire(): void {
    this.current?.tested?.wipe();
    this.current?.key.erase();
    this.current = null;
  }

  /**
   * Fetches the shares sealed to this member and tests them, once.
   * @param ownManifestHash of this member's own upload, if it holds a receipt for one
   * @throws CryptoError LOG_INVALID where its own upload was left out; SHARE_INVALID where the coordinator gives other bytes
   *   than were uploaded; KEY_SPENT after a restart: the member is silent for this round
   */
  async test(closed: ContributorSet, ownManifestHash: string | null): Promise<TestedShares> {
    if (ownManifestHash !== null) closed.assertIncluded(ownManifestHash);
    const { round } = closed.transcript;
    const service = this.current?.round === round ? this.current : null;
    if (service?.tested) return service.tested;
    const started = this.modules.elapsed();
    const sealed = service ? await this.fetchSealed(closed, service) : new Map<string, Uint8Array>();
    const tested = TestedShares.test(this.modules, { closed, key: service?.key ?? null, sealed });
    if (service) {
      service.tested = tested;
      service.ms += this.modules.elapsed() - started;
    }
    return tested;
  }

  /**
   * Answers once for S, with shares tested before or now.
   * @throws what `test` and `answerRound` throw, above all SHARE_INVALID, COHORT_TOO_SMALL, KEY_SPENT
   */
  async answer(closed: ContributorSet, set: ContributorSet, ownManifestHash: string | null): Promise<Answer> {
    const { modules } = this;
    const { round } = set.transcript;
    const started = modules.elapsed();
    const service = this.current?.round === round ? this.current : null;
    const before = service?.ms ?? 0;
    if (ownManifestHash !== null) closed.assertIncluded(ownManifestHash);
    const tested = service ? await this.test(closed, ownManifestHash) : null;
    const answer = await answerRound(modules, { set, tested });
    modules.failpoint('participant.after-journal', round);
    const answerMs = before + modules.elapsed() - started;
    await modules.diary.record(round, { answerMs, bytesDown: service?.bytesDown ?? 0 });
    return answer;
  }

  private async fetchSealed(
    { transcript, contributors }: ContributorSet,
    service: Service,
  ): Promise<Map<string, Uint8Array>> {
    const sizes = contributors.map(({ manifest }) => shareRange(manifest, this.committeeIndex).bytes);
    service.bytesDown = sizes.reduce((sum, size) => sum + size, 0);
    const bytes = await this.modules.bulk.shares(transcript.round, this.committeeIndex, service.bytesDown);
    const sealed = new Map<string, Uint8Array>();
    let at = 0;
    for (const [place, { member }] of contributors.entries()) {
      const size = sizes[place] ?? 0;
      sealed.set(member, bytes.subarray(at, at + size));
      at += size;
    }
    return sealed;
  }
}
