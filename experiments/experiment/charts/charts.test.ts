import { describe, expect, it } from 'vitest';
import type { MethodResult } from '../method-result.ts';
import { type MetricRow, type Metrics, summarise } from '../metrics.ts';
import { figuresChart, learningChart } from './charts.ts';

const METHODS = ['local', 'federated'];
const rows: MetricRow[] = [1, 2, 3].flatMap((seed) =>
  METHODS.map((method, i) => ({
    seed,
    method,
    member: 'all',
    metric: 'ap',
    value: method === 'local' && seed === 3 ? null : 0.4 * i + 0.1 * seed,
  })),
);
const metrics: Metrics = {
  version: 1,
  experiment: 'x',
  hash: '',
  data: '',
  seeds: [1, 2, 3],
  methods: METHODS,
  summary: summarise(rows),
  differences: [],
  rows,
};

function result(seed: number, method: string, losses: number[], curve: MethodResult['curve']): MethodResult {
  const base = {
    version: 1,
    hash: '',
    commit: '',
    figures: [],
    modelHash: null,
    encrypted: null,
    ms: 0,
  } as const;
  return { ...base, figures: [], seed, method, losses, curve };
}

const numbers = (svg: string, pattern: RegExp) =>
  [...svg.matchAll(pattern)].map(([, value]) => Number(value));

describe('the figures of methods as a drawing', () => {
  it('have a dot a seed where there is a value, and the mean at its place on the axis', () => {
    const svg = figuresChart(metrics) ?? '';
    expect(numbers(svg, /class="seed" cx="([\d.]+)"/g)).toHaveLength(5);
    const at = numbers(svg, /cx="([\d.]+)" cy="[\d.]+" r="5"/g);
    const marks = numbers(svg, /class="grid" x1="([\d.]+)"/g);
    const [from, to] = [Math.min(...marks), Math.max(...marks)];
    const means = [0.15, 0.6];
    expect(at).toHaveLength(2);
    at.forEach((x, i) => expect((x - from) / (to - from)).toBeCloseTo(means[i] ?? NaN, 3));
  });

  it('are none where no figure is defined', () => {
    expect(figuresChart({ ...metrics, summary: [], rows: [] })).toBeNull();
  });

  it('say no mark-up that is in a name', () => {
    const odd = (one: MetricRow) => ({ ...one, method: '<b>"&' });
    const named = rows.map(odd);
    const svg =
      figuresChart({ ...metrics, methods: ['<b>"&'], rows: named, summary: summarise(named) }) ?? '';
    expect(svg).toContain('&lt;b&gt;&quot;&amp;');
    expect(svg).not.toContain('<b>');
  });
});

describe('learning as a drawing', () => {
  it('is the mean over the seeds with the least and greatest, where a figure is defined', () => {
    const svg =
      learningChart(METHODS, [
        result(1, 'federated', [4, 2], [{ round: 1, ap: null, memberRecall: null }]),
        result(2, 'federated', [2, 1], [{ round: 1, ap: null, memberRecall: null }]),
        result(1, 'local', [], []),
      ]) ?? '';
    expect(svg).toContain('Training loss by round');
    expect(svg).not.toContain('Average precision by round');
    const [points = ''] = [...svg.matchAll(/polyline class="line" points="([^"]+)"/g)].map(
      ([, list]) => list,
    );
    const ys = points.split(' ').map((point) => Number(point.split(',')[1]));
    const axis = numbers(svg, /class="grid" x1="[\d.]+" x2="[\d.]+" y1="([\d.]+)"/g);
    const [top, bottom] = [Math.min(...axis), Math.max(...axis)];
    // The axis ends at 4, the greatest of the seeds; the means are 3 and 1.5.
    expect(ys.map((y) => ((bottom - y) / (bottom - top)) * 4)).toEqual([
      expect.closeTo(3, 2) as number,
      expect.closeTo(1.5, 2) as number,
    ]);
  });

  it('is none without rounds', () => {
    expect(learningChart(METHODS, [result(1, 'local', [], [])])).toBeNull();
  });
});
