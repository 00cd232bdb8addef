import { expect, it } from 'vitest';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { samplesOf } from '../../test/live-answers.ts';
import { HOUR_MS } from '../../test/sketch-task.ts';
import { answer, bookOf } from '../../test/stored-answers.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { EDGE_V1 } from '../features/edge-v1.ts';
import { EDGE_V2_LENGTH, FEDERATION_AT, FederatedExtractor } from '../features/edge-v2.ts';
import { IncidentIndex } from './incidents.ts';
import { SiteBuilder } from './site-builder.ts';
import { siteMoment } from './site-moment.ts';

const { events, truth } = syntheticSite({ seed: 4, people: 30, servers: 8, days: 6, campaigns: 6 });
const answers = [1, 2, 3].map((day) =>
  answer((day * DAY_MS) / HOUR_MS, [{ account: `u${day}@x`, source: `w${day}`, members: 3, failures: 2 }]),
);

it.each([['with a split', 4 * DAY_MS] as const, ['without', null] as const])(
  'rows of edge-v2 cut to edge-v1 are those of a site that makes edge-v1, copies and samples too: %s',
  (_, trainUntil) => {
    const options = { trainUntil, seed: 8, scoredRows: 500, scored: 'recent' } as const;
    const index = new IncidentIndex(truth);
    const own = new SiteBuilder(index, options);
    const wide = new SiteBuilder(index, { ...options, extractor: new FederatedExtractor(bookOf(answers)) });
    for (const event of events) {
      own.add(event);
      wide.add(event);
    }
    const site = wide.site();
    const cut = siteMoment(site, EDGE_V1.length);
    expect(samplesOf(cut)).toEqual(samplesOf(own.site()));
    expect(cut.validationShare).toBe(own.site().validationShare);
    for (const name of ['familiar', 'novel', 'corrupted', 'incidents'] as const) {
      expect([name, cut[name].length > 0, site[name].width]).toEqual([name, true, EDGE_V2_LENGTH]);
    }
    const { list } = site.evaluation;
    const others = Array.from(
      { length: list.length },
      (_, i) => list.row(i)[FEDERATION_AT.accountOthers] ?? 0,
    );
    expect(Math.max(...others)).toBeGreaterThan(0);
  },
);

it('what was taken at a moment stays, whatever comes after', () => {
  const builder = new SiteBuilder(new IncidentIndex([]), { trainUntil: null, seed: 8 });
  const half = events.length / 2;
  for (const event of events.slice(0, half)) builder.add(event);
  const moment = siteMoment(builder.site(), EDGE_V1.length);
  const { familiar } = moment;
  const before = familiar.rows.slice();
  for (const event of events.slice(half)) builder.add(event);
  expect(moment.familiar.rows).toEqual(before);
  expect(builder.site().familiar.length).toBeGreaterThan(familiar.length);
});
