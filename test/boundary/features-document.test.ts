import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EDGE_V1 } from '../../participant/features/edge-v1.ts';

test('docs/features.md lists the features of edge-v1 as they are, in their order', () => {
  const text = readFileSync(new URL('../../docs/features.md', import.meta.url), 'utf8');
  const section = text.split('## edge-v1')[1]?.split('\n## ')[0] ?? '';
  const rows = section
    .split('\n')
    .filter((line) => /^\| +\d+ \|/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')));
  expect(rows.map(([, place, name, range, meaning]) => [place, name, range, meaning])).toEqual(
    EDGE_V1.map(({ name, range, meaning }, place) => [
      String(place),
      `\`${name}\``,
      `${range[0]} to ${range[1]}`,
      meaning,
    ]),
  );
});
