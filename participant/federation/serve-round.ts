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
    const { hash } = await run.model(modules.sums);
    checkRound(announced.transcript, run, hash, modules.policy);
    announced.allowed = true;
  }
  if (set === null) await test(round, modules);
  else await answer({ ...round, set }, modules);
}

async function test({ announced, run, closed, seat }: ServedRound, modules: ServeModules): Promise<void> {
  const { complaints } = await seat.test(closed, announced.contributed);
  for (const { proof, ...complaint } of complaints) {
    modules.send({ type: 'complaint', complaint: { ...complaint, proof: [...proof] } });
  }
  announced.checkedOn = modules.token();
  modules.send({ type: 'checked', run: run.run, round: announced.round });
}

async function answer(
  { announced, closed, set, seat }: ServedRound & { readonly set: ContributorSet },
  modules: ServeModules,
): Promise<void> {
  announced.answer ??= await seat.answer(closed, set, announced.contributed);
  announced.answeredOn = modules.token();
  modules.send({ type: 'answer', answer: announced.answer });
}
