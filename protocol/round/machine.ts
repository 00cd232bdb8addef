import { advance, fail } from './advance.ts';
import type { RoundConfig, RoundEffect, RoundEvent, RoundState, RoundStep } from './state.ts';

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
