/**
 * `npm test [-- STAGE ...] [PATH ...]`: every check of the repository in sequence, one line each; the first that
 * fails stops the run and shows what it said. Stage names select; paths narrow the stages that run tests.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bin, capture } from './lib/capture.mjs';
import { addUp, NOTHING, readReport } from './lib/vitest-report.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ passed: number, failed: number, skipped: string[] }} Counts */
/** @typedef {{ ok: boolean, output: string, counts?: Counts | undefined }} Outcome */

/** @param {string[]} args command line after the Node executable */
const check = (args) => async () => capture(root, args);

/** @param {string[]} projects of vitest */
const tests =
  (...projects) =>
  async (/** @type {string[]} */ paths) => {
    const report = join(root, '.cache', 'test', `${projects[0]}.json`);
    mkdirSync(dirname(report), { recursive: true });
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const started = Date.now();
    const outcome = await capture(root, [
      bin('vitest/vitest.mjs'),
      'run',
      ...projects.map((project) => `--project=${project}`),
      ...reporters,
      ...paths,
    ]);
    return { ...outcome, counts: readReport(root, report, started) };
  };

/** @typedef {{ title: string, run: (paths: string[]) => Promise<Outcome>, beside?: boolean }} Stage */

/** Stages that are `beside` run two at a time, since each uses one core; those with tests use both. @type {Record<string, Stage>} */
const STAGES = {
  format: {
    title: 'format (prettier)',
    beside: true,
    run: check([bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.']),
  },
  lint: { title: 'lint (oxlint)', beside: true, run: check([bin('oxlint/bin/oxlint'), '--deny-warnings']) },
  types: { title: 'types (tsc)', beside: true, run: check([bin('typescript/bin/tsc'), '-b']) },
  'dead-code': { title: 'dead code (knip)', beside: true, run: check([bin('knip/bin/knip.js')]) },
  unused: {
    title: 'code that only tests use (knip)',
    beside: true,
    run: check([bin('knip/bin/knip.js'), '--production']),
  },
  kernels: {
    title: 'kernels rebuild to the same bytes',
    beside: true,
    run: check([join(root, 'scripts', 'build-kernels.mjs'), '--check']),
  },
  boundary: { title: 'boundary', run: tests('boundary') },
  unit: { title: 'unit tests', run: tests('unit', 'unit-apart') },
  e2e: { title: 'end-to-end tests', run: tests('e2e') },
  long: { title: 'long tests', run: tests('long') },
};

/** @param {string[]} argv */
async function main(argv) {
  const selected = argv.filter((arg) => Object.hasOwn(STAGES, arg));
  const paths = argv.filter((arg) => !Object.hasOwn(STAGES, arg) && arg !== '--');
  const wrong = paths.find((path) => path.startsWith('-') || !existsSync(join(root, path)));
  if (wrong !== undefined) {
    console.error(
      `Error: ${wrong} is neither a stage nor a path.\n  expected: ${Object.keys(STAGES).join(', ')}, or a path\n` +
        `  got:      ${wrong}\n  next:     for example: npm test -- unit crypto/public`,
    );
    return 2;
  }
  const names =
    selected.length > 0
      ? selected
      : paths.length > 0
        ? ['unit']
        : Object.keys(STAGES).filter((name) => name !== 'long');

  let total = NOTHING;
  const outcomes = begin(names, paths);
  for (const [place, name] of names.entries()) {
    const { title } = STAGES[name];
    if (process.stdout.isTTY) process.stdout.write(`  ${title} ...`);
    const { ok, output, counts, ms } = await outcomes(place);
    const seconds = `${(ms / 1000).toFixed(1)} s`;
    const number = counts
      ? `${counts.passed} passed${counts.skipped.length ? `, ${counts.skipped.length} skipped` : ''}`
      : '';
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[2K');
    console.log(
      `${ok ? '✓' : '✗'} ${title.padEnd(36)} ${seconds.padStart(8)}  ${ok ? number : 'failed'}`.trimEnd(),
    );
    if (counts) total = addUp(total, counts);
    if (!ok) {
      console.log(
        `\n${output.trimEnd()}\n\nStopped at: ${title}. Again this stage alone: npm test -- ${name}`,
      );
      if (total.passed + total.failed > 0) printTotal(total);
      return 1;
    }
  }
  if (total.passed + total.failed > 0) printTotal(total);
  return 0;
}

/**
 * Begins the stages that run beside each other, two at a time in their order; another one begins when it is asked for.
 * @param {string[]} names
 * @param {string[]} paths
 */
function begin(names, paths) {
  /** @param {string} name */
  const run = async (name) => {
    const started = Date.now();
    const outcome = await STAGES[name].run(paths);
    return { ...outcome, ms: Date.now() - started };
  };
  const places = [...names.keys()].filter((place) => STAGES[names[place]].beside);
  const begun = new Map(places.map((place) => [place, Promise.withResolvers()]));
  const lane = async () => {
    for (let place = places.shift(); place !== undefined; place = places.shift()) {
      const outcome = await run(names[place]);
      begun.get(place)?.resolve(outcome);
      if (!outcome.ok) return;
    }
  };
  void lane();
  void lane();
  return (/** @type {number} */ place) => begun.get(place)?.promise ?? run(names[place]);
}

/** @param {Counts} total */
function printTotal({ passed, failed, skipped }) {
  if (skipped.length > 0) {
    console.log(`\nSkipped (the shared test data or a platform feature is not here):`);
    for (const name of skipped) console.log(`  - ${name}`);
  }
  console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`);
}

process.exitCode = await main(process.argv.slice(2));
