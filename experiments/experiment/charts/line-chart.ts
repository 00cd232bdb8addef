import { linearScale } from '../../bench/render/scale.ts';
import { MARGIN, WIDTH, colour, drawing, tenth, text } from './drawing.ts';

export interface LinePanel {
  readonly title: string;
  readonly series: readonly Series[];
}

export interface Series {
  readonly name: string;
  /** Decides the colour. */
  readonly place: number;
  readonly points: readonly LinePoint[];
}

/** `low` and `high` are the least and the greatest of the seeds. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

const LEFT = 56;
const RIGHT = 200;
const HEIGHT = 220;
const TITLE = 30;
const AXIS = 50;

/** A panel a figure, a line a method over the rounds. */
export function lineChart(panels: readonly LinePanel[]): string {
  const parts: string[] = [];
  let y = MARGIN;
  for (const panel of panels) {
    parts.push(...panelMarks(panel, y));
    y += TITLE + HEIGHT + AXIS;
  }
  parts.push(text(MARGIN, y, 'Line: mean over the seeds. Band: least to greatest seed.', 'class="small"'));
  return drawing(y + MARGIN, 'Figures of the methods, round by round', parts);
}

function panelMarks({ title, series }: LinePanel, top: number): string[] {
  const points = series.flatMap((one) => one.points);
  const scaleX = linearScale(points.map(({ x }) => x));
  const scaleY = linearScale(points.map(({ high }) => high));
  const left = MARGIN + LEFT;
  const length = WIDTH - left - RIGHT;
  const first = top + TITLE;
  const x = (value: number) => tenth(left + length * scaleX.place(value));
  const y = (value: number) => tenth(first + HEIGHT * (1 - Math.max(0, scaleY.place(value))));
  return [
    text(MARGIN, top + 14, title, 'class="title"'),
    ...scaleY.marks.flatMap((mark) => [
      `<line class="grid" x1="${left}" x2="${left + length}" y1="${y(mark)}" y2="${y(mark)}"/>`,
      text(left - 8, y(mark) + 4, String(mark), 'class="small" text-anchor="end"'),
    ]),
    ...scaleX.marks.map((mark) =>
      text(x(mark), first + HEIGHT + 17, String(mark), 'class="small" text-anchor="middle"'),
    ),
    text(left + length / 2, first + HEIGHT + 34, 'round', 'class="small" text-anchor="middle"'),
    ...series.flatMap((one, place) => lineMarks(one, first + 16 + 20 * place, left + length + 16, x, y)),
  ];
}

function lineMarks(
  { name, place, points }: Series,
  legend: number,
  right: number,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const stroke = colour(place);
  const path = (list: readonly LinePoint[], of: (point: LinePoint) => number) =>
    list.map((point) => `${x(point.x)},${y(of(point))}`).join(' ');
  const band = `${path(points, ({ high }) => high)} ${path(points.toReversed(), ({ low }) => low)}`;
  return [
    `<polygon class="band" points="${band}" fill="${stroke}"/>`,
    `<polyline class="line" points="${path(points, (point) => point.y)}" stroke="${stroke}"/>`,
    `<line class="line" x1="${right}" x2="${right + 18}" y1="${legend - 4}" y2="${legend - 4}" stroke="${stroke}"/>`,
    text(right + 24, legend, name),
  ];
}
