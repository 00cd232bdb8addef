import { plainText } from '../messages/text.ts';
import type { RoundFailure } from '../messages/runs.ts';
import type { RoundConfig, RoundEffect, RoundEvent, RoundState, RoundStep } from './state.ts';

/** Members named in a reason, and characters of what each of them said; a roster may have a thousand. */
const NAMED = 16;
const LONGEST_REASON = 200;

/**
 * The round before its first event.
 * @param gone members without a connection at `at`
 * @param since when such a member was last seen: whoever has been gone for longer than the grace is not waited for again
 */
export function startRound(
  config: RoundConfig,
  gone: readonly string[],
  at: number,
  since: (member: string) => number = () => at,
): RoundState {
  return {
    phase: 'advertising',
    deadline: at + config.advertiseMs,
    goneSince: Object.fromEntries(gone.map((member) => [member, since(member)])),
    refused: {},
    advertised: [],
    serving: [],
    uploaded: [],
    checked: [],
    removed: [],
    answered: [],
    audited: [],
    covered: false,
    enoughSince: null,
    failure: null,
  };
}

/**
 * The round as a pure function: state and event give the next state and what to do.
 * Events that do not fit the phase (late, doubled, from strangers) change nothing; order never matters within a phase.
 * Where nothing changed, the very same state comes back: nobody needs to hear of it.
 */
export function stepRound(config: RoundConfig, state: RoundState, event: RoundEvent): RoundStep {
  if (state.phase === 'published' || state.phase === 'failed') return { state, effects: [], taken: false };
  if (event.type === 'failed') return { ...fail(state, event.reason), taken: true };
  const recorded = record(config, state, event);
  const { state: next, effects } = advance(config, recorded, event.at);
  // Asked for once: what has been covered stays so while the result is written.
  const publish: RoundEffect[] = next.covered && !state.covered ? [{ type: 'publish' }] : [];
  return { state: next, effects: [...effects, ...publish], taken: recorded !== state };
}

/** Where the round stands now, and what that asks for. */
type Progress = Omit<RoundStep, 'taken'>;

function record(config: RoundConfig, state: RoundState, event: RoundEvent): RoundState {
  if ('member' in event && !config.members.includes(event.member)) return state;
  switch (event.type) {
    case 'connected': {
      if (!Object.hasOwn(state.goneSince, event.member)) return state;
      const { [event.member]: _, ...goneSince } = state.goneSince;
      return { ...state, goneSince };
    }
    case 'disconnected':
      return Object.hasOwn(state.goneSince, event.member)
        ? state
        : { ...state, goneSince: { ...state.goneSince, [event.member]: event.at } };
    case 'advertised':
      return state.phase === 'advertising' && config.committee.includes(event.member)
        ? withMember(state, 'advertised', event.member)
        : state;
    case 'uploaded':
      return state.phase === 'collecting' ? withMember(state, 'uploaded', event.member) : state;
    case 'checked':
      return state.phase === 'checking' && state.serving.includes(event.member)
        ? withMember(state, 'checked', event.member)
        : state;
    case 'complained':
      return state.phase === 'checking' && state.uploaded.includes(event.contributor)
        ? withMember(state, 'removed', event.contributor)
        : state;
    case 'answered':
      return state.phase === 'opening' && state.serving.includes(event.member)
        ? withMember(state, 'answered', event.member)
        : state;
    case 'refused':
      // Said twice, the first reason stands; nobody hears of it again.
      if (event.phase !== state.phase || Object.hasOwn(state.refused, event.member)) return state;
      return { ...state, refused: { ...state.refused, [event.member]: event.reason } };
    case 'combined':
      return state.phase === 'combining'
        ? { ...state, phase: 'auditing', deadline: event.at + config.auditMs, refused: {} }
        : state;
    case 'audited':
      return state.phase === 'auditing' ? withMember(state, 'audited', event.member) : state;
    case 'covered':
      return state.phase === 'auditing' && !state.covered ? { ...state, covered: true } : state;
    case 'published':
      return state.covered ? { ...state, phase: 'published' } : state;
    case 'failed':
    case 'tick':
      return state;
  }
}

function withMember(
  state: RoundState,
  list: 'advertised' | 'uploaded' | 'checked' | 'removed' | 'answered' | 'audited',
  member: string,
): RoundState {
  return state[list].includes(member) ? state : { ...state, [list]: [...state[list], member] };
}

