import { evaluateScores, type ScoresOf } from './evaluate.ts';
import type { FramedWorld } from './framed-members.ts';

/**
 * Of several models the one that serves each member best in the test time, by its recall, then by its average precision,
 * the earlier of equals. No member could choose so well beforehand: a bound on what local models can do, not one of them.
 * @throws ModelError as `evaluateScores`
 */
export function bestPerMember(world: FramedWorld, candidates: readonly ScoresOf[]): ScoresOf {
  const [first] = candidates;
  const best = new Map<string, { scoresOf: ScoresOf; recall: number; ap: number }>();
  for (const scoresOf of candidates) {
    for (const { organisation, recall, ap } of evaluateScores(world, scoresOf).members) {
      const [mine, leading] = [{ recall: recall ?? -1, ap: ap ?? -1 }, best.get(organisation)];
      const leads =
        leading === undefined ||
        mine.recall > leading.recall ||
        (mine.recall === leading.recall && mine.ap > leading.ap);
      if (leads) best.set(organisation, { scoresOf, ...mine });
    }
  }
  return (member) => {
    const scoresOf = best.get(member.organisation)?.scoresOf ?? first;
    return scoresOf?.(member) ?? { validation: [], evaluation: [] };
  };
}
