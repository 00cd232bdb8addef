import { stat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type from 'typebox';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { check } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import type { Statement } from './label.ts';

const REFERENCE = /^(run-[0-9a-f]{16}):([1-9]\d{0,5})$/;
const MOST_BYTES = 16 * 1024 * 1024;

/** Of the alerts that a finished run leaves in the state folder: what a label takes. */
const RunFile = Type.Object({
  alerts: Type.Array(Type.Object({ time: Type.Number(), srcHost: Type.String(), account: Type.String() })),
});

/** Which events an alert means. */
export type AlertScope = Pick<Statement, 'from' | 'to' | 'account' | 'source'>;

/**
 * What an alert is about: its source host and the account of its highest event, on its day.
 * @param state state folder of the participant
 * @param reference `RUN:NUMBER`, the first alert of a run being 1
 * @throws CordonError USAGE for another form, NOT_FOUND, ENCODING_INVALID where the file of the run is damaged
 */
export async function alertScope(state: string, reference: string): Promise<AlertScope> {
  const [, run = '', number = ''] = REFERENCE.exec(reference) ?? [];
  if (run === '') {
    throw new CordonError('USAGE', {
      expected: 'an alert as RUN:NUMBER, for example run-0123456789abcdef:1',
      got: reference,
      next: 'the run is the name of a file in the state folder, the number the place of the alert in it, from 1',
    });
  }
  const path = join(state, `${run}.json`);
  const { alerts } = await readRun(path, run);
  const alert = alerts[Number(number) - 1];
  if (alert === undefined) {
    throw new CordonError('NOT_FOUND', {
      expected: `an alert from 1 to ${alerts.length} of ${run}`,
      got: number,
      next: `see ${path}`,
    });
  }
  const from = Math.floor(alert.time / DAY_MS) * DAY_MS;
  return { from, to: from + DAY_MS, account: alert.account || null, source: alert.srcHost || null };
}

async function readRun(path: string, run: string) {
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
    return check(RunFile, JSON.parse(await readFile(path, 'utf8')), 'file of a run');
  } catch (cause) {
    const detail = {
      expected: `the alerts of ${run} in ${path}, as the participant wrote them`,
      got: toCordonError(cause).got,
      next: 'name the events with --from, --to, --account and --source in place of the alert',
    };
    throw new CordonError('ENCODING_INVALID', detail, { cause });
  }
}
