import type { ChunkRange } from './audit-order.ts';
import { CryptoError } from './errors.ts';
import { chunksFor } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';
import { memberOf } from './roster.ts';
import type { Roster } from './roster.ts';
import { base64url, checkShape, hash, identifier, integer } from './shape.ts';
import { checkSigned } from './signed.ts';
import type { Transcript } from './transcript.ts';

/**
 * A member's word that it has fetched the chunks `from` to `to` (exclusive) of every upload of the set, found them to be
 * those that the contributors signed, added them up, opened the sums with the key that follows from the logged answers,
 * and got the values under `sumRoot`.
 */
export type AuditStatement = {
  readonly consortium: string;
  readonly epoch: number;
  readonly round: number;
  readonly member: string;
  readonly transcriptHash: string;
  readonly setHash: string;
  /** RFC 9162 root over the value chunks of the published sum, hex. */
  readonly sumRoot: string;
  readonly from: number;
  readonly to: number;
  readonly signature: string;
};

/** The one sum that a statement of this round may speak of. */
export interface AuditedSum {
  readonly transcript: Transcript;
  readonly transcriptHash: string;
  readonly setHash: string;
  readonly sumRoot: string;
}

/**
 * Checks that a member of the roster signed this statement about this sum.
 * @throws CryptoError AUDIT_INVALID, ROSTER_INVALID (not a member), SIGNATURE_INVALID
 */
export function verifyAuditStatement(
  primitives: PublicPrimitives,
  statement: AuditStatement,
  sum: AuditedSum,
  roster: Roster,
): void {
  const { transcript } = sum;
  const chunks = chunksFor(transcript.length, transcript.layout);
  checkShape('AUDIT_INVALID', 'audit statement', statement, {
    consortium: identifier,
    epoch: integer(0),
    round: integer(0),
    member: identifier,
    transcriptHash: hash,
    setHash: hash,
    sumRoot: hash,
    from: integer(0, chunks - 1),
    to: integer(1, chunks),
    signature: base64url(64),
  });
  const need = (what: string, expected: unknown, got: unknown): void => {
    if (expected === got) return;
    throw new CryptoError('AUDIT_INVALID', {
      expected: `${what} ${String(expected)}`,
      got: String(got),
      next: 'leave the statement out; another member can audit these chunks',
    });
  };
  need('consortium', transcript.consortium, statement.consortium);
  need('epoch', transcript.epoch, statement.epoch);
  need('round', transcript.round, statement.round);
  need('transcript', sum.transcriptHash, statement.transcriptHash);
  need('set', sum.setHash, statement.setHash);
  need('sum root', sum.sumRoot, statement.sumRoot);
  need('a first chunk before the last, that is', true, statement.from < statement.to);
  checkSigned(primitives, memberOf(roster, statement.member).signKey, 'cordon/v1/audit', statement, {
    who: statement.member,
    what: 'its audit statement',
  });
}

/** Statements that each chunk of a round must have, of different members: among any so many one is honest. */
export function auditorsNeeded({ cRoster }: Pick<Roster, 'cRoster'>): number {
  return cRoster + 1;
}

/** Chunks that too few have audited, and by whom they were. */
export interface Uncovered extends ChunkRange {
  readonly members: readonly string[];
}

/**
 * What is missing until every chunk has statements of `needed` different members; nothing where the audit is complete.
 * Who signed twice counts once. The statements have been verified before (`verifyAuditStatement`).
 * @returns ranges in ascending order
 */
export function auditCoverage(
  statements: readonly Pick<AuditStatement, 'member' | 'from' | 'to'>[],
  chunks: number,
  needed: number,
): Uncovered[] {
  const edges = statements.flatMap(({ member, from, to }) =>
    from < to
      ? [
          { at: from, member, step: 1 },
          { at: to, member, step: -1 },
        ]
      : [],
  );
  edges.sort((a, b) => a.at - b.at);
  const open = new Map<string, number>();
  const uncovered: Uncovered[] = [];
  let from = 0;
  const until = (to: number) => {
    const end = Math.min(to, chunks);
    if (end > from && open.size < needed) uncovered.push({ from, to: end, members: [...open.keys()] });
    from = Math.max(from, end);
  };
  for (const { at, member, step } of edges) {
    until(at);
    const count = (open.get(member) ?? 0) + step;
    if (count > 0) open.set(member, count);
    else open.delete(member);
  }
  until(chunks);
  return uncovered;
}
