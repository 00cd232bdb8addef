import type { RoundFailure } from '../messages/runs.ts';
import { plainText } from '../messages/text.ts';
import type { RoundConfig, RoundState } from './state.ts';
import { goneSince } from './waiting.ts';

/** Members named in a reason, and characters of what each of them said; a roster may have a thousand. */
const NAMED = 16;
const LONGEST_REASON = 200;

/** A refusal that says why (a share that does not open, say) explains more than the count of answers. */
export function committeeUnavailable(
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
export function byPolicy(
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

export function missing(
  of: readonly string[],
  done: readonly string[],
  state: RoundState,
  at: number,
): string {
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

export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? ' is' : 's are'}`;
}

/** Contributors with bad shares are out, and what is left is no cohort. */
export function tooFewLeft(config: RoundConfig, state: RoundState, left: number): RoundFailure {
  return {
    code: 'COHORT_TOO_SMALL',
    expected: `at least ${config.kMin} updates with shares that fit together`,
    got: `${left} (bad shares of ${state.removed.slice(0, NAMED).join(', ')})`,
    next: `${count(config.kMin - left, 'more member')} needed: start the round again without those named`,
  };
}
