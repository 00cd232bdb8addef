import { mkdirSync, writeFileSync } from 'node:fs';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import type { ParticipantConfig } from '../config.ts';
import { DEFAULT_POLICY } from '../federation/site-policy.ts';
import { addLabels } from '../labels/label-book.ts';
import { type Statement, makeLabel } from '../labels/label.ts';
import { openTelemetry } from '../live/open-telemetry.ts';
import type { SiteData } from '../train/site-data.ts';

const { events, truth } = syntheticSite({ seed: 4, people: 12, servers: 4, days: 8, campaigns: 3 });
const trainUntil = 6 * DAY_MS;
const clocks = { now: () => 1e12, elapsed: () => performance.now() };
const known = truth.filter(({ time }) => time < trainUntil);

const statement = (said: Partial<Statement>): Statement => ({
  from: 0,
  to: trainUntil,
  account: null,
  source: null,
  destination: null,
  uid: null,
  campaign: 'c',
  technique: null,
  note: null,
  verdict: 'malicious',
  ...said,
});

const exact = known.map(({ time, account, srcHost, dstHost }) =>
  statement({ from: time, to: time + 1, account, source: srcHost, destination: dstHost }),
);

/** The samples of a participant with these labels in its state folder, read once or followed. */
async function siteWith(labels: readonly Statement[], way: 'events' | 'watch'): Promise<SiteData> {
  using folder = temporaryFolder();
  for (const name of ['logs', 'state']) mkdirSync(folder.path(name));
  writeFileSync(folder.path('logs/a.jsonl'), events.map(formatEvent).join(''));
  await addLabels(
    folder.path('state'),
    labels.map((said) => makeLabel(said, { by: 'ann', at: 1 })),
    true,
  );
  const config: ParticipantConfig = {
    member: 'acme',
    coordinator: 'http://127.0.0.1:1',
    key: 'k',
    roster: 'r',
    state: folder.path('state'),
    telemetry: { [way]: folder.path('logs'), incidents: null, trainUntil },
    live: { pollSeconds: 0.05, holdSeconds: 0 },
    seed: 1,
    recordVectors: false,
    policy: DEFAULT_POLICY,
  };
  const stop = new AbortController();
  const modules = { ...clocks, logger: pino({ level: 'silent' }) };
  const telemetry = await openTelemetry(config, { seed: 1 }, modules, stop.signal);
  try {
    const site = telemetry.site('edge-v1');
    if (site === null) throw new Error('no rows');
    return site;
  } finally {
    await telemetry.close();
  }
}

describe.each(['events', 'watch'] as const)('labels in the state folder (telemetry.%s)', (way) => {
  it('teach exactly as the same rows of telemetry.incidents do', async () => {
    const site = await siteWith(exact, way);
    const plain = await prepareSite(events, known, { trainUntil, seed: 1 });
    expect(site.incidents.length).toBe(known.length);
    for (const part of ['incidents', 'familiar', 'novel'] as const)
      expect(site[part].rows).toEqual(plain[part].rows);
  });

  it('a benign one leaves its events what they are without any label', async () => {
    const benign = statement({ from: 0, to: 8 * DAY_MS, source: known[0]?.srcHost ?? '', verdict: 'benign' });
    const left = known.filter(({ srcHost }) => srcHost !== benign.source);
    expect(left.length).toBeGreaterThan(0);
    const site = await siteWith([...exact, benign], way);
    const plain = await prepareSite(events, left, { trainUntil, seed: 1 });
    for (const part of ['incidents', 'familiar', 'novel'] as const)
      expect(site[part].rows).toEqual(plain[part].rows);
  });
});
