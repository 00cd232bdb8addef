import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { logon } from '../../test/auth-event.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { statement } from '../../test/statement.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import type { ParticipantConfig } from '../config.ts';
import { DEFAULT_POLICY } from '../federation/site-policy.ts';
import { LABELS_FILE, addLabels } from '../labels/label-book.ts';
import { type Statement, makeLabel } from '../labels/label.ts';
import { openTelemetry } from '../live/open-telemetry.ts';
import type { SiteData } from '../train/site-data.ts';
import { openIncidents } from './load-incidents.ts';

const { events, truth } = syntheticSite({ seed: 4, people: 12, servers: 4, days: 8, campaigns: 3 });
const trainUntil = 6 * DAY_MS;
const clocks = { now: () => 1e12, elapsed: () => performance.now() };
const known = truth.filter(({ time }) => time < trainUntil);

const during = (said: Partial<Statement>): Statement => statement({ to: trainUntil, ...said });

const exact = known.map(({ time, account, srcHost, dstHost }) =>
  during({ from: time, to: time + 1, account, source: srcHost, destination: dstHost }),
);

/** A state folder and a folder of logs; participants on them until it is disposed of. */
class Site implements Disposable {
  readonly #folder = temporaryFolder();
  readonly state = this.#folder.path('state');

  constructor() {
    for (const name of ['logs', 'state']) mkdirSync(this.#folder.path(name));
    writeFileSync(this.#folder.path('logs/a.jsonl'), events.map(formatEvent).join(''));
  }

  async label(labels: readonly Statement[]): Promise<void> {
    const made = labels.map((said) => makeLabel(said, { by: 'ann', at: 1 }));
    await addLabels(this.state, made, true);
  }

  /** Lets a participant start and hands over what it gives to train on. */
  async run<T>(
    way: 'events' | 'watch',
    until: number | null,
    use: (site: () => SiteData) => T,
  ): Promise<Awaited<T>> {
    const config: ParticipantConfig = {
      member: 'acme',
      coordinator: 'http://127.0.0.1:1',
      key: 'k',
      roster: 'r',
      state: this.state,
      telemetry: { [way]: this.#folder.path('logs'), incidents: null, trainUntil: until },
      live: { pollSeconds: 0.05, holdSeconds: 0 },
      seed: 1,
      recordVectors: false,
      policy: DEFAULT_POLICY,
    };
    const stop = new AbortController();
    const modules = { ...clocks, logger: pino({ level: 'silent' }) };
    const telemetry = await openTelemetry(config, { seed: 1 }, modules, stop.signal);
    try {
      return await use(() => {
        const site = telemetry.site('edge-v1');
        if (site === null) throw new Error('no rows');
        return site;
      });
    } finally {
      await telemetry.close();
    }
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

/** The samples of a participant with these labels in its state folder, read once or followed. */
async function siteWith(labels: readonly Statement[], way: 'events' | 'watch'): Promise<SiteData> {
  using site = new Site();
  await site.label(labels);
  return await site.run(way, trainUntil, (now) => now());
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
    const benign = during({ from: 0, to: 8 * DAY_MS, source: known[0]?.srcHost ?? '', verdict: 'benign' });
    const left = known.filter(({ srcHost }) => srcHost !== benign.source);
    expect(left.length).toBeGreaterThan(0);
    const site = await siteWith([...exact, benign], way);
    const plain = await prepareSite(events, left, { trainUntil, seed: 1 });
    for (const part of ['incidents', 'familiar', 'novel'] as const)
      expect(site[part].rows).toEqual(plain[part].rows);
  });
});

/** Rows of the samples, in no order. */
function rowsOf({ incidents, familiar, novel, validation }: SiteData): string[][] {
  return [incidents, familiar, novel, validation.list].map((list) =>
    Array.from({ length: list.length }, (_, i) => list.row(i).join(' ')).toSorted(),
  );
}

describe('labels that come while logs are followed', () => {
  it('reach the events that are kept, while the participant runs and at its next start alike', async () => {
    using first = new Site();
    await first.label(exact);
    const wanted = rowsOf(await first.run('watch', null, (now) => now()));
    expect(wanted[0]).toHaveLength(exact.length);

    using running = new Site();
    await running.run('watch', null, async (now) => {
      expect(now().incidents.length).toBe(0);
      await running.label(exact);
      await vi.waitFor(() => expect(now().incidents.length).toBe(exact.length), { timeout: 20_000 });
      expect(rowsOf(now())).toEqual(wanted);
    });

    using restarted = new Site();
    expect(await restarted.run('watch', null, (now) => now().incidents.length)).toBe(0);
    await restarted.label(exact);
    expect(rowsOf(await restarted.run('watch', null, (now) => now()))).toEqual(wanted);
  });

  it('a label file that is damaged meanwhile changes nothing and ends nothing', async () => {
    using site = new Site();
    await site.label(exact);
    await site.run('watch', null, async (now) => {
      const file = join(site.state, LABELS_FILE);
      appendFileSync(file, 'damaged\n');
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(now().incidents.length).toBe(exact.length);
      writeFileSync(file, '');
      await vi.waitFor(() => expect(now().incidents.length).toBe(0), { timeout: 20_000 });
    });
    appendFileSync(join(site.state, LABELS_FILE), 'damaged\n');
    await expect(site.run('watch', null, () => 0)).rejects.toMatchObject({ code: 'ENCODING_INVALID' });
    await expect(site.run('events', null, () => 0)).rejects.toMatchObject({ code: 'ENCODING_INVALID' });
  });
});

describe('telemetry.incidents', () => {
  it('means any account or host where a detection names none, and one event where it names that alone', async () => {
    using folder = temporaryFolder();
    const source = { dataset: 'd', record: 1, uid: '' };
    const found = {
      type: 'detection',
      label: '',
      technique: '',
      srcHost: '',
      dstHost: '',
      account: '',
    } as const;
    const list = [
      { ...found, time: 7000, srcHost: 'x', technique: 'T1021', source },
      { ...found, time: 0, source: { ...source, uid: 'e1' } },
      { ...found, time: 9000, source },
    ];
    writeFileSync(folder.path('found.jsonl'), list.map(formatEvent).join(''));
    const index = await openIncidents({ incidents: folder.path('found.jsonl') });
    const at = (time: number, host: string, uid = ''): string | null =>
      index.campaignOf(logon(0, host, 'y', 'u', { time, source: { ...source, uid } }));
    expect([at(7900, 'x'), at(7900, 'z'), at(9000, 'x')]).toEqual(['T1021', null, null]);
    expect([at(5e9, 'z', 'e1'), at(5e9, 'z', 'e2')]).toEqual(['incident', null]);
  });
});
