import { expect, it } from 'vitest';
import { NOVELTY } from '../../test/alerted-site.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { topAlerts } from './top-alerts.ts';

it('what is known to be a false alarm raises no alert; what else its host does that day still may', async () => {
  const { events } = syntheticSite({ seed: 2, people: 10, servers: 5, days: 4, campaigns: 1 });
  const site = await prepareSite(events, [], { trainUntil: null, seed: 1 });
  const { architecture, weights } = NOVELTY;
  const alerts = topAlerts(architecture, weights, site, 1000);
  const [first] = alerts;
  expect(first?.events).toBeGreaterThan(1);
  const top = (time: number, srcHost: string) => time === first?.time && srcHost === first.srcHost;
  const without = topAlerts(architecture, weights, site, 1000, ({ time, srcHost }) => top(time, srcHost));
  const same = without.find(
    ({ srcHost, time }) => srcHost === first?.srcHost && Math.abs(time - first.time) < 43_200_000,
  );
  expect(same?.events).toBe((first?.events ?? 0) - 1);
  expect(same?.score).toBeLessThan(first?.score ?? 0);
  expect(without.slice(1).length).toBeGreaterThan(5);
  expect(topAlerts(architecture, weights, site, 1000, () => true)).toEqual([]);
});
