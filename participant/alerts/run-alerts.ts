import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { check } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';

const RUN_FILE = /^(run-[0-9a-f]{16})\.json$/;
const MOST_BYTES = 16 * 1024 * 1024;

/** Of the file that a finished run leaves in the state folder: what is read of its alerts. */
const RunAlert = Type.Object({
  time: Type.Number(),
  srcHost: Type.String(),
  account: Type.String(),
  dstHosts: Type.Optional(Type.Array(Type.String())),
  score: Type.Optional(Type.Number()),
  events: Type.Optional(Type.Number()),
  reasons: Type.Optional(Type.Array(Type.String())),
});
export type RunAlert = Static<typeof RunAlert>;
const RunFile = Type.Object({ alerts: Type.Array(RunAlert) });

/** Runs whose alerts are in a state folder. */
export async function runsWithAlerts(state: string): Promise<string[]> {
  const names = await readdir(state);
  return names.flatMap((name) => RUN_FILE.exec(name)?.[1] ?? []).sort();
}

/**
 * The alerts that a finished run has left, the highest first.
 * @throws CordonError NOT_FOUND, ENCODING_INVALID where the file of the run is damaged
 */
export async function readRunAlerts(state: string, run: string): Promise<readonly RunAlert[]> {
  const path = join(state, `${run}.json`);
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw new CordonError('NOT_FOUND', {
      expected: `the alerts of ${run} at ${path}`,
      got: 'no such file',
      next: 'a participant writes it when the run is over; name the state folder that is in its configuration',
    });
  }
  try {
    if (found.size > MOST_BYTES) throw new Error(`${found.size} bytes`);
    return check(RunFile, JSON.parse(await readFile(path, 'utf8')), 'file of a run').alerts;
  } catch (cause) {
    const detail = {
      expected: `the alerts of ${run} in ${path}, as the participant wrote them`,
      got: toCordonError(cause).got,
      next: 'name the events with --from, --to, --account and --source in place of the alert',
    };
    throw new CordonError('ENCODING_INVALID', detail, { cause });
  }
}
