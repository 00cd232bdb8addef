import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { link, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { StoredBlob } from '../../../coordinator/store/blob-reader.ts';
import { addChunk, createAccumulator, packedSum } from '../../../crypto/public/accumulator.ts';
import type { BenchContext } from '../bench.ts';
import type { BenchRow } from '../result.ts';
import { rowOf } from '../statistics.ts';
import type { AnsweredRound } from './answered-round.ts';
import type { Contribution } from './contribution.ts';
import type { SumMeasured } from './memory-child.ts';

const CHILD = fileURLToPath(new URL('./memory-child.ts', import.meta.url));
const run = promisify(execFile);

/**
 * Resident memory and processor time of `sumUploads` over real files, each run in a process of its own. The files of many
 * members are hard links to those of a few: memory and work are the same, the disk needs less.
 * @param sizes numbers of members
 */
export async function coordinatorMemory(
  answered: AnsweredRound,
  sizes: readonly number[],
  runs: number,
  folder: string,
  { say, signal }: Pick<BenchContext, 'say' | 'signal'>,
): Promise<BenchRow[]> {
  const distinct = answered.contributions;
  const paths = distinct.map(({ member }) => join(folder, `${member}.blob`));
  for (const [i, { chunks, sealed }] of distinct.entries()) {
    await writeFile(paths[i] ?? '', Buffer.concat([...chunks, ...sealed]));
  }
  const samples = new Map(sizes.map((members) => [members, [] as SumMeasured[]]));
  for (let time = 0; time < runs; time++) {
    for (const members of sizes) {
      say(`Run ${time + 1}/${runs}: coordinator's memory with ${members} uploads`);
      const list = await sourcesFile(distinct, paths, members, folder);
      const { stdout } = await run(process.execPath, [CHILD, list], { signal });
      const measured = JSON.parse(stdout) as SumMeasured;
      if (measured.sumHash !== sumHash(distinct, members))
        throw new Error(`the sum of ${members} uploads is wrong`);
      samples.get(members)?.push(measured);
    }
  }
  return [...samples].flatMap(([members, list]) => rowsOf(members, distinct.length, list));
}

function rowsOf(members: number, distinct: number, list: readonly SumMeasured[]): BenchRow[] {
  const files = members > distinct ? `; hard links to ${distinct} distinct files` : '';
  return [
    rowOf(
      `coordinator.peak_mb.${members}`,
      'mb',
      list.map(({ peakBytes }) => peakBytes / 1e6),
      `greatest resident memory over the baseline of a process that sums ${members} uploads from disk${files}`,
    ),
    rowOf(
      `coordinator.sum_ms_per_member.${members}`,
      'ms',
      list.map(({ cpuMs }) => cpuMs / members),
      `the same process: read, hash again, add; per upload${files}`,
    ),
  ];
}

async function sourcesFile(
  distinct: readonly Contribution[],
  paths: readonly string[],
  members: number,
  folder: string,
): Promise<string> {
  const sources: StoredBlob[] = [];
  for (let i = 0; i < members; i++) {
    const original = i % distinct.length;
    const path = i < distinct.length ? (paths[i] ?? '') : join(folder, `link-${i}.blob`);
    if (i >= distinct.length) await link(paths[original] ?? '', path).catch(ignoreExisting);
    const manifest = distinct[original]?.manifest;
    if (manifest !== undefined) sources.push({ path, manifest: { ...manifest, member: `org-${i + 1}` } });
  }
  const list = join(folder, `sources-${members}.json`);
  await writeFile(list, JSON.stringify(sources));
  return list;
}

/** The links of an earlier run serve again. */
function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}

/** What the child must come to, added up in memory. */
function sumHash(distinct: readonly Contribution[], members: number): string {
  const hash = createHash('sha256');
  for (let chunk = 0; chunk < (distinct[0]?.chunks.length ?? 0); chunk++) {
    const accumulator = createAccumulator();
    for (let i = 0; i < members; i++) {
      addChunk(accumulator, distinct[i % distinct.length]?.chunks[chunk] ?? new Uint8Array());
    }
    hash.update(packedSum(accumulator));
  }
  return hash.digest('hex');
}
