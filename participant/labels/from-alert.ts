import { join } from 'node:path';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { CordonError } from '../../protocol/errors.ts';
import { ALERTS_FILE, readAlerts } from '../alerts/alert-file.ts';
import { readRunAlerts } from '../alerts/run-alerts.ts';
import type { Statement } from './label.ts';

const OF_RUN = /^(run-[0-9a-f]{16}):([1-9]\d{0,5})$/;
const LIVE = /^([1-9]\d{0,8}|alert-[0-9a-f]{16})$/;

/** Which events an alert means. */
export type AlertScope = Pick<Statement, 'from' | 'to' | 'account' | 'source'>;

/**
 * What an alert is about: its source host and the account of its highest event, on its day.
 * @param state state folder of the participant
 * @param reference number or id of an alert in live use; or `RUN:NUMBER`, the first alert of a run being 1
 * @throws CordonError USAGE for another form, NOT_FOUND, ENCODING_INVALID where a file of alerts is damaged
 */
export async function alertScope(state: string, reference: string): Promise<AlertScope> {
  const { time, account, srcHost } = await alertAt(state, reference);
  const from = Math.floor(time / DAY_MS) * DAY_MS;
  return { from, to: from + DAY_MS, account: account || null, source: srcHost || null };
}

interface Found {
  readonly time: number;
  readonly account: string;
  readonly srcHost: string;
}

async function alertAt(state: string, reference: string): Promise<Found> {
  const [, run = '', place = ''] = OF_RUN.exec(reference) ?? [];
  if (run !== '') {
    const alerts = await readRunAlerts(state, run);
    const found = alerts[Number(place) - 1];
    if (found !== undefined) return found;
    throw notFound(`an alert from 1 to ${alerts.length} of ${run}`, place, join(state, `${run}.json`));
  }
  if (!LIVE.test(reference)) {
    throw new CordonError('USAGE', {
      expected: 'an alert by its number or id, or as RUN:NUMBER, for example 17 or run-0123456789abcdef:1',
      got: reference,
      next: 'cordon alert ls shows the alerts of a state folder',
    });
  }
  const alerts = readAlerts(state);
  const found = alerts.find(({ number, id }) => String(number) === reference || id === reference);
  if (found !== undefined) return { ...found, time: found.day };
  throw notFound('the number or id of an alert', reference, join(state, ALERTS_FILE));
}

function notFound(expected: string, got: string, path: string): CordonError {
  return new CordonError('NOT_FOUND', {
    expected,
    got,
    next: `cordon alert ls shows them; they stand in ${path}`,
  });
}
