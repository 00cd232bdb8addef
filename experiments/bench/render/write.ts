import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import type { BenchResult } from '../result.ts';
import { renderMarkdown } from './markdown.ts';
import { renderSvg } from './svg.ts';

/** Writes `NAME.json`, `NAME.md` and, where the bench has charts, `NAME.svg` over what is there. @returns their paths */
export async function writeResult(
  folder: string,
  bench: Bench,
  title: string,
  result: BenchResult,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files: [extension: string, text: string][] = [
    ['json', `${JSON.stringify(result, null, 2)}\n`],
    ['md', renderMarkdown(bench, title, result)],
    ...(bench.charts.length > 0 ? [['svg', renderSvg(bench, result)] as [string, string]] : []),
  ];
  const paths = [];
  for (const [extension, text] of files) {
    const path = join(folder, `${bench.name}.${extension}`);
    await writeFile(path, text);
    paths.push(path);
  }
  return paths;
}
