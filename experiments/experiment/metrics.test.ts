import { describe, expect, it } from 'vitest';
import { type MetricRow, differences, metricsCsv, summarise } from './metrics.ts';

const row = (
  seed: number,
  method: string,
  value: number | null,
  metric = 'ap',
  member = 'all',
): MetricRow => ({
  seed,
  method,
  member,
  metric,
  value,
});

describe('tables over seeds', () => {
  it('leave out what is not defined, and have no interval from one seed', () => {
    const none = { low: null, high: null, bootstrapLow: null, bootstrapHigh: null };
    const rows = [row(1, 'a', 0.5), row(2, 'a', null), row(1, 'a', null, 'auc')];
    expect(summarise(rows)).toEqual([{ method: 'a', member: 'all', metric: 'ap', mean: 0.5, n: 1, ...none }]);
  });

  it('take differences seed by seed, where both are defined, whatever the order', () => {
    const rows = [
      row(1, 'a', 0.9),
      row(2, 'a', 0.5),
      row(3, 'a', 1),
      row(4, 'a', 0.1, 'ap', 'port'),
      row(3, 'b', null),
      row(2, 'b', 0.25),
      row(1, 'b', 0.65),
    ];
    const [one, ...others] = differences({ name: 'a', rows }, { name: 'b', rows });
    expect(others).toEqual([]);
    expect(one).toMatchObject({ a: 'a', b: 'b', metric: 'ap', n: 2 });
    expect(one?.mean).toBeCloseTo(0.25, 12);
    expect(one?.high).toBeCloseTo(0.25, 12);
  });

  it('are CSV with nothing where a figure is not defined', () => {
    expect(metricsCsv([row(1, 'a', 0.5), row(2, 'a', null)])).toBe(
      'seed,method,member,metric,value\n1,a,all,ap,0.5\n2,a,all,ap,\n',
    );
  });
});
