import { describe, expect, it } from 'vitest';
import { logon } from '../../test/auth-event.ts';
import { Arrivals } from './arrivals.ts';

const HOUR = 3_600_000;

describe('the way to a host', () => {
  it('is the chain of new arrivals, the first hop first, across a change of account', () => {
    const arrivals = new Arrivals();
    arrivals.add(logon(1, 'desk', 'jump', 'ann@x'), true, 3);
    arrivals.add(logon(2, 'jump', 'db', 'ann@x'), true, 4);
    arrivals.add(logon(2.5, 'other', 'db', 'backup@x'), false, 9);
    arrivals.add(logon(3, 'db', 'files', 'admin@x'), true, 5);
    expect(arrivals.pathTo('files', 'admin@x', 4 * HOUR)).toEqual([
      { time: HOUR, account: 'ann@x', from: 'desk', to: 'jump', fresh: true },
      { time: 2 * HOUR, account: 'ann@x', from: 'jump', to: 'db', fresh: true },
      { time: 3 * HOUR, account: 'admin@x', from: 'db', to: 'files', fresh: true },
    ]);
    // What came later led nowhere before.
    expect(arrivals.pathTo('files', 'admin@x', 2.9 * HOUR)).toEqual([]);
    // After a day it explains nothing.
    expect(arrivals.pathTo('files', 'admin@x', 28 * HOUR)).toEqual([]);
  });

  it('goes by the same account where nothing is new, and not by that of others', () => {
    const arrivals = new Arrivals();
    arrivals.add(logon(1, 'desk', 'jump', 'ann@x'), false, 0);
    arrivals.add(logon(1.5, 'till', 'jump', 'bob@x'), false, 0);
    expect(arrivals.pathTo('jump', 'ann@x', 2 * HOUR)).toMatchObject([{ from: 'desk', fresh: false }]);
    expect(arrivals.pathTo('jump', 'eve@x', 2 * HOUR)).toEqual([]);
  });

  it('ends in a circle, knows no logon to the host itself and none that failed, and keeps what is new', () => {
    const arrivals = new Arrivals();
    arrivals.add(logon(1, 'a', 'b'), true, 1);
    arrivals.add(logon(2, 'b', 'a'), true, 1);
    arrivals.add(logon(2, 'a', 'a'), true, 1);
    arrivals.add(logon(2, 'c', 'a', 'ann@x', { success: false }), true, 9);
    expect(arrivals.pathTo('a', 'ann@x', 3 * HOUR)).toMatchObject([{ from: 'b', to: 'a' }]);
    for (let i = 0; i < 50; i++) arrivals.add(logon(2 + i / 100, `n${i}`, 'a'), false, 0);
    expect(arrivals.pathTo('a', 'ann@x', 3 * HOUR)).toMatchObject([{ from: 'b', to: 'a' }]);
  });

  it('is remembered of a bounded number of hosts, those that were come to last', () => {
    const arrivals = new Arrivals();
    for (let i = 0; i < 10_100; i++) arrivals.add(logon(1 + i / 1e6, 'desk', `h${i}`), true, 1);
    expect(arrivals.snapshot()).toHaveLength(10_000);
    expect(arrivals.pathTo('h50', 'ann@x', 2 * HOUR)).toEqual([]);
    const back = new Arrivals();
    back.restore(arrivals.snapshot());
    expect(back.pathTo('h10099', 'ann@x', 2 * HOUR)).toHaveLength(1);
  });
});
