import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EDGE_V1 } from '../../participant/features/edge-v1.ts';
import { FEDERATION } from '../../participant/features/edge-v2.ts';

test.each([
  ['edge-v1', EDGE_V1, 0],
  ['edge-v2', FEDERATION, EDGE_V1.length],
] as const)(
  'docs/features.md lists the features of %s as they are, in their order',
  (set, features, first) => {
    const text = readFileSync(new URL('../../docs/features.md', import.meta.url), 'utf8');
    const section = text.split(`## ${set}\n`)[1]?.split('\n## ')[0] ?? '';
    const rows = section
      .split('\n')
      .filter((line) => /^\| +\d+ \|/.test(line))
      .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')));
    expect(rows.map(([, place, name, range, meaning]) => [place, name, range, meaning])).toEqual(
      features.map(({ name, range, meaning }, place) => [
        String(first + place),
        `\`${name}\``,
        `${range[0]} to ${range[1]}`,
        meaning,
      ]),
    );
  },
);
