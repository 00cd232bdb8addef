import { DAY_MS } from '../models/metrics/alerts.ts';
import type { Alert } from '../participant/alerts/alert.ts';
import { alertId } from '../participant/alerts/alert.ts';
import { logon } from './auth-event.ts';

/** A line of an alert as a participant writes it. */
export function madeAlert(change: Partial<Alert> = {}): Alert {
  const event = { ...logon(34, 'ws17', 'fs01', 'ann@corp'), source: { dataset: 'd', record: 7, uid: 'u-7' } };
  return {
    type: 'alert',
    sequence: 1,
    id: alertId('acme', 'ws17', DAY_MS),
    number: 1,
    version: 1,
    srcHost: 'ws17',
    day: DAY_MS,
    raised: event.time - 5,
    updated: event.time + 0.5,
    written: 1_767_225_600_000,
    score: 4.5,
    threshold: 3,
    events: 2,
    destinations: 2,
    dstHosts: ['fs01', '10.0.0.9'],
    accounts: ['ann@corp'],
    account: 'ann@corp',
    event,
    reasons: [
      {
        feature: 'edgeNew',
        value: 1,
        usual: 0,
        weight: 2,
        words: 'this source never reached this destination before',
        against: 'ws17 had reached 3 other hosts, never fs01',
      },
      { feature: 'ntlm', value: 1, usual: 0, weight: 1, words: 'the protocol is NTLM', against: null },
    ],
    path: [{ time: event.time - 60_000, account: 'bob', from: '10.0.0.1', to: 'ws17', fresh: true }],
    model: { from: 'run-0123456789abcdef', hash: 'ab'.repeat(32), features: 'edge-v1' },
    ...change,
  };
}
