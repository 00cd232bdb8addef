import { describe, expect, it } from 'vitest';
import { bestOf } from './best-of.ts';
import type { MetricRow } from './metrics.ts';

const MEMBERS = ['port', 'rail', 'customs', 'harbour'];

/** Recall and average precision of each member. */
function method(name: string, recalls: (number | null)[], aps: number[], seed = 1): MetricRow[] {
  return MEMBERS.flatMap((member, i) => [
    { seed, method: name, member, metric: 'memberRecall', value: recalls[i] ?? null },
    { seed, method: name, member, metric: 'ap', value: aps[i] ?? null },
    { seed, method: name, member, metric: 'events', value: 100 * (i + 1) },
  ]);
}

describe('the best method for each member', () => {
  const rows = [
    ...method('a', [0.5, 0.5, null, 0.1], [0.9, 0.1, 0.4, 0.2]),
    ...method('b', [0.4, 0.5, null, 0.3], [0.1, 0.2, 0.4, 0.1]),
    ...method('c', [1, 1, 1, 1], [1, 1, 1, 1]),
  ];
  const best = bestOf('best', ['a', 'b'], rows);
  const value = (member: string, metric: string) =>
    best.find((row) => row.member === member && row.metric === metric)?.value;

  it('is chosen by recall, then by average precision, among those that are named alone', () => {
    expect(MEMBERS.map((member) => value(member, 'memberRecall'))).toEqual([0.5, 0.5, null, 0.3]);
    expect(MEMBERS.map((member) => value(member, 'ap'))).toEqual([0.9, 0.2, 0.4, 0.1]);
    expect(best.every((row) => row.method === 'best')).toBe(true);
  });

  it('has means over the members, and over the three smallest', () => {
    expect(value('all', 'memberRecall')).toBeCloseTo(1.3 / 3, 12);
    expect(value('all', 'ap')).toBeCloseTo(1.6 / 4, 12);
    expect(value('all', 'memberRecall@smallest')).toBeCloseTo(0.5, 12);
    expect(value('all', 'ap@smallest')).toBeCloseTo(1.5 / 3, 12);
  });

  it('is chosen for each seed anew', () => {
    const two = [
      ...rows,
      ...method('a', [0, 0, 0, 0], [0, 0, 0, 0], 2),
      ...method('b', [1, 1, 1, 1], [1, 1, 1, 1], 2),
    ];
    const all = bestOf('best', ['a', 'b'], two).filter(
      ({ member, metric }) => member === 'all' && metric === 'memberRecall',
    );
    expect(all.map(({ seed, value: one }) => [seed, one?.toFixed(3)])).toEqual([
      [1, '0.433'],
      [2, '1.000'],
    ]);
  });
});
