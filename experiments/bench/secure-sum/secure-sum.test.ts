import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BenchContext, Measured } from '../bench.ts';
import { CHARTS, TARGETS } from './charts.ts';
import { runSecureSum } from './secure-sum.ts';

const context: BenchContext = {
  runs: 1,
  data: null,
  version: '0',
  say: () => undefined,
  signal: new AbortController().signal,
};

describe('the bench secure-sum, small', () => {
  let measured: Measured;
  beforeAll(async () => {
    measured = await runSecureSum(context, {
      side: 120,
      committeeLength: 5000,
      contributors: [3, 10],
      uploads: [10, 25],
      peers: false,
      runs: 1,
      warmUp: 0,
    });
  }, 120_000);

  it('has the rows that are asked for by name', () => {
    const names = measured.rows.map(({ name }) => name);
    for (const name of [
      'member.encrypt_ms',
      'member.quantise_ms',
      'member.share_ms',
      'member.upload_mb',
      'member.download_mb',
      'coordinator.add_ms',
      'coordinator.open_ms',
      'committee.answer_ms.10',
      'coordinator.peak_mb.10',
      'seal.bfv_encrypt_ms',
      'seal.bfv_mb',
      'seal.bfv_zstd_mb',
      'seal.bfv_add_ms',
      'seal.bfv_open_ms',
      'seal.ckks_encrypt_ms',
      'seal.ckks_mb',
      'secaggplus.mask_ms_per_neighbour',
      'float.sum_ms',
    ]) {
      expect(names).toContain(name);
    }
    expect(new Set(names).size).toBe(names.length);
  });

  it('has a positive median within its least and greatest run in every row', () => {
    for (const { name, median, min, max, runs } of measured.rows) {
      expect(median, name).toBeGreaterThan(0);
      expect(min, name).toBeLessThanOrEqual(median);
      expect(max, name).toBeGreaterThanOrEqual(median);
      expect(runs, name).toBeGreaterThanOrEqual(1);
    }
  });

  it('has ratios that are the quotients of its rows', () => {
    const median = (name: string) => measured.rows.find((row) => row.name === name)?.median ?? NaN;
    expect(measured.ratios.map(({ name }) => name)).toContain('seal.bfv_encrypt_ms / member.encrypt_ms');
    for (const { name, value } of measured.ratios) {
      const [over = '', under = ''] = name.split(' / ');
      expect(value / (median(over) / median(under)), name).toBeCloseTo(1, 3);
    }
  });

  it('names the version of SEAL that the package pins', () => {
    const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
    const note = measured.rows.find(({ name }) => name === 'seal.bfv_mb')?.note;
    expect(note).toContain(`node-seal ${dependencies['node-seal']} `);
  });

  it('knows every row of its charts and targets, but for other sizes and the peers', () => {
    const known = new Set([...measured.rows, ...measured.ratios].map(({ name }) => name));
    const elsewhere = /^(tenseal|flower|openfhe|lattigo)\.|\.(50|1000)\b/;
    const asked = [
      ...CHARTS.flatMap(({ bars }) => bars.map(({ row }) => row)),
      ...TARGETS.map(({ of }) => of),
    ];
    expect(asked.filter((name) => !known.has(name) && !elsewhere.test(name))).toEqual([]);
  });
});
