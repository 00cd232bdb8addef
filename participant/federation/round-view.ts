import type { Answer } from '../../crypto/public/answer.ts';
import type { AuditStatement } from '../../crypto/public/audit-statement.ts';
import { RoundRecord } from '../../crypto/public/round-record.ts';
import type { Transcript } from '../../crypto/public/transcript.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { LogBody, SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { ParticipantModules } from '../modules.ts';
import { OpenedView } from './opened-view.ts';
import { unrulyLog } from './unruly-log.ts';

/** One announced round as this member knows it: what the log says of it, and how far this member is. */
export class RoundView {
  readonly transcript: Transcript;
  readonly transcriptHash: string;
  /** From the announce on. */
  readonly entries: SignedLogEntryMessage[] = [];
  over = false;
  /** Hash of this member's manifest, once there is a receipt. */
  contributed: string | null = null;
  /** Site policy, task and model allow this member to help with the opening. */
  allowed = false;
  /** Contributors that this member complained of, and the connection on which it last did. */
  readonly complainedOn = new Map<string, string>();
  /** The connection on which this member last said that it has tested its shares. */
  checkedOn: string | null = null;
  /** This member's one answer, and the connection it was last sent on. */
  answer: Answer | null = null;
  answeredOn: string | null = null;
  /** This member's audit statements, and the connection that each was last sent on. */
  readonly audits = new Map<AuditStatement, string>();
  /** The connection on which this member last said that it does not audit. */
  declinedOn: string | null = null;
  private readonly modules: ParticipantModules;
  private openedSum: OpenedView | null = null;
  private known: RoundRecord | null = null;
  private accepted = 0;
  private condemned: { readonly error: unknown } | null = null;

  private constructor(body: LogBody<'announce'>, modules: ParticipantModules) {
    this.transcript = body.transcript;
    this.transcriptHash = body.transcriptHash;
    this.modules = modules;
  }

  /**
   * The next round of the log. A number names one round: what stands under it at this site (keys, journal, files) is of
   * that one.
   * @throws CordonError LOG_INVALID
   */
  static after(before: RoundView | null, body: LogBody<'announce'>, modules: ParticipantModules): RoundView {
    const { round } = body.transcript;
    if (before && round <= before.round) throw secondRound(before.round, round);
    return new RoundView(body, modules);
  }

  get round(): number {
    return this.transcript.round;
  }

  /**
   * The round as its entries in the log tell it, verified up to the last one; who is in S follows from it.
   * @throws CryptoError LOG_INVALID and others where the log is not what the protocol says, now and ever after
   */
  record(): RoundRecord {
    if (this.condemned) throw this.condemned.error;
    try {
      const { primitives, roster } = this.modules;
      this.known ??= new RoundRecord(primitives, roster, this.transcriptHash, this.entries[0]?.entry);
      this.accepted ||= 1;
      for (const { entry } of this.entries.slice(this.accepted)) {
        this.accepted += 1;
        this.known.accept(entry);
      }
      return this.known;
    } catch (error) {
      this.condemned = { error };
      throw error;
    }
  }

  /** The sum, once the coordinator has opened it. */
  get opened(): OpenedView | null {
    return this.openedSum;
  }

  /** @throws CordonError LOG_INVALID; CryptoError for answers in the log that are not what they should be */
  open(body: LogBody<'opened'>): void {
    const { set } = this.record();
    if (!set) throw unrulyLog('a set that stands before its sum', 'none, or a second one');
    if (this.openedSum) throw unrulyLog('one sum of the round', 'none, or a second one');
    const answers = this.entries.flatMap(({ entry }) => (entry.kind === 'answer' ? [entry.body.answer] : []));
    this.openedSum = new OpenedView(body, set, answers, this.modules);
  }

  /** @throws CordonError LOG_INVALID where the log has no sum that this could belong to */
  requireOpened(): OpenedView {
    if (this.openedSum) return this.openedSum;
    throw unrulyLog('a sum of the round before its audit and its result', 'none, or a second one');
  }
}

function secondRound(last: number, got: number): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: `a round after round ${last}`,
    got: `round ${got}`,
    next: 'take no part: two rounds of one number could be taken for each other; tell the consortium',
  });
}
