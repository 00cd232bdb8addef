import { linearScale } from '../../bench/render/scale.ts';
import type { Interval } from '../interval.ts';
import { MARGIN, WIDTH, colour, drawing, tenth, text } from './drawing.ts';

export interface IntervalPanel {
  readonly title: string;
  readonly rows: readonly IntervalRow[];
}

export interface IntervalRow {
  readonly name: string;
  readonly interval: Interval;
  /** One a seed. */
  readonly values: readonly number[];
}

const LABELS = 240;
const PITCH = 26;
const TITLE = 30;
const AXIS = 34;

/** A panel a figure, a row a method: a dot a seed, the mean, and its 95 % interval as far as it lies in 0..1. */
export function intervalChart(panels: readonly IntervalPanel[]): string {
  const start = MARGIN + LABELS;
  const length = WIDTH - 2 * MARGIN - LABELS;
  const parts: string[] = [];
  let y = MARGIN;
  for (const { title, rows } of panels) {
    const scale = linearScale([1, ...rows.flatMap(({ values }) => values)]);
    const at = (value: number) => tenth(start + length * Math.min(1, Math.max(0, scale.place(value))));
    const first = y + TITLE;
    const bottom = first + rows.length * PITCH;
    parts.push(text(MARGIN, y + 14, title, 'class="title"'));
    for (const mark of scale.marks) {
      parts.push(
        `<line class="grid" x1="${at(mark)}" x2="${at(mark)}" y1="${first}" y2="${bottom}"/>`,
        text(at(mark), bottom + 15, String(mark), 'class="small" text-anchor="middle"'),
      );
    }
    rows.forEach((row, place) =>
      parts.push(...rowMarks(row, place, first + (place + 0.5) * PITCH, start, at)),
    );
    y = bottom + AXIS;
  }
  parts.push(
    text(
      MARGIN,
      y,
      'Small dots: seeds. Large dot: mean. Bar: its 95 % interval (Student t).',
      'class="small"',
    ),
  );
  return drawing(y + MARGIN, 'Figures of the methods over all seeds', parts);
}

function rowMarks(
  { name, interval, values }: IntervalRow,
  place: number,
  y: number,
  start: number,
  at: (value: number) => number,
): string[] {
  const fill = colour(place);
  const { mean, low, high } = interval;
  const marks = [text(start - 10, y + 4.5, name, 'text-anchor="end"')];
  if (low !== null && high !== null) {
    marks.push(
      `<rect x="${at(low)}" y="${y - 3}" width="${tenth(Math.max(1, at(high) - at(low)))}" height="6" rx="2" fill="${fill}" opacity=".35"/>`,
    );
  }
  for (const value of values) {
    marks.push(`<circle class="seed" cx="${at(value)}" cy="${y}" r="2.5" fill="${fill}"/>`);
  }
  marks.push(
    `<circle cx="${at(mean)}" cy="${y}" r="5" fill="${fill}"><title>${mean.toFixed(4)}</title></circle>`,
  );
  return marks;
}
