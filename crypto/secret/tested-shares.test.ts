import { describe, expect, it } from 'vitest';
import { contribute, sealedFor } from '../../test/crypto-contribution.ts';
import type { Contribution } from '../../test/crypto-contribution.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { ContributorSet, contributorOf } from '../public/contributor-set.ts';
import { TestedShares } from './tested-shares.ts';

const federation = new TestFederation(4);
const { roster } = federation;
const round = federation.round(1, { length: 100 });
const [first, second, third, fourth] = ['org-1', 'org-2', 'org-3', 'org-4'].map((member) =>
  contribute(round, member),
);
if (!first || !second || !third || !fourth) throw new Error('no contributions');

function setOf(...list: readonly Contribution[]): ContributorSet {
  const contributors = list.map(({ manifest }) => contributorOf(p, manifest));
  return new ContributorSet(p, round.transcript, round.hash, contributors);
}

/** What `org-1` has that has tested its shares of these. */
function testedOf(...list: readonly Contribution[]): TestedShares {
  const modules = { primitives: p, roster, sign: federation.key('org-1').sign };
  const request = { closed: setOf(...list), key: round.ephemeral('org-1'), sealed: sealedFor(list, 'org-1') };
  return TestedShares.test(modules, request);
}

describe('the sum over S', () => {
  it('of a part of those that were closed is the one of a member that never had the others', () => {
    const all = testedOf(first, second, third, fourth);
    for (const part of [[first, second, third, fourth], [first, third, fourth], [second]]) {
      expect(all.sumOver(setOf(...part))).toEqual(testedOf(...part).sumOver(setOf(...part)));
    }
  });

  it('is refused where S names a contributor that was not closed, or another manifest of one that was', () => {
    const tested = testedOf(first, second, third);
    const outside = [
      setOf(first, second, third, fourth),
      setOf(first, second, fourth),
      setOf(first, second, contribute(round, 'org-3')),
    ];
    for (const set of outside) {
      expect(() => tested.sumOver(set)).toThrow(
        expect.objectContaining({ code: 'LOG_INVALID', expected: 'a set out of those that were closed' }),
      );
    }
  });
});
