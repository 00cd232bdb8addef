import type { Random } from '../random.ts';

/**
 * A connected graph: each organisation trusts an earlier one; the largest is the provider of two at least.
 * @param extra further links an organisation, on average
 */
export function trustLinks(random: Random, orgs: number, extra: number): [number, number][] {
  const links: [number, number][] = [];
  const known = new Set<number>();
  const link = (a: number, b: number): void => {
    if (known.has(a * orgs + b)) return;
    known.add(a * orgs + b);
    links.push([a, b]);
  };
  for (let i = 1; i < orgs; i++) link(i <= 2 || random.chance(0.5) ? 0 : random.below(i), i);
  for (let more = Math.floor(orgs * extra); more > 0; more--) {
    const a = random.below(orgs);
    const b = random.below(orgs);
    if (a < b) link(a, b);
  }
  return links;
}
