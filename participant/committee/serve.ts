import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { shareRange } from '../../crypto/public/manifest.ts';
import type { Answer } from '../../crypto/public/answer.ts';
import type { AnswerJournal } from '../../crypto/secret/answer-journal.ts';
import { answerRound } from '../../crypto/secret/committee-answer.ts';
import { EphemeralKey } from '../../crypto/secret/ephemeral-key.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import type { RoundDiary } from '../federation/diary.ts';
import type { ParticipantModules } from '../modules.ts';

/** What a committee member knows of a round when it is to answer. */
export interface AnswerTask {
  readonly transcriptHash: string;
  /** Verified entries from the announce to the close. */
  readonly entries: readonly SignedLogEntryMessage[];
  readonly ownManifestHash: string | null;
}

export interface ServeModules extends ParticipantModules {
  readonly bulk: BulkClient;
  readonly journal: AnswerJournal;
  readonly diary: RoundDiary;
}

/** The committee member's side of all rounds: a fresh key each, in memory only, and one answer. */
export class CommitteeSeat {
  private readonly modules: ServeModules;
  private readonly committeeIndex: number;
  private current: { round: number; key: EphemeralKey } | null = null;

  private constructor(modules: ServeModules, committeeIndex: number) {
    this.modules = modules;
    this.committeeIndex = committeeIndex;
  }

  /** The seat of this member, or null where the roster gives it none. */
  static of(modules: ServeModules): CommitteeSeat | null {
    const place = modules.roster.committee.indexOf(modules.member);
    return place < 0 ? null : new CommitteeSeat(modules, place + 1);
  }

  /** This round's key; the same one however often it is asked for, until the next round. */
  advertise(round: number): EphemeralKey['public'] {
    if (this.current?.round !== round) {
      this.current?.key.erase();
      const { roster, member, sign } = this.modules;
      const { consortium, epoch } = roster;
      const seat = { consortium, epoch, round, member, committeeIndex: this.committeeIndex };
      this.current = { round, key: EphemeralKey.generate(seat, sign) };
    }
    return this.current.key.public;
  }

  /** The round is over: its key is of no use to anybody any more. */
  retire(): void {
    this.current?.key.erase();
    this.current = null;
  }

  /**
   * Fetches the shares sealed to this member, and answers once. @throws what `answerRound` throws, above all SHARE_INVALID,
   * COHORT_TOO_SMALL, LOG_INVALID, KEY_SPENT (after a restart: the member is silent for this round)
   */
  async answer(round: number, task: AnswerTask): Promise<Answer> {
    const { modules } = this;
    const started = modules.elapsed();
    let bytesDown = 0;
    const fetchSealed = async (set: ContributorSet) => {
      const sizes = set.contributors.map(({ manifest }) => shareRange(manifest, this.committeeIndex).bytes);
      bytesDown = sizes.reduce((sum, size) => sum + size, 0);
      const bytes = await modules.bulk.shares(round, this.committeeIndex, bytesDown);
      const sealed = new Map<string, Uint8Array>();
      let at = 0;
      for (const [place, { member }] of set.contributors.entries()) {
        const size = sizes[place] ?? 0;
        sealed.set(member, bytes.subarray(at, at + size));
        at += size;
      }
      return sealed;
    };
    const key = this.current?.round === round ? this.current.key : null;
    const answer = await answerRound(modules, { ...task, roster: modules.roster, key, fetchSealed });
    modules.failpoint('participant.after-journal', round);
    await modules.diary.record(round, { answerMs: modules.elapsed() - started, bytesDown });
    return answer;
  }
}
