import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STATISTICS, type SketchShape } from './count-sketch.ts';
import { sketchPrivacy } from './sketch-privacy.ts';

const DELTA = 1e-6;
const SHAPE: SketchShape = { width: 4096, depth: 1, statistics: STATISTICS.slice(0, 3), cap: 1, sources: 1 };
const cost = (seconds: number, sigma: number, rounds = 1) =>
  sketchPrivacy({ rounds, period: { seconds }, sketch: SHAPE, noise: { sigma, shares: 2 } }, DELTA);

describe('what a sketch task costs', () => {
  it('is what docs/threat-model.md says, figure for figure', () => {
    const page = readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8');
    const rows = page
      .split('\n')
      .filter((line) => /^\|\s+[\d.]+ \|/.test(line))
      .map((line) => line.split('|').slice(1, -1).map(Number))
      .filter((row) => row.length === 5 && [1.5, 5, 20, 100, 400].includes(row[0] ?? 0));
    expect(rows).toHaveLength(5);
    for (const [sigma = 0, ...figures] of rows) {
      const years = [600, 3600, 86_400].map((seconds) => cost(seconds, sigma).yearEpsilon);
      const expected = [cost(3600, sigma).periodEpsilon, ...years];
      expect(figures).toEqual(expected.map((epsilon) => Number(epsilon.toPrecision(3))));
    }
  });

  it('grows with the periods of a run, and no further than a year', () => {
    const runs = [1, 10, 365, 366, 100_000].map((rounds) => cost(86_400, 20, rounds).runEpsilon);
    expect(runs.toSorted((a, b) => a - b)).toEqual(runs);
    expect(runs[2]).toBe(cost(86_400, 20).yearEpsilon);
    expect(runs[4]).toBe(runs[2]);
    expect(runs[0]).toBe(cost(86_400, 20).periodEpsilon);
  });

  it('is unbounded without noise, and where the noise of a share is too narrow to be counted', () => {
    const bare = sketchPrivacy({ rounds: 1, period: { seconds: 600 }, sketch: SHAPE, noise: null }, DELTA);
    expect([bare.rho, bare.periodEpsilon, bare.yearEpsilon]).toEqual([Infinity, Infinity, Infinity]);
    expect(cost(600, 0.6).periodEpsilon).toBe(Infinity);
  });
});
