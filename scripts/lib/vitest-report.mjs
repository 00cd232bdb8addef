import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';

/** @type {import('../test.mjs').Counts} */
export const NOTHING = { passed: 0, failed: 0, skipped: [] };

/**
 * The counts of a report that vitest wrote as JSON; undefined where it did not get that far.
 * @param {string} root
 * @param {string} path
 * @param {number} since an older report is of another run
 */
export function readReport(root, path, since) {
  if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < since) return undefined;
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
  const all = testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({
      status: test.status,
      name: `${relative(root, file.name)}: ${test.fullName}`,
    })),
  );
  const count = (/** @type {string} */ status) => all.filter((test) => test.status === status).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: all.filter((test) => !['passed', 'failed'].includes(test.status)).map((test) => test.name),
  };
}

/**
 * @param {import('../test.mjs').Counts} a
 * @param {import('../test.mjs').Counts} b
 */
export function addUp(a, b) {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: [...a.skipped, ...b.skipped],
  };
}
