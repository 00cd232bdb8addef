import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { Clocks } from './file-book.ts';
import type { LaneState } from './follower.ts';
import type { LiveSite } from './live-site.ts';
import type { Spool } from './spool.ts';

/** Lanes that are shown one by one. */
const MOST_LANES = 500;
/** A lane is silent when nothing has come for this many of its usual intervals, and for at least so long. */
const SILENT_INTERVALS = 20;
const SILENT_MS = 60_000;

/** Takes one reading of a gauge or counter. */
type Read = (set: (value: number, labels?: Record<string, string>) => void) => void;

/** Seconds from the time of an event to its score; finer where the target lies. */
const DELAYS = [0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 3, 5, 10, 30, 60, 300];

/** What a live site shows to Prometheus; all but the delays is read when it is asked for. */
export function liveMetrics(
  site: LiveSite,
  spool: Spool | null,
  clocks: Clocks,
  desk: AlertDesk | null = null,
): Registry {
  const registry = new Registry();
  const { pipeline, follower, twin } = site;
  const { counts } = pipeline;
  const { stats } = follower;
  const counter = (name: string, help: string, read: Read, labelNames: string[] = []): void => {
    const own = new Counter({
      name: `cordon_${name}_total`,
      help,
      labelNames,
      registers: [],
      collect() {
        this.reset();
        read((value, labels = {}) => this.inc(labels, value));
      },
    });
    registry.registerMetric(own);
  };
  const gauge = (name: string, help: string, read: Read, labelNames: string[] = []): void => {
    const own = new Gauge({
      name: `cordon_${name}`,
      help,
      labelNames,
      registers: [],
      collect() {
        this.reset();
        read((value, labels = {}) => this.set(labels, value));
      },
    });
    registry.registerMetric(own);
  };
  const lanes =
    (read: (lane: LaneState) => number): Read =>
    (set) => {
      for (const lane of [...follower.lanes.values()].slice(0, MOST_LANES))
        set(read(lane), { lane: lane.merge.name });
    };
  const seconds = (ms: number): number => ms / 1000;

  counter(
    'events',
    'Events taken, late ones included',
    (set) => {
      for (const [type, count] of Object.entries(counts.events)) set(count, { type });
    },
    ['type'],
  );
  counter('late', 'Events too far behind the newest to be given features', (set) => set(counts.late));
  counter('duplicates', 'Events dropped because their record was there before', (set) =>
    set(counts.duplicates),
  );
  counter('lines', 'Lines read by this process', (set) => set(stats.lines));
  counter('rejects', 'Records that could not be read, by this process', (set) => set(stats.rejects));
  counter('ahead', 'Events rejected because they are ahead of the clock', (set) => set(follower.ahead));
  counter('truncations', 'Files that became shorter or were replaced', (set) =>
    set(follower.losses.truncations),
  );
  counter('lost_bytes', 'Bytes that were gone before they were read', (set) =>
    set(Math.max(0, follower.losses.lostBytes)),
  );
  counter('feature_rows', 'Rows of features made by this process', (set) => set(site.rows));
  gauge('reject_ratio', 'Rejects among all records read by this process', (set) =>
    set(stats.rejects / Math.max(1, stats.records + stats.rejects)),
  );
  gauge('lag_seconds', 'Clock minus the newest event', (set) => {
    set(counts.newest === -Infinity ? NaN : seconds(clocks.now() - counts.newest));
  });
  counter(
    'lane_items',
    'Events, and facts about names, read of a lane by this process',
    (set) => lanes(({ items }) => items)(set),
    ['lane'],
  );
  gauge(
    'lane_lag_seconds',
    'Clock minus the newest event of a lane',
    (set) => {
      for (const { merge } of [...follower.lanes.values()].slice(0, MOST_LANES))
        if (merge.max !== -Infinity) set(seconds(clocks.now() - merge.max), { lane: merge.name });
    },
    ['lane'],
  );
  gauge(
    'lane_silent',
    '1 while a lane has been silent for far longer than usual',
    lanes((lane) => (isSilent(lane, clocks.elapsed()) ? 1 : 0)),
    ['lane'],
  );
  gauge('queue_items', 'Items read and not yet handed on', (set) => set(follower.queued));
  gauge('spool_bytes', 'Bytes of events on disk that came over HTTP', (set) => set(spool?.bytes ?? 0));
  gauge('checkpoint_age_seconds', 'Since the last checkpoint was on disk', (set) => {
    set(site.lastCheckpoint === null ? NaN : seconds(clocks.elapsed() - site.lastCheckpoint));
  });
  gauge(
    'twin_size',
    'What the twin holds',
    (set) => {
      const { hosts, accounts, accountEdges, hostEdges } = twin.sizes();
      for (const [kind, count] of Object.entries({ hosts, accounts, accountEdges, hostEdges }))
        set(count, { kind });
    },
    ['kind'],
  );
  if (desk !== null) {
    const { counts: alerts } = desk;
    counter('scored_events', 'Events scored by this process', (set) => set(alerts.scored));
    counter('alerts', 'Alerts raised by this process', (set) => set(alerts.raised));
    counter('alert_updates', 'Newer versions of alerts, by this process', (set) => set(alerts.updated));
    counter(
      'alerts_withheld',
      'Events above the threshold that raised nothing, by this process',
      (set) => {
        for (const reason of ['suppressed', 'dismissed', 'limited'] as const) set(alerts[reason], { reason });
      },
      ['reason'],
    );
    gauge('alert_threshold', 'Score that raises an alert; missing until there is one', (set) => {
      if (desk.threshold !== null) set(desk.threshold);
    });
    const delay = new Histogram({
      name: 'cordon_score_delay_seconds',
      help: 'From the time of an event to its score being there and its alert on disk',
      buckets: DELAYS,
      registers: [],
    });
    desk.onScored = (times) => {
      const now = clocks.now();
      for (const time of times) delay.observe(Math.max(0, seconds(now - time)));
    };
    registry.registerMetric(delay);
  }
  return registry;
}

/** Whether nothing has come for far longer than usual; a lane that came only once has no usual. */
export function isSilent(
  { lastItem, usualMs }: Pick<LaneState, 'lastItem' | 'usualMs'>,
  elapsed: number,
): boolean {
  return usualMs !== null && elapsed - lastItem > Math.max(SILENT_MS, SILENT_INTERVALS * usualMs);
}
