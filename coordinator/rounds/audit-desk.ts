import {
  type ChunkRange,
  auditDuty,
  auditOrder,
  auditSegments,
  joined,
} from '../../crypto/public/audit-order.ts';
import {
  type AuditStatement,
  type AuditedSum,
  type Uncovered,
  auditCoverage,
  auditorsNeeded,
  verifyAuditStatement,
} from '../../crypto/public/audit-statement.ts';
import { chunksFor } from '../../crypto/public/params.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import type { Roster } from '../../crypto/public/roster.ts';

interface Segment extends ChunkRange {
  /** Members in the order in which they are asked for this segment. */
  readonly order: readonly string[];
  /** When each of those that were asked was. */
  readonly asked: Map<string, number>;
  readonly signed: Set<string>;
  /** Places of the order that have been looked at: beyond them nobody was asked. */
  reach: number;
}

/**
 * Who is to audit what. Every segment is asked of as many members as it needs, in the drawn order; where one of them is
 * gone or refuses the next one is asked as well, where one takes long the next two, and whoever signs first counts. It decides whom to bother,
 * nothing else: whether the audit is complete follows from the statements in the log alone.
 */
export class AuditDesk {
  readonly sum: AuditedSum;
  private readonly primitives: PublicPrimitives;
  private readonly roster: Roster;
  private readonly chunks: number;
  private readonly needed: number;
  private readonly patienceMs: number;
  private readonly segments: readonly Segment[];
  private readonly taken: AuditStatement[] = [];
  private lacking: readonly Uncovered[];

  /** @param patienceMs how long an auditor may take before another one is asked as well */
  constructor(sum: AuditedSum, primitives: PublicPrimitives, roster: Roster, patienceMs: number) {
    this.sum = sum;
    this.primitives = primitives;
    this.roster = roster;
    this.patienceMs = patienceMs;
    this.chunks = chunksFor(sum.transcript.length, sum.transcript.layout);
    this.needed = auditorsNeeded(roster);
    const members = roster.members.map(({ id }) => id);
    const order = auditOrder(primitives, sum.transcriptHash, members);
    this.segments = auditSegments(members.length, this.chunks).map((range, place) => ({
      ...range,
      order: [...order.slice(place), ...order.slice(0, place)],
      asked: new Map<string, number>(),
      signed: new Set<string>(),
      reach: 0,
    }));
    this.lacking = this.coverage();
  }

  /** Whether every chunk has its statements. */
  get complete(): boolean {
    return this.lacking.length === 0;
  }

  /**
   * @returns whether the statement adds something; one that does not is no harm and not for the log
   * @throws CryptoError AUDIT_INVALID, ROSTER_INVALID, SIGNATURE_INVALID
   */
  take(statement: AuditStatement): boolean {
    const { member, from, to } = statement;
    const adds = this.lacking.some((one) => one.from < to && from < one.to && !one.members.includes(member));
    if (!adds) return false;
    verifyAuditStatement(this.primitives, statement, this.sum, this.roster);
    this.taken.push(statement);
    this.lacking = this.coverage();
    for (const segment of this.segments) {
      if (from <= segment.from && segment.to <= to) segment.signed.add(member);
    }
    return true;
  }

  /** What this member audits as long as nobody is missing. */
  duty(member: string): ChunkRange[] {
    return auditDuty(this.segments[0]?.order ?? [], this.chunks, this.needed, member);
  }

  /**
   * Whom the audit waits for and what for; asks stand-ins where it is time to.
   * @param at milliseconds of a clock that never goes back
   * @param isThere whether a member is connected and has not refused
   */
  wanted(at: number, isThere: (member: string) => boolean): Map<string, ChunkRange[]> {
    const wanted = new Map<string, ChunkRange[]>();
    for (const segment of this.segments) {
      const { from, to, order, asked, signed } = segment;
      let lacking = this.needed - signed.size;
      if (lacking <= 0) continue;
      // One more for each that is late: those who hang on purpose, one after the other, are soon outnumbered.
      for (const [member, since] of asked) {
        if (at - since >= this.patienceMs && !signed.has(member) && isThere(member)) lacking += 1;
      }
      for (const [place, member] of order.entries()) {
        if (lacking <= 0 && place >= segment.reach) break;
        if (signed.has(member) || !isThere(member)) continue;
        const since = asked.get(member) ?? (lacking > 0 ? at : null);
        if (since === null) continue;
        asked.set(member, since);
        segment.reach = Math.max(segment.reach, place + 1);
        wanted.set(member, joined([...(wanted.get(member) ?? []), { from, to }]));
        // Whoever is slow may still be the first to sign, but is not relied on.
        if (at - since < this.patienceMs) lacking -= 1;
      }
    }
    return wanted;
  }

  private coverage(): Uncovered[] {
    return auditCoverage(this.taken, this.chunks, this.needed);
  }
}
