import type { Chart, Target } from '../bench.ts';

export const TARGETS: readonly Target[] = [
  { of: 'features.events_per_s', must: 'at least', value: 500_000 },
  { of: 'lanl_gz.events_per_s', must: 'at least', value: 300_000 },
  { of: 'rss_mb', must: 'at most', value: 2000 },
];

export const CHARTS: readonly Chart[] = [
  {
    title: 'A gzipped authentication log, a second of processor time',
    unit: 'events/s',
    scale: 'log',
    bars: [
      { row: 'all.events_per_s', label: 'all: merge, twin, features', kind: 'ours' },
      { row: 'lanl_gz.events_per_s', label: 'to features', kind: 'ours' },
      { row: 'parse.events_per_s', label: 'to events', kind: 'ours' },
      { row: 'lines.events_per_s', label: 'to lines', kind: 'ours' },
      { row: 'gunzip.events_per_s', label: 'decompressed (Node)', kind: 'floor' },
      { row: 'duckdb.events_per_s', label: 'DuckDB alone: pairs of hosts', kind: 'other' },
    ],
  },
  {
    title: 'After reading, a second of processor time',
    unit: 'events/s',
    scale: 'log',
    bars: [
      { row: 'features.events_per_s', label: 'columns to features', kind: 'ours' },
      { row: 'twin.events_per_s', label: 'columns to the twin', kind: 'ours' },
      { row: 'columns.events_per_s', label: 'columns to events', kind: 'floor' },
    ],
  },
];

export const LONG_TARGETS: readonly Target[] = [{ of: 'rss_mb.100m', must: 'at most', value: 2000 }];

export const LONG_CHARTS: readonly Chart[] = [
  {
    title: 'Greatest resident memory, reading, twin and features',
    unit: 'mb',
    scale: 'linear',
    bars: [
      { row: 'rss_mb.10m', label: '10 million events', kind: 'ours' },
      { row: 'rss_mb.50m', label: '50 million events', kind: 'ours' },
      { row: 'rss_mb.100m', label: '100 million events', kind: 'ours' },
    ],
  },
];
