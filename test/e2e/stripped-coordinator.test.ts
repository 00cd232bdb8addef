import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { strippedTree } from '../boundary/stripped-tree.ts';
import { smallDemo } from './small-demo.ts';

it('a coordinator from a tree without crypto/secret, crypto/seal/secret and participant completes rounds with whole participants', async () => {
  using tree = strippedTree();
  expect(existsSync(join(tree.root, 'crypto/secret'))).toBe(false);
  expect(existsSync(join(tree.root, 'crypto/seal/secret'))).toBe(false);
  expect(existsSync(join(tree.root, 'participant'))).toBe(false);
  const report = await smallDemo({ rounds: 2, coordinatorCli: join(tree.root, 'cli/cordon.ts') });
  expect(report.run.status).toBe('finished');
  expect(report.rounds.map(({ sumExact }) => sumExact)).toEqual([true, true]);
});
