import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { describe, expect, it } from 'vitest';
import type { Bench } from '../bench.ts';
import type { BenchResult } from '../result.ts';
import { rowOf } from '../statistics.ts';
import { judge } from '../targets.ts';
import { figure } from './figures.ts';
import { renderMarkdown } from './markdown.ts';
import { linearScale, logScale } from './scale.ts';
import { renderSvg } from './svg.ts';
import { writeResult } from './write.ts';

const BENCH: Bench = {
  name: 'sample',
  targets: [
    { of: 'fast_ms', must: 'at most', value: 3 },
    { of: 'slow_ms', must: 'at most', value: 30 },
    { of: 'slow / fast', must: 'at least', value: 20 },
    { of: 'gone_ms', must: 'at most', value: 1 },
  ],
  charts: [
    {
      title: 'Time <of & one>',
      unit: 'ms',
      scale: 'log',
      bars: [
        { row: 'fast_ms', label: 'fast "one"', kind: 'ours' },
        { row: 'slow_ms', label: 'slow', kind: 'other' },
        { row: 'gone_ms', label: 'gone', kind: 'other' },
      ],
    },
  ],
  run: () => Promise.reject(new Error('not run here')),
};

const RESULT: BenchResult = {
  bench: 'sample',
  commit: 'abc',
  machine: { cpu: 'cpu', cores: 2, memoryGb: 8, system: 'Linux', node: 'v24' },
  rows: [rowOf('fast_ms', 'ms', [1, 2, 3], 'a note'), rowOf('slow_ms', 'ms', [90, 100])],
  ratios: [{ name: 'slow / fast', value: 47.5 }],
  skipped: [{ name: 'peer', why: 'not installed' }],
};

describe('targets', () => {
  it('are met, missed or not measured', () => {
    expect(judge(BENCH.targets, RESULT).map(({ met }) => met)).toEqual([true, false, true, null]);
  });
});

describe('the page', () => {
  const text = renderMarkdown(BENCH, 'a sample', RESULT);

  it('marks a missed target as missed', () => {
    expect(text).toMatch(/`slow_ms` +\| at most 30 +\| +95\.0 \| \*\*missed\*\*/);
    expect(text).toMatch(/`fast_ms` +\| at most 3 +\| +2\.00 \| met/);
    expect(text).toMatch(/`gone_ms` .* not measured/);
  });

  it('has every row with its figures, notes, ratios and what was skipped', () => {
    expect(text).toMatch(/`fast_ms` +\| ms +\| +2\.00 \| +1\.00 \| +3\.00 \| +3 \| \[1\]/);
    expect(text).toContain('1. a note');
    expect(text).toMatch(/`slow \/ fast` +\| +47\.5/);
    expect(text).toContain('- `peer`: not installed');
  });

  it('is already as the formatter would write it', async () => {
    const options = { parser: 'markdown', printWidth: 110, singleQuote: true };
    expect(await prettier.format(text, options)).toBe(text);
  });
});

describe('the chart', () => {
  const svg = renderSvg(BENCH, RESULT);

  it('draws the rows that were measured, escaped, with targets, marks and unit', () => {
    expect(svg.match(/<rect class="(ours|other)"/g)).toHaveLength(2);
    expect(svg.match(/class="target"/g)).toHaveLength(2);
    expect(svg).toContain('Time &lt;of &amp; one&gt;');
    expect(svg).toContain('fast &quot;one&quot;');
    expect(svg).toContain('ms, logarithmic');
    expect(svg).not.toContain('gone');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('has colours for dark pages too', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
  });
});

describe('scales', () => {
  it('begin a linear axis at zero and end it at a round number', () => {
    const { marks, place } = linearScale([3.2, 47]);
    expect(marks).toEqual([0, 10, 20, 30, 40, 50]);
    expect([place(0), place(25), place(50)]).toEqual([0, 0.5, 1]);
  });

  it('put powers of ten on a logarithmic axis', () => {
    const { marks, place } = logScale([0.5, 700]);
    expect(marks).toEqual([0.1, 1, 10, 100, 1000]);
    expect(place(10)).toBeCloseTo(0.5);
  });

  it('leave a bar some length where all values are one power of ten', () => {
    const { marks, place } = logScale([10, 10]);
    expect(marks).toEqual([1, 10]);
    expect(place(10)).toBe(1);
  });
});

describe('figures', () => {
  it('have three significant digits and no exponent', () => {
    expect([0, 0.01234, 0.5, 3.21059, 32.1059, 321.059, 32105.9].map(figure)).toEqual([
      '0',
      '0.0123',
      '0.500',
      '3.21',
      '32.1',
      '321',
      '32,106',
    ]);
  });
});

describe('writing', () => {
  it('leaves page, chart and the very object', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cordon-bench-'));
    try {
      const paths = await writeResult(join(folder, 'new'), BENCH, 'a sample', RESULT);
      expect(paths.map((path) => path.slice(folder.length + 5))).toEqual([
        'sample.json',
        'sample.md',
        'sample.svg',
      ]);
      expect(JSON.parse(readFileSync(paths[0] ?? '', 'utf8'))).toEqual(RESULT);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
