import { describe, expect, it } from 'vitest';
import { logon } from '../../test/auth-event.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { AT, EDGE_V1, type FeatureName } from '../features/edge-v1.ts';
import { FEDERATION, FEDERATION_AT } from '../features/edge-v2.ts';
import { FeatureExtractor } from '../features/extractor.ts';
import { against } from './against.ts';

const NOW = 12 * 24 + 10;

/** What an event is measured against, after these events. */
function said(before: readonly AuthEvent[], event: AuthEvent): (feature: FeatureName) => string | null {
  const extractor = new FeatureExtractor();
  for (const one of before) extractor.push(one);
  const row = extractor.peek(event).slice();
  return (feature) => against(feature, { event, row, accountSince: 0 });
}

/** Ann uses three hosts every day, from her desk; and files twice more on the last day. */
const days: AuthEvent[] = Array.from({ length: 12 }, (_, day) =>
  ['files', 'mail', 'wiki'].map((to, i) => logon(day * 24 + 9 + i / 10, 'desk', to)),
).flat();
const before = [...days, logon(11 * 24 + 10, 'desk', 'files'), logon(11 * 24 + 11, 'lab', 'files', 'bob@x')];

describe('what a feature is measured against', () => {
  it('is counted in the history before the event, to the number', () => {
    const event = logon(NOW, 'desk', 'fs01', 'ann@x', { protocol: 'NTLM' });
    const text = said(before, event);
    expect(text('edgeNew')).toBe('desk had reached 3 other hosts, never fs01');
    expect(text('accountDestinationNew')).toBe('ann@x had used 3 other hosts in 12 days, never fs01');
    expect(text('accountTotal')).toBe('37 events of ann@x before in 12 days');
    expect(text('accountSourceTotal')).toBe('37 events of ann@x from desk before');
    expect(text('edgeTotal')).toBe('0 events from desk to fs01 before');
    expect(text('edgeAge')).toBe('desk to fs01: never before, or long ago');
    expect(text('automatic')).toBeNull();
  });

  it('is counted of pairs that are known, with how long ago', () => {
    const text = said(before, logon(NOW, 'desk', 'files'));
    expect(text('edgeTotal')).toBe('13 events from desk to files before');
    expect(text('accountDestinationTotal')).toBe('13 events of ann@x at files before');
    expect(text('edgeAge')).toBe('desk to files: last 24 hours ago');
    expect(text('destinationSources')).toBe('2 hosts had come to files');
    expect(text('destinationAccounts')).toBe('2 accounts had been used at files');
    expect(said(before, logon(NOW + 100, 'desk', 'mail'))('edgeAge')).toBe('desk to mail: last 5 days ago');
  });

  it('has a number that is one in the singular, and one that is cut off says so', () => {
    const event = logon(NOW, 'lab', 'wiki', 'bob@x');
    expect(said(before, event)('accountDestinationNew')).toBe(
      'bob@x had used 1 other host in 12 days, never wiki',
    );
    const row = new Float32Array(47).fill(4);
    expect(against('sourceDestinations', { event, row, accountSince: null })).toBe(
      'at least 2,980 hosts before',
    );
  });

  it('is said without failing of every feature, whatever its value', () => {
    const event = logon(NOW, '', '', '');
    for (const value of [-4, 0, 0.3, 1, 4]) {
      const row = new Float32Array(47).fill(value);
      for (const { name } of [...EDGE_V1, ...FEDERATION]) {
        const text = against(name, { event, row, accountSince: null });
        if (text !== null) expect(text).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
    const row = new Float32Array(47);
    row[FEDERATION_AT.accountOthers] = Math.log1p(2);
    row[AT.automatic] = 1;
    expect(against('accountOthers', { event, row, accountSince: null })).toBe(
      'about 2 other organisations lately',
    );
  });
});
