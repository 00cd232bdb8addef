import { type ChunkRange, auditDuty } from '../../crypto/public/audit-order.ts';
import { auditorsNeeded } from '../../crypto/public/audit-statement.ts';
import type { State } from '../../protocol/messages/control.ts';
import { isNamed } from '../api/inbox.ts';
import { auditRange } from './audit-range.ts';
import type { MemberModules } from './member.ts';
import type { OpenedView } from './opened-view.ts';
import type { RoundView } from './round-view.ts';

/**
 * This member's part in the audit of an opened sum. Fetches the sum, which is needed in any case, recomputes what this
 * member is asked to and sends its statements, each once a connection; a site that does not audit says so instead.
 * @throws what `SumStore.fetch` and `auditRange` throw
 */
export async function audit(
  announced: RoundView,
  opened: OpenedView,
  state: State,
  modules: MemberModules,
): Promise<void> {
  const { sums, send, token, policy } = modules;
  const sumPath = await sums.fetch(opened.body, announced.transcript.layout);
  if (policy.audit === false) return decline(announced, state, modules);
  for (const range of await rangesToAudit(announced, opened, state, modules)) {
    announced.audits.set(await auditRange(range, opened, sumPath, modules), '');
  }
  for (const [statement, sentOn] of announced.audits) {
    if (sentOn === token()) continue;
    announced.audits.set(statement, token());
    send({ type: 'audit', statement });
  }
}

/** Somebody else stands in at once, instead of when this member has been waited for. */
function decline(announced: RoundView, { phase }: State, { send, token }: MemberModules): void {
  if (phase !== 'auditing' || announced.declinedOn === token()) return;
  announced.declinedOn = token();
  const { round, transcript } = announced;
  send({ type: 'refuse', run: transcript.run, round, phase, ...NOT_AUDITING });
}

const NOT_AUDITING = {
  code: 'POLICY_REFUSED',
  expected: "no audits of others' sums",
  got: 'a round that asks for them',
  next: 'only this site can change its policy',
} as const;

/** What to recompute now: first what everybody can work out, then what the coordinator asks a stand-in for. */
async function rangesToAudit(
  announced: RoundView,
  opened: OpenedView,
  state: State,
  { member, roster, bulk }: MemberModules,
): Promise<ChunkRange[]> {
  const done = [...opened.statements.filter((one) => one.member === member), ...announced.audits.keys()];
  const isOpen = ({ from, to }: ChunkRange) => !done.some((one) => one.from <= from && to <= one.to);
  const own = auditDuty(opened.order, opened.chunks, auditorsNeeded(roster), member).filter(isOpen);
  if (own.length > 0) return own;
  if (state.phase !== 'auditing' || !isNamed(state, member)) return [];
  return (await bulk.auditWanted(announced.round)).ranges.filter(isOpen);
}
