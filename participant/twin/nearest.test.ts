import { describe, expect, it } from 'vitest';
import { logon } from '../../test/auth-event.ts';
import { nearestNodes } from './nearest.ts';
import { TwinGraph } from './twin-graph.ts';

function twinOf(hosts: readonly string[], limits?: { hosts: number }): TwinGraph {
  const all = {
    hosts: 100,
    accounts: 100,
    accountEdges: 100,
    hostEdges: 100,
    networkEdges: 100,
    images: 100,
  };
  const twin = new TwinGraph({ limits: { ...all, ...limits } });
  hosts.forEach((host, i) => twin.apply(logon(i, 'ws-1.north.test', host, `user${i}@north.test`)));
  return twin;
}

describe('nearest nodes', () => {
  const twin = twinOf(['dc-1.north.test', 'dc-2.north.test', 'mail.north.test', '10.0.0.1']);

  it.each([
    ['dc-3.north.test', ['dc-1.north.test', 'dc-2.north.test', 'ws-1.north.test']],
    ['mail.nroth.test', ['mail.north.test']],
    ['MAIL', ['mail.north.test']],
    ['mial', ['mail.north.test']],
    ['11', []],
    ['printer', []],
  ])('of the host %s', (word, found) => expect(nearestNodes(twin, 'host', word)).toEqual(found));

  it('of an account, with and without what is behind the @', () => {
    expect(nearestNodes(twin, 'account', 'usr0')).toEqual(['user0@north.test']);
    expect(nearestNodes(twin, 'account', 'user0@nort.test')[0]).toBe('user0@north.test');
    expect(nearestNodes(twin, 'account', 'mail')).toEqual([]);
  });

  it('are none that the twin has forgotten', () => {
    const small = twinOf(
      Array.from({ length: 100 }, (_, i) => `server-${i}.north.test`),
      { hosts: 16 },
    );
    const found = nearestNodes(small, 'host', 'server-0.north.test');
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((name) => small.host(name) === null)).toEqual([]);
  });
});
