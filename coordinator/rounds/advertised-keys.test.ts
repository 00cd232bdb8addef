import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { AdvertisedKeys } from './advertised-keys.ts';

describe('advertised keys', () => {
  it('the newest of a member count; the same ones cost nothing; changed without end they are refused', () => {
    const federation = new TestFederation(3);
    let hashed = 0;
    const primitives = {
      ...nodePrimitives,
      sha256: (...parts: Uint8Array[]) => {
        hashed += 1;
        return nodePrimitives.sha256(...parts);
      },
    };
    const keys = new AdvertisedKeys({ primitives, roster: federation.roster });
    const fresh = () => federation.round(1).ephemeral('org-1');
    const first = fresh();
    keys.put(first.public, first.keys);
    hashed = 0;
    keys.put(first.public, first.keys);
    expect(hashed).toBe(0);
    let last = first;
    for (let i = 1; i < 16; i++) {
      last = fresh();
      keys.put(last.public, last.keys);
    }
    const more = fresh();
    expect(() => {
      keys.put(more.public, more.keys);
    }).toThrow('asks for too much');
    expect(keys.of(['org-1'])).toEqual([last.public]);
    expect(keys.pairsFor('org-2', [last.public]).subarray(0, 1216)).toEqual(Buffer.from(last.pair(1)));
  });
});
