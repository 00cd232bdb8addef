import type { Complaint } from '../../crypto/public/complaint.ts';
import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import type { CommitteeSeat } from '../committee/serve.ts';
import { checkRound } from './check-round.ts';
import type { MemberModules } from './member.ts';
import type { RoundView } from './round-view.ts';
import type { RunView } from './run-view.ts';

/** A closed round, and this member's seat in its committee. */
export interface ServedRound {
  readonly announced: RoundView;
  readonly run: RunView;
  readonly closed: ContributorSet;
  /** S, once it stands. */
  readonly set: ContributorSet | null;
  readonly seat: CommitteeSeat;
}

type ServeModules = Pick<MemberModules, 'member' | 'policy' | 'send' | 'sums' | 'token'>;

/**
 * Complaints that are sent at once. More of them than the coordinator takes of one connection would end the connection, and
 * so again the next time: whoever seals enough bad shares could then not be removed at all.
 */
export const COMPLAINTS_AT_ONCE = 30;

/**
 * A committee member's part of a closed round: it tests its shares and complains of bad ones, then answers for S. Said once
 * a connection.
 * @throws what `checkRound`, `CommitteeSeat.test` and `CommitteeSeat.answer` throw
 */
export async function serve(round: ServedRound, modules: ServeModules): Promise<void> {
  const { announced, run, set } = round;
  const serving = announced.transcript.committee.some((key) => key.member === modules.member);
  const done = set === null ? announced.checkedOn : announced.answer && announced.answeredOn;
  if (!serving || done === modules.token()) return;
  if (!announced.allowed) {
    // Helping to open is as much this site's doing as adding to it.
    const standing = await run.standing(modules.sums);
    checkRound(announced.transcript, run, standing, modules.policy);
    announced.allowed = true;
  }
  if (set === null) await test(round, modules);
  else await answer({ ...round, set }, modules);
}

async function test({ announced, run, closed, seat }: ServedRound, modules: ServeModules): Promise<void> {
  const { complaints } = await seat.test(closed, announced.contributed);
  const unsaid = inTurn(seat, complaints).filter((one) => !isSaid(announced, one, modules.token()));
  for (const { proof, ...complaint } of unsaid.slice(0, COMPLAINTS_AT_ONCE)) {
    announced.complainedOn.set(complaint.contributor, modules.token());
    modules.send({ type: 'complaint', complaint: { ...complaint, proof: [...proof] } });
  }
  // The rest when the member looks again; by then others may have proven some of it.
  if (unsaid.length > COMPLAINTS_AT_ONCE) return;
  announced.checkedOn = modules.token();
  modules.send({ type: 'checked', run: run.run, round: announced.round });
}

/** Whoever is removed needs no second proof, and no second secret is shown for it. */
function isSaid(announced: RoundView, { contributor }: Complaint, token: string): boolean {
  return announced.complainedOn.get(contributor) === token || announced.record().removed.has(contributor);
}

/** Each member of the committee begins at another place, so that many at once prove many things, not all the same. */
function inTurn({ place }: Pick<CommitteeSeat, 'place'>, complaints: readonly Complaint[]): Complaint[] {
  const from = Math.floor(complaints.length * place);
  return [...complaints.slice(from), ...complaints.slice(0, from)];
}

async function answer(
  { announced, closed, set, seat }: ServedRound & { readonly set: ContributorSet },
  modules: ServeModules,
): Promise<void> {
  announced.answer ??= await seat.answer(closed, set, announced.contributed);
  announced.answeredOn = modules.token();
  modules.send({ type: 'answer', answer: announced.answer });
}
