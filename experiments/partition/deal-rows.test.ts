import { beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { dealRows } from './deal-rows.ts';

const KINDS = ['familiar', 'novel', 'corrupted', 'incidents'] as const;
const sites = new Map<string, SiteData>();
beforeAll(async () => {
  for (const [i, member] of ['port', 'rail', 'depot'].entries()) {
    const { events, truth } = syntheticSite({ seed: 40 + i, people: 14, servers: 4, days: 4, campaigns: 3 });
    // Only the first has labels.
    const site = await prepareSite(events, i === 0 ? truth : [], { trainUntil: 3 * DAY_MS, seed: 1 });
    sites.set(member, site);
  }
});

const rowsOf = (all: ReadonlyMap<string, SiteData>, kind: (typeof KINDS)[number]) =>
  [...all.values()]
    .flatMap((site) => Array.from({ length: site[kind].length }, (_, i) => site[kind].row(i).join()))
    .toSorted();

describe('training rows dealt out anew', () => {
  it('are the same rows in all, of every kind, while thresholds and test events stay', () => {
    for (const by of ['organisation', 'kind'] as const) {
      const dealt = dealRows(sites, { kind: 'iid' }, by, 1);
      for (const kind of KINDS) expect(rowsOf(dealt, kind)).toEqual(rowsOf(sites, kind));
      for (const [member, site] of dealt) {
        expect(site.validation).toBe(sites.get(member)?.validation);
        expect(site.evaluation).toBe(sites.get(member)?.evaluation);
        expect(site.incidents.length).toBeGreaterThan(0);
      }
      expect(dealRows(sites, { kind: 'iid' }, by, 1)).toEqual(dealt);
    }
  });

  it('by natural labels are those of the organisations themselves', () => {
    const dealt = dealRows(sites, { kind: 'natural' }, 'organisation', 1);
    for (const [member, site] of dealt) {
      for (const kind of ['familiar', 'novel', 'corrupted'] as const) {
        expect(site[kind].rows).toEqual(sites.get(member)?.[kind].rows);
      }
    }
  });

  it('refuse a member with nothing benign to train on', () => {
    expect(() => dealRows(sites, { kind: 'natural' }, 'kind', 1)).toThrow(/at most 3 labels/);
    expect(() => dealRows(sites, { kind: 'dirichlet', alpha: 0.001, least: 0 }, 'kind', 3)).toThrow(
      /benign rows/,
    );
  });
});
