import { nearestNames } from '../../protocol/nearest-names.ts';
import type { TwinGraph } from './twin-graph.ts';

/** As many as a person looks through. */
const MOST = 3;

/**
 * Names of the twin that a name it does not know probably stands for, at most three, the nearest first. A host may be
 * meant by its name without a domain, an account without what is behind the @. At most 200,000 names are looked at.
 */
export function nearestNodes(twin: TwinGraph, kind: 'host' | 'account', word: string): string[] {
  const nodes = kind === 'host' ? twin.state.hosts : twin.state.accounts;
  const behind = kind === 'host' ? '.' : '@';
  const forms = (name: string): string[] => {
    const end = name.indexOf(behind);
    const head = name.slice(0, Math.max(0, end));
    // The first number of an address names no host.
    return word.includes(behind) || !/[a-z]/i.test(head) ? [name] : [name, head];
  };
  return nearestNames(word, nodes.names(), { most: MOST, forms });
}
