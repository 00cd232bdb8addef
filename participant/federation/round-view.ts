import { type ContributorSet, contributorSet } from '../../crypto/public/contributor-set.ts';
import { fromBase64Url } from '../../crypto/public/encoding.ts';
import { verifyAnswer } from '../../crypto/public/answer.ts';
import type { Answer } from '../../crypto/public/answer.ts';
import { interpolateAnswers } from '../../crypto/public/key-sum.ts';
import type { Transcript } from '../../crypto/public/transcript.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { LogBody, SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { ParticipantModules } from '../modules.ts';

/** One announced round as this member knows it: what the log says of it, and how far this member is. */
export class RoundView {
  readonly transcript: Transcript;
  readonly transcriptHash: string;
  /** From the announce on. */
  readonly entries: SignedLogEntryMessage[] = [];
  over = false;
  /** Hash of this member's manifest, once there is a receipt. */
  contributed: string | null = null;
  /** This member's one answer, and the connection it was last sent on. */
  answer: Answer | null = null;
  answeredOn: string | null = null;
  private readonly modules: ParticipantModules;
  private closedSet: ContributorSet | null = null;

  constructor(body: LogBody<'announce'>, modules: ParticipantModules) {
    this.transcript = body.transcript;
    this.transcriptHash = body.transcriptHash;
    this.modules = modules;
  }

  get round(): number {
    return this.transcript.round;
  }

  /** S, once the round is closed. */
  get set(): ContributorSet | null {
    return this.closedSet;
  }

  /** @throws CryptoError LOG_INVALID and others where the log between announce and close is not what the rule says */
  close(): void {
    const { primitives, roster } = this.modules;
    this.closedSet = contributorSet(primitives, this.entries, this.transcriptHash, roster);
  }

  /**
   * Whether a sum was opened as the protocol says: this transcript, the set that follows from the log, and the key that
   * follows from the committee's answers there. That the sum itself is right needs auditors.
   * @throws CordonError LOG_INVALID; CryptoError for answers that are not what they should be
   */
  checkPublish(body: LogBody<'publish'>): void {
    const { primitives, roster } = this.modules;
    const set = this.closedSet;
    if (!set) throw unfounded('a close of the round before its sum', 'none');
    const pairs: readonly [string, unknown, unknown][] = [
      ['transcript', this.transcriptHash, body.transcriptHash],
      ['round', this.round, body.round],
      ['set', set.setHash, body.setHash],
      ['contributors', set.members.length, body.members],
    ];
    for (const [what, expected, got] of pairs) {
      if (expected !== got) throw unfounded(`${what} ${String(expected)}`, String(got));
    }
    const answers: Answer[] = [];
    for (const { entry } of this.entries) {
      if (entry.kind !== 'answer') continue;
      verifyAnswer(primitives, entry.body.answer, this.transcript, set.setHash, roster);
      answers.push(entry.body.answer);
    }
    const keySum = interpolateAnswers(roster.threshold, answers, set.members.length).keySum;
    const bytes = fromBase64Url(body.keySum, 4 * keySum.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (keySum.some((value, i) => value !== view.getInt32(4 * i, true))) {
      throw unfounded('the key sum that follows from the answers', 'another one');
    }
  }
}

function unfounded(expected: string, got: string): CordonError {
  return new CordonError('LOG_INVALID', {
    expected,
    got,
    next: 'take no part: the coordinator publishes a sum that the log does not bear out; tell the consortium',
  });
}
