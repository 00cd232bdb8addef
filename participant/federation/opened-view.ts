import { type Answer, verifyAnswer } from '../../crypto/public/answer.ts';
import { auditOrder } from '../../crypto/public/audit-order.ts';
import {
  type AuditStatement,
  type AuditedSum,
  auditCoverage,
  auditorsNeeded,
  verifyAuditStatement,
} from '../../crypto/public/audit-statement.ts';
import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { fromBase64Url } from '../../crypto/public/encoding.ts';
import { interpolateAnswers } from '../../crypto/public/key-sum.ts';
import { chunksFor } from '../../crypto/public/params.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import type { ParticipantModules } from '../modules.ts';

/** A sum that the coordinator has opened, and its audit, as the log tells them. */
export class OpenedView {
  readonly body: LogBody<'opened'>;
  readonly set: ContributorSet;
  /** K as this member interpolated it from the logged answers; what the coordinator says it is has been compared. */
  readonly keySum: Int32Array;
  readonly chunks: number;
  /** Order in which members are asked to audit. */
  readonly order: readonly string[];
  /** Statements of the log, verified. */
  readonly statements: AuditStatement[] = [];
  private readonly sum: AuditedSum;
  private readonly modules: ParticipantModules;

  /**
   * @param answers of the log, in whatever order
   * @throws CordonError LOG_INVALID; CryptoError for answers that are not what they should be
   */
  constructor(
    body: LogBody<'opened'>,
    set: ContributorSet,
    answers: readonly Answer[],
    modules: ParticipantModules,
  ) {
    const { primitives, roster } = modules;
    const { transcript, transcriptHash, setHash } = set;
    const members = set.members.length;
    requireEqual('transcript', transcriptHash, body.transcriptHash);
    requireEqual('round', transcript.round, body.round);
    requireEqual('run', transcript.run, body.run);
    requireEqual('set', setHash, body.setHash);
    requireEqual('contributors', members, body.members);
    requireEqual('bytes of a sum', 4 * transcript.length, body.sumBytes);
    const sums = answers.map((answer) =>
      verifyAnswer(primitives, answer, transcript, setHash, roster, transcriptHash),
    );
    this.body = body;
    this.set = set;
    this.modules = modules;
    // Where answers contradict each other the log says with which of them the sum opened; its auditors try that.
    const isLogged = (keySum: Int32Array) => equalKeySum(keySum, body.keySum);
    this.keySum = interpolateAnswers(roster.threshold, sums, members, isLogged).keySum;
    if (!isLogged(this.keySum)) throw unfounded('the key sum that follows from the answers', 'another one');
    this.chunks = chunksFor(transcript.length, transcript.layout);
    this.order = auditOrder(
      primitives,
      transcriptHash,
      roster.members.map(({ id }) => id),
    );
    this.sum = { transcript, transcriptHash, setHash, sumRoot: body.sumRoot };
  }

  /** A statement of the log. @throws CryptoError AUDIT_INVALID, SIGNATURE_INVALID, ROSTER_INVALID */
  accept(statement: AuditStatement): void {
    const { primitives, roster } = this.modules;
    verifyAuditStatement(primitives, statement, this.sum, roster);
    this.statements.push(statement);
  }

  /**
   * Whether the sum counts: it is the one that was opened, and every chunk of it was recomputed and signed for by more
   * members than may collude with the coordinator.
   * @throws CordonError LOG_INVALID
   */
  checkPublish(body: LogBody<'publish'>): void {
    const { run, round, transcriptHash, members, setHash, sumHash } = this.body;
    for (const [what, expected] of Object.entries({
      run,
      round,
      transcriptHash,
      members,
      setHash,
      sumHash,
    })) {
      requireEqual(what, expected, body[what as keyof typeof body]);
    }
    const needed = auditorsNeeded(this.modules.roster);
    const [lacking] = auditCoverage(this.statements, this.chunks, needed);
    if (!lacking) return;
    throw unfounded(
      `statements of ${needed} members for every chunk`,
      `${lacking.members.length} for chunk ${lacking.from}`,
    );
  }
}

function equalKeySum(expected: Int32Array, got: string): boolean {
  const bytes = fromBase64Url(got, 4 * expected.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return expected.every((value, i) => value === view.getInt32(4 * i, true));
}

function requireEqual(what: string, expected: unknown, got: unknown): void {
  if (expected !== got) throw unfounded(`${what} ${String(expected)}`, String(got));
}

function unfounded(expected: string, got: string): CordonError {
  return new CordonError('LOG_INVALID', {
    expected,
    got,
    next: 'take no part: the coordinator publishes a sum that the log does not bear out; tell the consortium',
  });
}
