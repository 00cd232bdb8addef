import type { Chart, Target } from '../bench.ts';

export const TARGETS: readonly Target[] = [
  { of: 'one_log.1000.p95_ms', must: 'at most', value: 2000 },
  { of: 'eight_logs.1000.p95_ms', must: 'at most', value: 2000 },
  { of: 'large_site.1000.p95_ms', must: 'at most', value: 2000 },
];

export const CHARTS: readonly Chart[] = [
  {
    title: 'From the writing of a line to its alert on disk',
    unit: 'ms',
    scale: 'linear',
    bars: [
      { row: 'one_log.1000.p50_ms', label: '1,000/s, median', kind: 'other' },
      { row: 'one_log.1000.p95_ms', label: '1,000/s, p95', kind: 'ours' },
      { row: 'one_log.2000.p95_ms', label: '2,000/s, p95', kind: 'ours' },
      { row: 'one_log.5000.p95_ms', label: '5,000/s, p95', kind: 'ours' },
      { row: 'eight_logs.1000.p50_ms', label: '8 logs, 1,000/s, median', kind: 'other' },
      { row: 'eight_logs.1000.p95_ms', label: '8 logs, 1,000/s, p95', kind: 'ours' },
      { row: 'large_site.1000.p95_ms', label: '20,000 hosts, p95', kind: 'ours' },
    ],
  },
];
