import { beforeAll, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { memberSeed } from '../demo/member-seed.ts';
import { federatePlain } from '../evaluate/federated-plain.ts';
import { type TrainedMethod, trainTask } from './experiment.ts';
import { checkSameBits } from './same-bits.ts';

const method: TrainedMethod = {
  kind: 'trained',
  name: 'federated',
  weights: 'federated',
  labels: 'own',
  counting: null,
  coldStart: null,
  unlabelled: null,
  falseIncidents: null,
  publicAttacks: null,
  evidence: 0,
  encryption: true,
  attack: null,
  aggregation: null,
  weighting: 'equal',
  privacy: null,
  partition: null,
  participation: 1,
  clipNorm: 4,
  hidden: 4,
  rounds: 3,
  training: { steps: 3, batch: 16, learningRate: 0.01, corrupted: 0.1 },
};
const MEMBERS = ['port', 'rail', 'depot', 'grid'];
const sites = new Map<string, SiteData>();
beforeAll(async () => {
  for (const [i, member] of MEMBERS.entries()) {
    const { events, truth } = syntheticSite({ seed: 60 + i, people: 10, servers: 4, days: 4, campaigns: 3 });
    sites.set(member, await prepareSite(events, truth, { trainUntil: 3 * DAY_MS, seed: 1 }));
  }
});

/** What a deployment would say whose rounds had these contributors. */
function deployed(contributorsOf: (round: number) => string[]) {
  const members = [...sites].map(([organisation, site]) => ({
    organisation,
    site,
    seed: memberSeed(5, organisation),
  }));
  const { federated, state, weightsOf } = federatePlain(members, trainTask(method, 5), {
    contributors: contributorsOf,
  });
  const reports = [1, 2, 3].map((round) => ({ round, contributors: contributorsOf(round) }));
  return { modelHash: federated.hash(nodePrimitives.sha256, state), weightsOf, reports };
}

describe('the model of a deployment', () => {
  it('must be that of training without encryption in which all take part, where all did', () => {
    const all = deployed(() => MEMBERS);
    expect(checkSameBits(method, sites, 5, all, all)).toEqual([]);
    const other = { ...all, modelHash: '0'.repeat(64) };
    expect(() => checkSameBits(method, sites, 5, all, other)).toThrow(/as without encryption/);
  });

  it('must be it at every member, also where the head is its own', () => {
    const all = deployed(() => MEMBERS);
    const weightsOf = (member: string) => {
      const weights = all.weightsOf(member).slice();
      if (member === 'rail') weights[3] = -(weights[3] ?? 0);
      return weights;
    };
    expect(() => checkSameBits(method, sites, 5, all, { ...all, weightsOf })).toThrow(
      /other weights at rail/,
    );
  });

  it('must be that of the same contributors round by round, where somebody was too slow, and says who', () => {
    const all = deployed(() => MEMBERS);
    const without = deployed((round) => (round === 2 ? ['port', 'depot', 'grid'] : MEMBERS));
    expect(without.modelHash).not.toBe(all.modelHash);
    expect(checkSameBits(method, sites, 5, all, without)).toEqual([{ round: 2, members: ['rail'] }]);
    const other = { ...all, reports: without.reports };
    expect(() => checkSameBits(method, sites, 5, all, other)).toThrow(/as without encryption/);
  });
});
