import type { Attack as Script } from '../scenario/schema.ts';

/** What counts of a script here. */
type Tactic = Pick<Script, 'tactic' | 'path' | 'labelled'>;

/**
 * Which tactics each organisation has labelled incidents of: three for the largest (four where it is alone), two for
 * the upper half, one for the others, none for the smallest quarter (at least one organisation of three or more), so
 * that the labelled tactics are known to somebody and none to everybody.
 */
export function knownTactics(orgs: number, attacks: readonly Tactic[]): string[][] {
  const labelled = attacks.filter(({ labelled: may }) => may !== false);
  const none = orgs >= 3 ? Math.max(1, Math.floor(orgs / 4)) : 0;
  let next = 0;
  return Array.from({ length: orgs }, (_, rank) => {
    if (rank >= orgs - none) return [];
    // The provider cannot be its own customer.
    const choice =
      labelled.length - (rank === 0 ? labelled.filter(({ path }) => path === 'provider').length : 0);
    const count = Math.min(choice, rank === 0 ? (orgs === 1 ? 4 : 3) : rank < orgs / 2 ? 2 : 1);
    const own = new Set<string>();
    while (own.size < count) {
      const tactic = labelled[next++ % labelled.length];
      if (tactic && !(rank === 0 && tactic.path === 'provider')) own.add(tactic.tactic);
    }
    return [...own];
  });
}
