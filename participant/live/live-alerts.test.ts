import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { NOVELTY } from '../../test/alerted-site.ts';
import { logon } from '../../test/auth-event.ts';
import { NOW } from '../../test/followed-folder.ts';
import { noIncidents } from '../../test/no-incidents.ts';
import { quietLogger } from '../../test/running-coordinator.ts';
import { ALERTS_FILE, readAlerts } from '../alerts/alert-file.ts';
import { AlertDesk } from '../alerts/alert-desk.ts';
import { AlertStore } from '../alerts/alert-store.ts';
import { Suppressions } from '../alerts/suppression-book.ts';
import { CHECKPOINT_FILE } from './checkpoint.ts';
import { LiveSite } from './live-site.ts';
import { liveMetrics } from './metrics.ts';
import { storedSite } from './stored-site.ts';

/** The last hour before `NOW`, in hours. */
const LAST = NOW / 3_600_000 - 1;
let record = 0;
const line = (hours: number, from: string, to: string, account = 'ann@x'): string =>
  formatEvent({ ...logon(hours, from, to, account), source: { dataset: 'd', record: record++, uid: '' } });
const history = (): string =>
  Array.from({ length: 72 }, (_, i) => line(LAST - 73 + i, `pc${i % 5}`, 'srv', `u${i % 5}@x`)).join('');

const poll = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A live site over `root/logs` with its alerts, running; `logged` is what it has told. */
async function start(root: string) {
  const logged: string[] = [];
  const logger = quietLogger(logged);
  mkdirSync(join(root, 'logs'), { recursive: true });
  mkdirSync(join(root, 'alerts'), { recursive: true });
  const clocks = { now: () => NOW, elapsed: () => performance.now() };
  const made: AlertDesk[] = [];
  const site = await LiveSite.open(
    {
      watch: join(root, 'logs'),
      state: join(root, 'state'),
      incidents: noIncidents,
      trainUntil: null,
      learning: { seed: 1 },
      pollMs: 10,
      holdMs: 10,
      checkpointMs: 50,
      alerts: (followed) => {
        const desk = new AlertDesk(
          { member: 'acme', perDay: 1, mostPerDay: 10, features: 'edge-v1' },
          {
            store: AlertStore.open(join(root, 'alerts'), 'acme', clocks.now),
            suppressions: new Suppressions(root),
            labels: () => noIncidents.index,
            site: () => followed.site(),
            since: () => followed.twin.sizes().first,
            accountSince: () => null,
            logger,
          },
        );
        made.push(desk);
        return desk;
      },
    },
    clocks,
    logger,
  );
  const [desk] = made;
  if (desk === undefined) throw new Error('no desk');
  desk.useModel(NOVELTY);
  const registry = liveMetrics(site, null, clocks, desk);
  const stopper = new AbortController();
  const idle = Promise.withResolvers<void>();
  const running = site.run(stopper.signal, idle.resolve);
  const stop = async (): Promise<void> => {
    stopper.abort();
    await running;
  };
  stops.push(stop);
  await idle.promise;
  return { desk, registry, logged, stop };
}

const raised = (root: string) => readAlerts(join(root, 'alerts')).map(({ srcHost }) => srcHost);

describe('a live site that raises alerts', () => {
  it('raises none of what was there before, and of what comes; metrics show both', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.path('logs'));
    const log = folder.path('logs/a.jsonl');
    writeFileSync(log, history());
    const { desk, registry, stop } = await start(folder.root);
    expect(raised(folder.root)).toEqual([]);
    // A checkpoint says from when on alerts are raised.
    expect((await storedSite(folder.path(`state/${CHECKPOINT_FILE}`), 'edge-v1'))?.state.alerts?.armed).toBe(
      true,
    );
    appendFileSync(log, line(LAST, 'pc1', 'new1', 'u3@x') + line(LAST, 'pc2', 'srv', 'u2@x'));
    await poll(() => raised(folder.root)).toEqual(['pc1']);
    await poll(() => desk.counts.scored).toBe(74);
    const body = await registry.metrics();
    expect(body).toContain('cordon_scored_events_total 74');
    expect(body).toContain('cordon_alerts_total 1');
    expect(body).toContain('cordon_alerts_withheld_total{reason="suppressed"} 0');
    expect(body).toMatch(/cordon_alert_threshold [\d.]+/);
    expect(body).toContain('cordon_score_delay_seconds_count 74');
    await stop();
    const again = await start(folder.root);
    appendFileSync(log, line(LAST, 'pc1', 'new2', 'u3@x') + line(LAST, 'pc4', 'new3', 'u3@x'));
    await poll(() => raised(folder.root)).toEqual(['pc1', 'pc4']);
    expect(readAlerts(folder.path('alerts'))[0]?.number).toBe(1);
    expect(again.desk.threshold).toBe(desk.threshold);
  });

  it('writes no checkpoint past an alert that could not be written, and writes it once it can', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.path('logs'));
    const log = folder.path('logs/a.jsonl');
    writeFileSync(log, history());
    const { desk, logged, stop } = await start(folder.root);
    // In the place of the file there is something that no line can be written to.
    mkdirSync(folder.path(`alerts/${ALERTS_FILE}`));
    appendFileSync(log, line(LAST, 'pc1', 'new1', 'u3@x'));
    await poll(() => logged.filter((text) => text.includes('alerts cannot be written')).length).toBe(1);
    await poll(() => logged.some((text) => text.includes('no checkpoint could be written'))).toBe(true);
    const kept = await storedSite(folder.path(`state/${CHECKPOINT_FILE}`), 'edge-v1');
    expect(kept?.state.pipeline.counts.events.auth).toBe(72);
    rmSync(folder.path(`alerts/${ALERTS_FILE}`), { recursive: true });
    await poll(() => existsSync(folder.path(`alerts/${ALERTS_FILE}`))).toBe(true);
    await poll(() => raised(folder.root)).toEqual(['pc1']);
    expect(desk.counts.raised).toBe(1);
    await sleep(1);
    await stop();
    const last = await storedSite(folder.path(`state/${CHECKPOINT_FILE}`), 'edge-v1');
    expect(last?.state.pipeline.counts.events.auth).toBe(73);
  });
});
