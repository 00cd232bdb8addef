import { MAX_NAMED, type State } from '../protocol/messages/control.ts';
import type { CoordinatorModules } from './modules.ts';
import type { Round } from './round.ts';
import type { RunBook } from './rounds/run-book.ts';

/** Where things stand, for everybody who is connected. */
export function stateMessage(modules: CoordinatorModules, book: RunBook): State {
  const run = book.active;
  const round = run?.current ?? null;
  const logSize = modules.log.head.size;
  if (run?.keying) {
    const { expected, done } = run.keying.progress;
    const at = { run: run.id, round: run.firstRound, step: 0, steps: run.task.rounds, logSize };
    return { type: 'state', phase: 'keying', ...at, ...count(expected, done) };
  }
  if (!run || !round) {
    const members = modules.roster.members.map(({ id }) => id);
    const counted = count(members, modules.sessions.members());
    return { type: 'state', phase: 'idle', run: null, round: null, step: 0, steps: 0, logSize, ...counted };
  }
  return {
    type: 'state',
    phase: round.driver.told.phase,
    run: run.id,
    round: round.round,
    step: run.step,
    steps: run.task.rounds,
    logSize,
    ...progress(round),
  };
}

function progress(round: Round) {
  const { phase, advertised, uploaded, checked, answered, audited, serving } = round.driver.told;
  const { members, committee } = round.options.config;
  if (phase === 'advertising') return count(committee, advertised);
  if (phase === 'collecting') return count(members, uploaded);
  if (phase === 'checking') return count(serving, checked);
  if (phase === 'auditing') {
    const asked = [...round.wanted().keys()];
    return count([...audited, ...asked.filter((member) => !audited.includes(member))], audited, asked);
  }
  return count(serving, answered);
}

function count(expected: readonly string[], done: readonly string[], waiting?: readonly string[]) {
  const waitingFor = waiting ?? expected.filter((member) => !done.includes(member));
  return { done: done.length, expected: expected.length, waitingFor: waitingFor.slice(0, MAX_NAMED) };
}
