import { CordonError } from '../../../protocol/errors.ts';
import { HARD_NEGATIVES, type HardNegative } from './hard-negative-names.ts';
import type { Attack, Scenario } from './schema.ts';

/** What the scenarios of one simulation say together. */
export interface Setting {
  readonly world: {
    readonly spread: number | null;
    readonly largest: number | null;
    readonly trust: number;
  };
  /** How often each hard negative happens; 1 is the usual. */
  readonly hardNegatives: Readonly<Record<HardNegative, number>>;
  readonly testCampaignsPerOrganisation: number;
  readonly attacks: readonly Attack[];
}

const USUAL_TRUST = 0.5;

/**
 * Attacks add up; of the other fields a later scenario's counts.
 * @throws CordonError CONFIG_INVALID when two attacks have the same name
 */
export function combine(scenarios: readonly Scenario[]): Setting {
  const attacks = scenarios.flatMap((scenario) => scenario.attacks);
  const seen = new Set<string>();
  for (const { tactic } of attacks) {
    if (seen.has(tactic)) {
      throw new CordonError('CONFIG_INVALID', {
        expected: 'each tactic once in all scenarios together',
        got: `${tactic} twice in ${scenarios.map(({ scenario }) => scenario).join(', ')}`,
        next: 'rename one of the two, or leave one scenario out',
      });
    }
    seen.add(tactic);
  }
  const last = <T>(of: (scenario: Scenario) => T | undefined, usual: T): T =>
    scenarios.reduce((value, scenario) => of(scenario) ?? value, usual);
  const scale = (name: HardNegative): number => last((scenario) => scenario.hardNegatives?.[name], 1);
  const scales = Object.fromEntries(HARD_NEGATIVES.map((name) => [name, scale(name)]));
  return {
    world: {
      spread: last<number | null>(({ world }) => world?.spread, null),
      largest: last<number | null>(({ world }) => world?.largest, null),
      trust: last(({ world }) => world?.trust, USUAL_TRUST),
    },
    hardNegatives: scales as Record<HardNegative, number>,
    testCampaignsPerOrganisation: last((scenario) => scenario.testCampaignsPerOrganisation, 0),
    attacks,
  };
}
