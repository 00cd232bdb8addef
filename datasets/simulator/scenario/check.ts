import { CordonError } from '../../../protocol/errors.ts';
import type { Scenario } from './schema.ts';

/**
 * What the schema cannot say: ranges the right way round, weights of which one is above 0, no tactic twice.
 * @throws CordonError CONFIG_INVALID naming the place
 */
export function checkScenario(scenario: Scenario, what: string, next: string): void {
  const refuse = (place: string, expected: string, got: string): never => {
    throw new CordonError('CONFIG_INVALID', {
      expected: `${place} in the ${what}: ${expected}`,
      got: `${got} at ${place}`,
      next,
    });
  };
  const range = (place: string, given: readonly [number, number] | undefined): void => {
    if (given && given[0] > given[1]) refuse(place, 'the lower number first', `[${given[0]}, ${given[1]}]`);
  };
  const weights = (place: string, given: object | undefined): void => {
    if (given && !Object.values(given).some((weight: unknown) => typeof weight === 'number' && weight > 0))
      refuse(place, 'at least one weight above 0', 'none');
  };
  const ways = (place: string, given: readonly { weight?: number }[] | undefined): void => {
    if (given && given.every(({ weight }) => weight === 0))
      refuse(place, 'at least one weight above 0', 'none');
  };
  const names = new Set<string>();
  for (const [i, attack] of scenario.attacks.entries()) {
    const at = `attacks[${i}]`;
    if (names.has(attack.tactic)) refuse(`${at}.tactic`, 'a name that no other attack has', attack.tactic);
    names.add(attack.tactic);
    range(`${at}.hours`, attack.hours);
    range(`${at}.organisations`, attack.organisations);
    for (const period of ['train', 'test'] as const) {
      const { targets, gapSeconds, dwellHours, noise } = attack[period];
      range(`${at}.${period}.targets`, targets);
      range(`${at}.${period}.gapSeconds`, gapSeconds);
      range(`${at}.${period}.dwellHours`, dwellHours);
      range(`${at}.${period}.noise`, noise);
    }
    ways(`${at}.pivot.logons`, attack.pivot?.logons);
    if (!attack.moves[0]?.theft)
      refuse(`${at}.moves[0].theft`, 'how the first account comes into the wrong hands', 'nothing');
    for (const [j, move] of attack.moves.entries()) {
      const place = `${at}.moves[${j}]`;
      weights(`${place}.theft.account`, move.theft?.account);
      weights(`${place}.from`, move.from);
      weights(`${place}.targets`, move.targets);
      ways(`${place}.logons`, move.logons);
      range(`${place}.between`, move.between);
      if (move.between && move.between[1] - move.between[0] < 1)
        refuse(`${place}.between`, 'at least one hour', `[${move.between.join(', ')}]`);
      range(`${place}.bursts.pauseHours`, move.bursts?.pauseHours);
    }
  }
}
