import type { ChunkRange } from '../../crypto/public/audit-order.ts';
import type { AuditedSum, AuditStatement } from '../../crypto/public/audit-statement.ts';
import type { RoundState } from '../../protocol/round/state.ts';
import type { CoordinatorModules } from '../modules.ts';
import { AuditDesk } from './audit-desk.ts';

/** Times within the audit's deadline that one who takes long is not waited for alone. */
const STAND_INS = 4;

/** The desk of one round's audit, asked with the clock and with who is there. */
export class RunningAudit {
  private readonly desk: AuditDesk;
  private readonly elapsed: () => number;
  /** Members that were asked at the last tick; looks of others in between do not count, who may be one of the slow. */
  private asked = '';

  /** @param auditMs deadline of the audit, in milliseconds */
  constructor(
    sum: AuditedSum,
    auditMs: number,
    { primitives, roster, elapsed }: Pick<CoordinatorModules, 'primitives' | 'roster' | 'elapsed'>,
  ) {
    this.desk = new AuditDesk(sum, primitives, roster, auditMs / STAND_INS);
    this.elapsed = elapsed;
  }

  /** Whether every chunk has its statements. */
  get complete(): boolean {
    return this.desk.complete;
  }

  /** As `AuditDesk.take`. */
  take(statement: AuditStatement): boolean {
    return this.desk.take(statement);
  }

  /** What is asked of whom just now; nothing in phases other than the audit's. */
  wanted({ phase, refused, goneSince }: RoundState): Map<string, ChunkRange[]> {
    if (phase !== 'auditing') return new Map();
    const isThere = (member: string) => !Object.hasOwn(refused, member) && !Object.hasOwn(goneSince, member);
    return this.desk.wanted(this.elapsed(), isThere);
  }

  /** Whether these chunks are a member's to audit: its own, or those that it is asked to stand in for. */
  asks(member: string, range: ChunkRange, state: RoundState): boolean {
    const asked = [...this.desk.duty(member), ...(this.wanted(state).get(member) ?? [])];
    return asked.some(({ from, to }) => from <= range.from && range.from < range.to && range.to <= to);
  }

  /**
   * Whether others are asked now than at the call before: time has passed for an auditor. For one caller only, who tells
   * everybody.
   */
  asksOthers(state: RoundState): boolean {
    const before = this.asked;
    this.asked = [...this.wanted(state).keys()].join();
    return state.phase === 'auditing' && this.asked !== before;
  }
}
