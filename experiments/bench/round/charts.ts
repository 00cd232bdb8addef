import type { Chart, Target } from '../bench.ts';

export const TARGETS: readonly Target[] = [
  { of: 'encrypted/plaintext.wall', must: 'at most', value: 1.1 },
  { of: 'small.encrypted.wall_s', must: 'at most', value: 60 },
];

export const CHARTS: readonly Chart[] = [
  {
    title: 'Three rounds of ten members and a million parameters',
    unit: 's',
    scale: 'linear',
    bars: [
      { row: 'encrypted.wall_s', label: 'encrypted, batch 512', kind: 'ours' },
      { row: 'plaintext.wall_s', label: 'plaintext, batch 512', kind: 'floor' },
      { row: 'batch_64.encrypted.wall_s', label: 'encrypted, batch 64', kind: 'ours' },
      { row: 'batch_64.plaintext.wall_s', label: 'plaintext, batch 64', kind: 'floor' },
    ],
  },
];
