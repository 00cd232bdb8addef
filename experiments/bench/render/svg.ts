import type { Bar, Bench, Chart, Target } from '../bench.ts';
import type { BenchResult, BenchRow } from '../result.ts';
import { figure, unitText } from './figures.ts';
import { linearScale, logScale, type Scale } from './scale.ts';

const WIDTH = 860;
const MARGIN = 24;
const LABELS = 290;
const VALUES = 90;
const BAR = 18;
const PITCH = 28;
const TITLE = 34;
const AXIS = 52;

/** Light and dark, on a ground of its own, so that it reads on any page. */
const STYLE = `
  .ground { fill: #ffffff; } text { fill: #1f2328; font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
  .title { font-weight: 600; font-size: 15px; } .small { fill: #59636e; font-size: 12px; }
  .grid { stroke: #d1d9e0; } .whisker { stroke: #1f2328; stroke-opacity: .55; }
  .ours { fill: #0969da; } .other { fill: #9a6700; } .floor { fill: #818b98; } .target { stroke: #cf222e; stroke-width: 2.5; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } text { fill: #f0f6fc; } .small { fill: #9198a1; } .grid { stroke: #3d444d; }
    .whisker { stroke: #f0f6fc; } .ours { fill: #4493f8; } .other { fill: #d29922; } .floor { fill: #656c76; } .target { stroke: #ff7b72; }
  }`;

interface DrawnBar {
  readonly bar: Bar;
  readonly row: BenchRow;
  readonly target: Target | undefined;
}

/** One panel a chart, one bar a row: its median, a whisker from least to greatest run, a red mark where a target is. */
export function renderSvg(bench: Bench, result: BenchResult): string {
  let y = MARGIN;
  const panels = bench.charts.flatMap((chart) => {
    const drawn = barsOf(chart, bench, result);
    if (drawn.length === 0) return [];
    const top = y;
    y += TITLE + drawn.length * PITCH + AXIS;
    return [panel(chart, drawn, top)];
  });
  const legend = `<text class="small" x="${MARGIN}" y="${y}">Bar: median. Whisker: least to greatest run. Red mark: target. ${escape(`Commit ${result.commit}, ${result.machine.cores} cores of ${result.machine.cpu}.`)}</text>`;
  const height = y + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(`Figures of the bench ${bench.name}`)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>`,
    ...panels,
    legend,
    '</svg>',
    '',
  ].join('\n');
}

function barsOf({ bars, unit }: Chart, { targets }: Bench, { rows }: BenchResult): DrawnBar[] {
  return bars.flatMap((bar) => {
    const row = rows.find(({ name }) => name === bar.row);
    const target = targets.find(({ of }) => of === bar.row);
    return row !== undefined && row.unit === unit ? [{ bar, row, target }] : [];
  });
}

function panel(chart: Chart, drawn: readonly DrawnBar[], top: number): string {
  const values = drawn.flatMap(({ row, target }) => [
    row.min,
    row.max,
    row.median,
    target?.value ?? row.median,
  ]);
  const scale = chart.scale === 'log' ? logScale(values) : linearScale(values);
  const start = MARGIN + LABELS;
  const length = WIDTH - MARGIN - VALUES - start;
  const at = (value: number) => round(start + length * Math.min(1, Math.max(0, scale.place(value))));
  const first = top + TITLE;
  const bottom = first + drawn.length * PITCH;
  return [
    `<g><text class="title" x="${MARGIN}" y="${top + 16}">${escape(chart.title)}</text>`,
    axis(chart, scale, { start, length, first, bottom, at }),
    ...drawn.map((one, i) => barMarks(one, first + i * PITCH + (PITCH - BAR) / 2, start, at)),
    '</g>',
  ].join('\n');
}

interface Frame {
  readonly start: number;
  readonly length: number;
  readonly first: number;
  readonly bottom: number;
  readonly at: (value: number) => number;
}

function axis(
  { unit, scale: kind }: Chart,
  scale: Scale,
  { start, length, first, bottom, at }: Frame,
): string {
  const marks = scale.marks.map(
    (mark) =>
      `<line class="grid" x1="${at(mark)}" x2="${at(mark)}" y1="${first}" y2="${bottom}"/>` +
      `<text class="small" x="${at(mark)}" y="${bottom + 15}" text-anchor="middle">${mark.toLocaleString('en-US', { maximumFractionDigits: 6 })}</text>`,
  );
  const name = `${unitText(unit)}${kind === 'log' ? ', logarithmic' : ''}`;
  return `${marks.join('\n')}\n<text class="small" x="${round(start + length / 2)}" y="${bottom + 31}" text-anchor="middle">${name}</text>`;
}

function barMarks(
  { bar, row, target }: DrawnBar,
  y: number,
  start: number,
  at: (value: number) => number,
): string {
  const middle = y + BAR / 2;
  const end = Math.max(at(row.median), start + 1);
  const parts = [
    `<text x="${start - 10}" y="${middle + 4.5}" text-anchor="end">${escape(bar.label)}</text>`,
    `<rect class="${bar.kind}" x="${start}" y="${y}" width="${round(end - start)}" height="${BAR}" rx="2"><title>${escape(`${row.name}: ${row.median} ${unitText(row.unit)}`)}</title></rect>`,
  ];
  if (row.max > row.min) {
    parts.push(
      `<line class="whisker" x1="${at(row.min)}" x2="${at(row.max)}" y1="${middle}" y2="${middle}" stroke-width="1.5"/>`,
    );
  }
  let right = Math.max(end, at(row.max));
  if (target !== undefined) {
    const x = at(target.value);
    parts.push(`<line class="target" x1="${x}" x2="${x}" y1="${y - 3}" y2="${y + BAR + 3}"/>`);
    if (x > right && x < right + 60) right = x;
  }
  parts.push(`<text x="${round(right + 7)}" y="${middle + 4.5}">${figure(row.median)}</text>`);
  return parts.join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
