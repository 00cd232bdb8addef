import { describe, expect, it } from 'vitest';
import { sixTactics } from '../scenario/builtin/six-tactics.ts';
import { parseScenario } from '../scenario/read-scenario.ts';
import { knownTactics } from './known.ts';

const { attacks } = parseScenario(sixTactics, 'six-tactics');
const labelled = attacks.filter(({ labelled: may }) => may !== false).map(({ tactic }) => tactic);

describe('labelled tactics', () => {
  it('are known somewhere but nowhere all, and none at the smallest', () => {
    expect(labelled).toHaveLength(5);
    for (const orgs of [2, 3, 4, 6, 10, 20]) {
      const known = knownTactics(orgs, attacks);
      expect(known).toHaveLength(orgs);
      for (const names of known) {
        expect(new Set(names).size).toBe(names.length);
        expect(names.length).toBeLessThan(labelled.length);
        expect(labelled).toEqual(expect.arrayContaining(names));
      }
      if (orgs >= 3) expect(known.at(-1)).toEqual([]);
      if (orgs >= 4) expect(new Set(known.flat()).size).toBe(labelled.length);
      expect(known[0]).not.toContain('managed-service');
    }
  });

  it('are as many as there are, and none where nobody may label any', () => {
    const [one, two] = attacks;
    if (!one || !two) throw new Error('two are needed');
    expect(knownTactics(3, [one])).toEqual([[one.tactic], [one.tactic], []]);
    expect(knownTactics(2, [{ ...one, labelled: false }])).toEqual([[], []]);
    expect(knownTactics(2, [{ ...one, path: 'provider' }])).toEqual([[], [one.tactic]]);
    expect(knownTactics(4, [])).toEqual([[], [], [], []]);
  });
});
