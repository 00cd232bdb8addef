import { copyTree, type TreeCopy } from './copy-tree.ts';

/** Everything that knows or uses a secret of a member. */
export const STRIPPED = ['crypto/secret', 'crypto/seal/secret', 'participant'] as const;

/**
 * A copy of the checkout from which everything secret is gone: whatever runs in it provably needs none of it.
 * Dispose of it when done (`using tree = strippedTree()`).
 */
export function strippedTree(): TreeCopy {
  return copyTree({ without: STRIPPED });
}
