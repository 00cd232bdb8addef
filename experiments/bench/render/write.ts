import { constants } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CordonError } from '../../../protocol/errors.ts';
import type { Bench } from '../bench.ts';
import type { BenchResult } from '../result.ts';
import { renderMarkdown } from './markdown.ts';
import { renderSvg } from './svg.ts';

/** Makes the folder where it is missing. @throws CordonError OUTPUT_EXISTS for a file, DATA_NOT_FOUND where nothing can be written to it */
export async function outputFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      const detail = { expected: `a folder: ${folder}`, got: 'a file', next: 'name a folder with --out' };
      throw new CordonError('OUTPUT_EXISTS', detail, { cause });
    }
    throw new CordonError(
      'DATA_NOT_FOUND',
      {
        expected: `a folder that can be made and written to: ${folder}`,
        got: cause instanceof Error ? cause.message : 'an error',
        next: 'name another folder with --out',
      },
      { cause },
    );
  }
}

/** Writes `NAME.json`, `NAME.md` and, where the bench has charts, `NAME.svg` over what is there. @returns their paths */
export async function writeResult(
  folder: string,
  bench: Bench,
  title: string,
  result: BenchResult,
): Promise<string[]> {
  await outputFolder(folder);
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
