/**
 * The entry of every npm script: `node scripts/start.mjs VERB [arguments]`.
 *
 * Runs on any Node >= 18 without dependencies, installs what is missing, finds a Node that is new enough and hands
 * over to it. Everything after this file may assume that Node and the installed packages.
 */
import { fileURLToPath } from 'node:url';
import { findNode } from './lib/find-node.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runOn } from './lib/run-on.mjs';
import { StartError } from './lib/start-error.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each verb runs, relative to the root; the caller's arguments follow. */
const VERBS = {
  demo: ['cli/cordon.ts', 'demo'],
  bench: ['cli/cordon.ts', 'bench'],
  cordon: ['cli/cordon.ts'],
  estimate: ['cli/cordon.ts', 'estimate'],
  test: ['scripts/test.mjs'],
  'test:long': ['scripts/test.mjs', 'long'],
  lint: ['scripts/test.mjs', 'format', 'lint', 'dead-code'],
  typecheck: ['scripts/test.mjs', 'types'],
  format: ['node_modules/prettier/bin/prettier.cjs', '--write', '--log-level=warn', '.'],
  build: ['scripts/build-package.mjs'],
};

/** @param {string[]} argv */
async function main([verb, ...rest]) {
  const target = verb !== undefined && Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (target === undefined) {
    throw new StartError('Unknown verb.', {
      expected: Object.keys(VERBS).join(', '),
      got: verb ?? 'nothing',
      next: 'see "Commands" in CONTRIBUTING.md',
      exitCode: 2,
    });
  }
  await ensureInstalled(root);
  const node = findNode(root);
  const [script, ...fixed] = target;
  // npm changes to the package's folder; paths that a person gives are meant from where the command was given.
  const from = process.env.INIT_CWD ?? process.cwd();
  const cwd = target[0] === 'cli/cordon.ts' ? from : root;
  return runOn(node, cwd, [fileURLToPath(new URL(`../${script}`, import.meta.url)), ...fixed, ...rest]);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.render()}\n`);
  process.exitCode = error.exitCode;
}
