import type { Bench } from '../bench.ts';
import type { BenchResult, BenchRow } from '../result.ts';
import { judge, type Verdict } from '../targets.ts';
import { figure, unitText } from './figures.ts';

/** The page that is committed beside the chart: rows, ratios, targets met and missed, what was skipped. */
export function renderMarkdown(bench: Bench, title: string, result: BenchResult): string {
  const { commit, machine } = result;
  const verdicts = judge(bench.targets, result);
  const notes = notesOf(result.rows);
  const parts = [
    `# ${bench.name}: ${title}`,
    `Commit ${commit} on ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}. Written by \`npm run bench -- ${bench.name} --out docs/benchmarks\`; how to read it: [README.md](README.md).`,
    ...(bench.charts.length > 0 ? [`![Bars of the figures below](${bench.name}.svg)`] : []),
    ...(verdicts.length > 0 ? ['## Targets', targetTable(verdicts)] : []),
    '## Figures',
    rowTable(result.rows, notes),
    ...(notes.length > 0 ? [notes.map((note, i) => `${i + 1}. ${note}`).join('\n')] : []),
    ...(result.ratios.length > 0 ? ['## Ratios', ratioTable(result)] : []),
    ...(result.skipped.length > 0
      ? ['## Skipped', result.skipped.map(({ name, why }) => `- \`${name}\`: ${why}`).join('\n')]
      : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Each note once, in the order of the rows. */
function notesOf(rows: readonly BenchRow[]): string[] {
  return [...new Set(rows.flatMap(({ note }) => note ?? []))];
}

function targetTable(verdicts: readonly Verdict[]): string {
  return grid(
    ['figure', 'must be', 'measured', ''],
    ['l', 'l', 'r', 'l'],
    verdicts.map(({ of, must, value, measured, met }) => [
      `\`${of}\``,
      `${must} ${value}`,
      measured === null ? '-' : figure(measured),
      met === null ? 'not measured' : met ? 'met' : '**missed**',
    ]),
  );
}

function rowTable(rows: readonly BenchRow[], notes: readonly string[]): string {
  return grid(
    ['row', 'unit', 'median', 'min', 'max', 'runs', 'note'],
    ['l', 'l', 'r', 'r', 'r', 'r', 'l'],
    rows.map(({ name, unit, median, min, max, runs, note }) => [
      `\`${name}\``,
      unitText(unit),
      ...[median, min, max].map(figure),
      String(runs),
      note === undefined ? '' : `[${notes.indexOf(note) + 1}]`,
    ]),
  );
}

function ratioTable({ ratios }: BenchResult): string {
  return grid(
    ['ratio', 'value'],
    ['l', 'r'],
    ratios.map(({ name, value }) => [`\`${name}\``, figure(value)]),
  );
}

/** A Markdown table with its columns padded, as the formatter of this repository writes them. */
function grid(
  head: readonly string[],
  align: readonly ('l' | 'r')[],
  body: readonly (readonly string[])[],
): string {
  const rows = [head, ...body];
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const padded = (row: readonly string[]) =>
    line(
      widths.map((width, column) =>
        align[column] === 'r' ? (row[column] ?? '').padStart(width) : (row[column] ?? '').padEnd(width),
      ),
    );
  const rule = line(
    widths.map((width, i) => (align[i] === 'r' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))),
  );
  return [padded(head), rule, ...body.map(padded)].join('\n');
}
