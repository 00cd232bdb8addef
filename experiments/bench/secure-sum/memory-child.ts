/**
 * A process of its own that sums uploads from disk as the coordinator does, so that its resident memory is that of the
 * sum alone: `node memory-child.ts SOURCES.json` prints one JSON object.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { sumUploads } from '../../../coordinator/aggregation/sum-uploads.ts';
import type { StoredBlob } from '../../../coordinator/store/blob-reader.ts';

/** What the child prints. */
export interface SumMeasured {
  /** Greatest resident memory in bytes, less what the process had before it began; compiling code counts. */
  readonly peakBytes: number;
  readonly cpuMs: number;
  /** SHA-256 over the packed chunks of the sum, hex. */
  readonly sumHash: string;
}

async function sum(path: string): Promise<SumMeasured> {
  const sources = JSON.parse(await readFile(path, 'utf8')) as StoredBlob[];
  const chunks = sources[0]?.manifest.chunks ?? 0;
  const hash = createHash('sha256');
  // Linux: the high-water mark of this process begins anew. (The one of getrusage would be the parent's.)
  await writeFile('/proc/self/clear_refs', '5').catch(() => undefined);
  const baseline = process.memoryUsage.rss();
  let peak = baseline;
  const started = process.cpuUsage();
  await sumUploads(sources, chunks, (_index, packed) => {
    hash.update(packed);
    peak = Math.max(peak, process.memoryUsage.rss());
    return Promise.resolve();
  });
  const { user, system } = process.cpuUsage(started);
  return {
    peakBytes: Math.max(peak, await highWater()) - baseline,
    cpuMs: (user + system) / 1000,
    sumHash: hash.digest('hex'),
  };
}

/** Greatest resident memory in bytes as the kernel saw it, also between two chunks; 0 where there is no such record. */
async function highWater(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

process.stdout.write(`${JSON.stringify(await sum(process.argv[2] ?? ''))}\n`);
