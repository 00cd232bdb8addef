import type { RoundFailure } from '../messages/runs.ts';
import { byPolicy, committeeUnavailable, count, missing, tooFewLeft } from './failures.ts';
import type { RoundConfig, RoundEffect, RoundState, RoundStep } from './state.ts';
import { attainable, awaited, goneSince } from './waiting.ts';

/** Where the round stands now, and what that asks for. */
type Progress = Omit<RoundStep, 'taken'>;

/** What follows from where the round stands and from the time, whatever event brought it there. */
export function advance(config: RoundConfig, state: RoundState, at: number): Progress {
  switch (state.phase) {
    case 'advertising':
      return advanceAdvertising(config, state, at);
    case 'collecting':
      return advanceCollecting(config, state, at);
    case 'checking':
      return advanceChecking(config, state, at);
    case 'opening':
      return advanceOpening(config, state, at);
    case 'auditing':
      return advanceAuditing(config, state, at);
    default:
      return { state, effects: [] };
  }
}

function advanceAdvertising(config: RoundConfig, state: RoundState, at: number): Progress {
  const due = at >= state.deadline;
  const have = state.advertised.length;
  const waiting = awaited(config, state, config.committee, state.advertised, at);
  const most = attainable(state, config.committee, state.advertised);
  const possible = most >= config.threshold;
  // With too few at hand the door stays open to the deadline; with enough, only for those that are there.
  if (possible && !due && (waiting.length > 0 || have < config.threshold)) return { state, effects: [] };
  if (have < config.threshold) {
    const lacking = config.threshold - (possible || due ? have : most);
    const failure = committeeUnavailable(config, state, have, 'are ready to serve', lacking);
    return fail(state, byPolicy(config.committee, state.advertised, state, failure));
  }
  const committee = config.committee.filter((member) => state.advertised.includes(member));
  const next: RoundState = {
    ...state,
    phase: 'collecting',
    serving: committee,
    deadline: at + config.collectMs,
    refused: {},
  };
  return { state: next, effects: [{ type: 'announce', committee }] };
}

function advanceCollecting(config: RoundConfig, state: RoundState, at: number): Progress {
  const due = at >= state.deadline;
  const waiting = awaited(config, state, config.members, state.uploaded, at);
  const most = attainable(state, config.members, state.uploaded);
  const possible = most >= config.kMin;
  if (possible && !due && waiting.length > 0) return { state, effects: [] };
  if (state.uploaded.length < config.kMin) {
    const lacking = config.kMin - (possible || due ? state.uploaded.length : most);
    const failure = {
      code: 'COHORT_TOO_SMALL',
      expected: `at least ${config.kMin} updates`,
      got: `${state.uploaded.length} (${missing(config.members, state.uploaded, state, at)})`,
      next: `${count(lacking, 'more member')} needed: bring them back and start the round again`,
    };
    return fail(state, byPolicy(config.members, state.uploaded, state, failure));
  }
  const next: RoundState = { ...state, phase: 'checking', deadline: at + config.checkMs, refused: {} };
  return { state: next, effects: [{ type: 'close', set: state.uploaded }] };
}

/**
 * Everybody at hand tests its shares, so that a contributor whose shares do not fit together is out before anything is
 * opened. With as many tests as answers are needed, those that hang are waited for no longer than the settling time: one
 * that finds something later keeps its answer to itself.
 */
function advanceChecking(config: RoundConfig, state: RoundState, at: number): Progress {
  const set = state.uploaded.filter((member) => !state.removed.includes(member));
  if (set.length < config.kMin) {
    return fail(state, tooFewLeft(config, state, set.length));
  }
  const waiting = awaited(config, state, state.serving, state.checked, at);
  const due = at >= state.deadline;
  if (state.checked.length >= config.threshold) {
    const since = state.enoughSince ?? at;
    if (!due && isSettling(config, state, waiting, since, at)) return settle(state, since);
    const deadline = at + config.openMs;
    const next: RoundState = { ...state, phase: 'opening', deadline, refused: {}, enoughSince: null };
    return { state: next, effects: [{ type: 'fix', set }] };
  }
  if (!due && state.checked.length + waiting.length >= config.threshold) return { state, effects: [] };
  return fail(state, committeeUnavailable(config, state, state.checked.length, 'have tested their shares'));
}

/** Whether members that are connected are still given their moment. */
function isSettling(
  config: RoundConfig,
  state: RoundState,
  waiting: readonly string[],
  since: number,
  at: number,
): boolean {
  return waiting.some((member) => goneSince(state, member) === null) && at < since + config.settleMs;
}

function settle(state: RoundState, since: number): Progress {
  return { state: state.enoughSince === null ? { ...state, enoughSince: since } : state, effects: [] };
}

/** t answers open the sum; with more of them a wrong one is detected, and with enough more named. */
function advanceOpening(config: RoundConfig, state: RoundState, at: number): Progress {
  const waiting = awaited(config, state, state.serving, state.answered, at);
  const due = at >= state.deadline;
  if (state.answered.length >= config.threshold) {
    const since = state.enoughSince ?? at;
    if (!due && isSettling(config, state, waiting, since, at)) return settle(state, since);
    const effects: RoundEffect[] = [{ type: 'combine', answers: state.answered }];
    return { state: { ...state, phase: 'combining', enoughSince: since }, effects };
  }
  if (!due && state.answered.length + waiting.length >= config.threshold) return { state, effects: [] };
  return fail(state, committeeUnavailable(config, state, state.answered.length, 'answered'));
}

/** Whoever is at hand may stand in for an auditor that is not; the sum does not count before all of it is covered. */
function advanceAuditing(config: RoundConfig, state: RoundState, at: number): Progress {
  if (state.covered) return { state, effects: [] };
  const possible = attainable(state, config.members, state.audited) >= config.auditors;
  if (possible && at < state.deadline) return { state, effects: [] };
  // Whoever found the sum wrong says more than those who are missing.
  const isWrong = Object.values(state.refused).some(({ code }) => code === 'AUDIT_FAILED');
  const failure = {
    code: isWrong ? 'AUDIT_FAILED' : 'AUDIT_INCOMPLETE',
    expected: `${config.auditors} auditors for every part of the sum`,
    got: `statements of ${state.audited.length} (${missing(config.members, state.audited, state, at)})`,
    next: 'bring the members back and start the round again; where they found the sum wrong, tell the consortium',
  };
  return fail(state, failure);
}

export function fail(state: RoundState, reason: RoundFailure): Progress {
  return { state: { ...state, phase: 'failed', failure: reason }, effects: [{ type: 'abort', reason }] };
}