function advance(config: RoundConfig, state: RoundState, at: number): Progress {
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

/** Members of `of` that may still do what the phase waits for: not done, not refused, not gone beyond the grace. */
function awaited(
  config: RoundConfig,
  state: RoundState,
  of: readonly string[],
  done: readonly string[],
  at: number,
) {
  return of.filter((member) => {
    if (done.includes(member) || Object.hasOwn(state.refused, member)) return false;
    const gone = goneSince(state, member);
    return gone === null || at < gone + config.graceMs;
  });
}

/** How many of `of` have done it or have at least not refused to: whoever is gone may come back before the deadline. */
function attainable(state: RoundState, of: readonly string[], done: readonly string[]): number {
  return of.filter((member) => done.includes(member) || !Object.hasOwn(state.refused, member)).length;
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
    return fail(state, {
      code: 'COHORT_TOO_SMALL',
      expected: `at least ${config.kMin} updates with shares that fit together`,
      got: `${set.length} (bad shares of ${state.removed.slice(0, NAMED).join(', ')})`,
      next: `${count(config.kMin - set.length, 'more member')} needed: start the round again without those named`,
    });
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
  const failure = {
    code: 'AUDIT_INCOMPLETE',
    expected: `${config.auditors} auditors for every part of the sum`,
    got: `statements of ${state.audited.length} (${missing(config.members, state.audited, state, at)})`,
    next: 'bring the members back and start the round again; where they found the sum wrong, tell the consortium',
  };
  return fail(state, failure);
}

/** A refusal that says why (a share that does not open, say) explains more than the count of answers. */
function committeeUnavailable(
  config: RoundConfig,
  state: RoundState,
  have: number,
  what: string,
  lacking = config.threshold - have,
): RoundFailure {
  const reasons = Object.entries(state.refused)
    .slice(0, NAMED)
    .map(([member, reason]) => `${member}: ${inShort(reason)}`);
  return {
    code: 'COMMITTEE_UNAVAILABLE',
    expected: `${config.threshold} of ${config.committee.length} committee members`,
    got: `${have} ${what}${reasons.length > 0 ? `; ${reasons.join('; ')}` : ''}`,
    next: `${count(lacking, 'more committee member')} needed: bring them back and start the round again`,
  };
}

/** Where refusals by site policies alone stand in the way, the failure is theirs: nobody is to be brought back. */
function byPolicy(
  of: readonly string[],
  done: readonly string[],
  state: RoundState,
  failure: RoundFailure,
): RoundFailure {
  const absent = of.filter((member) => !done.includes(member));
  const reasons = absent.flatMap((member) =>
    Object.hasOwn(state.refused, member) ? (state.refused[member] ?? []) : [],
  );
  const gone = absent.some((member) => goneSince(state, member) !== null);
  if (gone || reasons.length === 0 || reasons.some(({ code }) => code !== 'POLICY_REFUSED')) return failure;
  const next =
    'change the task so that the site policies allow it, or ask the sites to change their policies';
  return { ...failure, code: 'POLICY_REFUSED', next };
}

function fail(state: RoundState, reason: RoundFailure): Progress {
  return { state: { ...state, phase: 'failed', failure: reason }, effects: [{ type: 'abort', reason }] };
}

function missing(of: readonly string[], done: readonly string[], state: RoundState, at: number): string {
  const absent = of.filter((member) => !done.includes(member));
  const names = absent.slice(0, NAMED).map((member) => {
    const refused = Object.hasOwn(state.refused, member) ? state.refused[member] : undefined;
    if (refused) return `${member} refused: ${inShort(refused)}`;
    const gone = goneSince(state, member);
    return gone === null
      ? `${member} sent nothing`
      : `${member} gone for ${Math.round((at - gone) / 1000)} s`;
  });
  if (absent.length > NAMED) names.push(`and ${absent.length - NAMED} more`);
  return names.join(', ');
}

/** A refusal in a line: what was asked for stands in the text of the one who refused, cut to a length. */
function inShort({ code, expected, got }: RoundFailure): string {
  const cut = (text: string) => plainText(text, LONGEST_REASON);
  return `${code} (expected ${cut(expected)}, got ${cut(got)})`;
}

/** Ids are the members' own choice and `constructor` is a valid one, so only own properties count. */
function goneSince(state: RoundState, member: string): number | null {
  return Object.hasOwn(state.goneSince, member) ? (state.goneSince[member] ?? null) : null;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? ' is' : 's are'}`;
}
