import { describe, expect, it } from 'vitest';
import { bySeries, seriesOf } from './series.ts';

const grouped = (...labels: string[]) => Object.fromEntries(bySeries(labels, (label) => label));

describe('series of rotated files', () => {
  it('numbers count backwards, with and without compression', () => {
    expect(grouped('auth.log', 'auth.log.1', 'auth.log.10.gz', 'auth.log.2.gz')).toEqual({
      'auth.log': ['auth.log.10.gz', 'auth.log.2.gz', 'auth.log.1', 'auth.log'],
    });
  });

  it('dates count forwards, before or after the extension and in several spellings', () => {
    expect(grouped('auth.log-20260102', 'auth.log', 'auth.log-20251231.gz')).toEqual({
      'auth.log': ['auth.log-20251231.gz', 'auth.log-20260102', 'auth.log'],
    });
    expect(grouped('auth-20260101.log.gz', 'auth.log', 'auth-20260102.log')).toEqual({
      'auth.log': ['auth-20260101.log.gz', 'auth-20260102.log', 'auth.log'],
    });
    expect(grouped('a.2026-01-02.jsonl', 'a.2026-01-01.jsonl')).toEqual({
      'a.jsonl': ['a.2026-01-01.jsonl', 'a.2026-01-02.jsonl'],
    });
    expect(grouped('x-2026010123', 'x-2026010200', 'x-20260102-010203.zst')).toEqual({
      x: ['x-2026010123', 'x-2026010200', 'x-20260102-010203.zst'],
    });
    expect(
      grouped('b.ecar-2019-12-08T11-05-10.046.json.gz', 'b.ecar-2019-12-08T10-15-11.600.json.gz'),
    ).toEqual({
      'b.ecar.json': ['b.ecar-2019-12-08T10-15-11.600.json.gz', 'b.ecar-2019-12-08T11-05-10.046.json.gz'],
    });
  });

  it('seconds since 1970 count forwards', () => {
    expect(grouped('audit.log.1767225600', 'audit.log', 'audit.log.1767139200.gz')).toEqual({
      'audit.log': ['audit.log.1767139200.gz', 'audit.log.1767225600', 'audit.log'],
    });
  });

  it('archives of Windows come before the log they are of', () => {
    expect(
      grouped(
        'Security.evtx',
        'Archive-Security-2026-01-31-23-59-59-999.evtx',
        'Archive-Security-2026-01-30-08-00-00-001.evtx',
        'Archive-System-2026-01-30-08-00-00-001.evtx',
      ),
    ).toEqual({
      'Security.evtx': [
        'Archive-Security-2026-01-30-08-00-00-001.evtx',
        'Archive-Security-2026-01-31-23-59-59-999.evtx',
        'Security.evtx',
      ],
      'System.evtx': ['Archive-System-2026-01-30-08-00-00-001.evtx'],
    });
  });

  it('what only looks like rotation stays apart', () => {
    const apart = [
      'wls_day-01.json',
      'wls_day-02.json',
      'dc1/auth.log',
      'dc2/auth.log',
      'v1.2.json',
      'v1.3.json',
    ];
    expect(Object.keys(grouped(...apart)).toSorted()).toEqual(apart.toSorted());
    expect(seriesOf('10.0.0.1.log').series).toBe('10.0.0.1.log');
    expect(seriesOf('20269901.log').series).toBe('20269901.log');
  });
});
