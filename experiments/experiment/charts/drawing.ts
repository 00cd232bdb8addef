/** Width of every chart, in units of the drawing. */
export const WIDTH = 860;
export const MARGIN = 24;

/** Light and dark, on a ground of its own, so that it reads on any page. Colours that people who see few can tell apart. */
const STYLE = `
  .ground { fill: #ffffff; } text { fill: #1f2328; font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
  .title { font-weight: 600; font-size: 15px; } .small { fill: #59636e; font-size: 12px; } .grid { stroke: #d1d9e0; }
  .line { fill: none; stroke-width: 2; } .band { opacity: .15; } .seed { opacity: .45; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } text { fill: #f0f6fc; } .small { fill: #9198a1; } .grid { stroke: #3d444d; }
  }`;

const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c8c8c'];

/** The same for the same method in all charts of an experiment. */
export function colour(place: number): string {
  return COLOURS[place % COLOURS.length] ?? '';
}

/** A whole drawing around its parts. */
export function drawing(height: number, label: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(label)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

export function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${tenth(x)}" y="${tenth(y)}" ${more}>${escape(content)}</text>`;
}

/** Coordinates to a tenth, so that drawings are small and the same everywhere. */
export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

export function escape(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
