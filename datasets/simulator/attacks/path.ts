import type { Random } from '../random.ts';
import type { Attack as Script } from '../scenario/schema.ts';
import { partnersOf, type World } from '../world/world.ts';

/** Organisations that a campaign of the test period passes, in order. @param turn beginnings go round */
export function testPath(world: World, random: Random, script: Script, turn: number): number[] {
  const orgs = world.organisations.length;
  const wanted = script.organisations ?? [2, 4];
  switch (script.path) {
    case 'largest':
      return [0];
    case 'single':
      return [turn % orgs];
    case 'together': {
      const all = world.organisations.map(({ index }) => index);
      return random.sample(all, Math.min(orgs, random.range(wanted)));
    }
    case 'provider': {
      const customers = partnersOf(world, world.provider);
      if (customers.length > 0)
        return random.sample(customers, Math.max(2, Math.ceil(customers.length * 0.7)));
      return [turn % orgs];
    }
    case 'trust':
      return walk(world, random, turn % orgs, Math.min(orgs, random.range(wanted)));
  }
}

/** A way along trust links, from any organisation that it has reached. */
function walk(world: World, random: Random, first: number, length: number): number[] {
  const path = [first];
  while (path.length < length) {
    const candidates = path.flatMap((org) => partnersOf(world, org)).filter((org) => !path.includes(org));
    if (candidates.length === 0) break;
    path.push(random.pick(candidates));
  }
  return path;
}

/** Organisations of an incident of the training period in `org`: itself, and now and then a neighbour. */
export function incidentPath(world: World, random: Random, script: Script, org: number): number[] {
  if (script.path !== 'trust' && script.path !== 'provider') return [org];
  const neighbours = partnersOf(world, org);
  return neighbours.length > 0 && random.chance(0.3) ? [org, random.pick(neighbours)] : [org];
}
