import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { statement } from '../../test/statement.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { type Label, type Statement, makeLabel } from '../labels/label.ts';
import { type Incident, IncidentIndex } from './incidents.ts';
import type { RowList } from './rows.ts';
import { SiteBuilder } from './site-builder.ts';

const { events, truth } = syntheticSite({ seed: 5, people: 8, servers: 3, days: 4, campaigns: 3 });
const hosts = [...new Set(events.map(({ srcHost }) => srcHost))];

function builder(index: IncidentIndex, scoredRows: number, trainUntil: number | null = null): SiteBuilder {
  return new SiteBuilder(index, { trainUntil, seed: 2, scoredRows, scored: 'recent' });
}

const rows = (list: RowList): string[] =>
  Array.from({ length: list.length }, (_, i) => list.row(i).join(' ')).toSorted();

/** What is in which sample, in no order. */
function samples(site: SiteBuilder): Record<string, string[]> {
  const { familiar, novel, incidents, validation } = site.site();
  return {
    familiar: rows(familiar),
    novel: rows(novel),
    incidents: rows(incidents),
    validation: rows(validation.list),
    events: validation.events.map((event) => JSON.stringify(event)).toSorted(),
  };
}

const label = (said: Partial<Statement>): Label =>
  makeLabel(statement({ to: 4 * DAY_MS, ...said }), { by: 'ann', at: 1 });

const indexes = fc
  .record({
    known: fc.subarray<Incident>(truth),
    labels: fc.array(
      fc
        .tuple(fc.constantFrom(...hosts), fc.nat(3), fc.boolean())
        .map(([source, day, benign]) =>
          label({ source, from: day * DAY_MS, verdict: benign ? 'benign' : 'malicious' }),
        ),
      { maxLength: 4 },
    ),
  })
  .map(({ known, labels }) => new IncidentIndex(known, labels));

describe('labels that come later', () => {
  it('make of events that are kept what they would have made of them at once', () => {
    fc.assert(
      fc.property(fc.array(indexes, { minLength: 2, maxLength: 4 }), fc.nat(events.length), (list, at) => {
        const [first, ...later] = list;
        const last = later.at(-1);
        if (first === undefined || last === undefined) return;
        const late = builder(first, 10_000);
        for (const event of events.slice(0, at)) late.add(event);
        for (const index of later) late.relabel(index);
        for (const event of events.slice(at)) late.add(event);
        const soon = builder(last, 10_000);
        for (const event of events) soon.add(event);
        expect(samples(late)).toEqual(samples(soon));
      }),
      { numRuns: 40 },
    );
  });

  it('change nothing where they say the same as before, to the bit, also after a restart', () => {
    for (const limit of [30, 10_000]) {
      const index = new IncidentIndex(truth);
      const site = builder(index, limit);
      for (const event of events) site.add(event);
      const before = site.snapshot();
      const again = builder(new IncidentIndex([]), limit);
      again.restore(before);
      again.relabel(index);
      expect(again.snapshot()).toEqual(before);
    }
  });

  it('reach back as far as events are kept, and from then on thresholds are what they would have been', () => {
    const limit = 60;
    // In the middle of the second attack: the first one is forgotten by then.
    const half = events.findIndex(({ time }) => time > (truth[8]?.time ?? 0));
    const index = new IncidentIndex(truth);
    const late = builder(new IncidentIndex([]), limit);
    for (const event of events.slice(0, half)) late.add(event);
    const isIncident = late.site().validation.events.filter((event) => index.campaignOf(event) !== null);
    expect(isIncident.length).toBeGreaterThan(0);
    expect(isIncident.length).toBeLessThan(
      truth.filter(({ time }) => time < (events[half]?.time ?? 0)).length,
    );
    late.relabel(index);
    expect(late.site().incidents.length).toBe(isIncident.length);
    expect(late.site().validation.events).toHaveLength(limit - isIncident.length);
    // Room is filled first, then the oldest go, one by one.
    const records = (): number[] => late.site().validation.events.map(({ source }) => source.record);
    const arrived = new Map(events.map(({ source }, i) => [source.record, i]));
    let expected = records().toSorted((a, b) => (arrived.get(a) ?? 0) - (arrived.get(b) ?? 0));
    for (const event of events.slice(half)) {
      if (late.add(event) === null || index.campaignOf(event) !== null) continue;
      expected = [...expected, event.source.record].slice(-limit);
      expect(new Set(records())).toEqual(new Set(expected));
    }
    const soon = builder(index, limit);
    for (const event of events) soon.add(event);
    expect(samples(late)['events']).toEqual(samples(soon)['events']);
  });

  it('teach from events that give thresholds where time is split, and leave the training rows as they are', () => {
    const trainUntil = 3 * DAY_MS;
    const late = builder(new IncidentIndex([]), 10_000, trainUntil);
    for (const event of events) late.add(event);
    const before = samples(late);
    const index = new IncidentIndex(truth);
    const moved = late.site().validation.events.filter((event) => index.campaignOf(event) !== null);
    late.relabel(index);
    const after = samples(late);
    expect(moved.length).toBeGreaterThan(0);
    expect(after['incidents']).toHaveLength(moved.length);
    expect(after['validation']).toHaveLength((before['validation']?.length ?? 0) - moved.length);
    expect([after['familiar'], after['novel']]).toEqual([before['familiar'], before['novel']]);
  });
});
