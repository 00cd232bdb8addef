import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../shared-data.ts';

const SCRIPT = fileURLToPath(new URL('../fuzz/run-apart.ts', import.meta.url));
/** MB of heap: a reader that keeps what a file holds ends with it. */
const HEAP = 300;
/** A process that has not ended by then hangs, or does work by the square of a line. */
const HANGS_MS = 3_600_000;

const folders = [
  'formats',
  'telemetry/evtx',
  'telemetry/apt29',
  'telemetry/zeek',
  'telemetry/mordor',
  'telemetry/optc',
  'telemetry/vast2013',
  'telemetry/loghub',
].flatMap((name) => sharedData(name) ?? []);

async function apart(seed: number, copies: number, size: number): Promise<Record<string, number>> {
  const given = [
    `--max-old-space-size=${HEAP}`,
    SCRIPT,
    folders.join(':'),
    ...[seed, copies, size].map(String),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, given, { timeout: HANGS_MS });
  return JSON.parse(stdout) as Record<string, number>;
}

describe.skipIf(folders.length === 0)('every genuine file, damaged (needs shared data)', () => {
  it.each([1, 2, 3])('in many small ways, seed %i', async (seed) => {
    const outcomes = await apart(seed, 12, 20_000);
    expect(outcomes['read, with rejects']).toBeGreaterThan(100);
  });

  it('with lines, columns, names and nesting of a million', async () => {
    const outcomes = await apart(4, 6, 1_000_000);
    expect(outcomes['read, with rejects']).toBeGreaterThan(100);
  });
});
