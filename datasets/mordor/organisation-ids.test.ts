import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { organisationIds } from './organisation-ids.ts';

const MEMBER_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ids = (...domains: string[]): string[] => {
  const found = organisationIds(domains);
  return domains.map((domain) => found.get(domain) ?? '');
};

describe('organisationIds', () => {
  it('is the first label where that is enough', () => {
    expect(ids('theshire.local', 'pandalab.com', 'mordor.local')).toEqual(['theshire', 'pandalab', 'mordor']);
  });

  it('takes the next label where two domains begin alike, and only there', () => {
    expect(ids('corp.local', 'corp.example', 'other.local')).toEqual(['corp-local', 'corp-example', 'other']);
    expect(ids('corp.east.local', 'corp.east.example')).toEqual(['corp-east-local', 'corp-east-example']);
    expect(ids('corp.local', 'corp.example', 'corp-local.test')).toEqual([
      'corp-local',
      'corp-example',
      'corp-local-test',
    ]);
  });

  it('makes a legal member id of labels that are none', () => {
    expect(ids('my_lab.local', '_x.local', `${'a'.repeat(80)}.local`, '_.local')).toEqual([
      'my-lab',
      'x',
      'a'.repeat(63),
      'domain',
    ]);
    expect(ids('my_lab.local', 'my-lab.local')).toEqual(['my-lab-local-2', 'my-lab-local']);
  });

  it('gives every domain a legal id of its own, whatever the order', () => {
    const label = fc.stringMatching(/^[a-c_é-]{0,3}$/);
    const domain = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(fc.uniqueArray(domain, { maxLength: 12 }), (domains) => {
        const found = organisationIds(domains);
        expect(new Set(found.values()).size).toBe(domains.length);
        for (const id of found.values()) expect(id).toMatch(MEMBER_ID);
        expect(organisationIds(domains.toReversed())).toEqual(found);
      }),
    );
  });
});
