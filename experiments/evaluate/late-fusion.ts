import { alertGroups } from '../../models/metrics/alerts.ts';
import type { FramedWorld } from './framed-members.ts';
import type { ScoresOf } from './evaluate.ts';
import { standardise } from './standardise.ts';

/**
 * Late fusion: one score and a second one `weight` times, each in units of its alerts on the member's own validation events,
 * so that neither scale matters.
 */
export function lateFusion(
  { members }: FramedWorld,
  one: ScoresOf,
  other: ScoresOf,
  weight: number,
): ScoresOf {
  return (member) => {
    const validation = members.find(({ organisation }) => organisation === member.organisation)?.validation;
    const [a, b] = [one(member), other(member)];
    if (validation === undefined) return a;
    const [unit, otherUnit] = [a, b].map((scores) => standardise(alertGroups(validation, scores.validation)));
    const fused = (part: 'validation' | 'evaluation') =>
      Float64Array.from(
        a[part],
        (score, i) => (unit?.(score) ?? score) + weight * (otherUnit?.(b[part][i] ?? 0) ?? 0),
      );
    return { validation: fused('validation'), evaluation: fused('evaluation') };
  };
}
